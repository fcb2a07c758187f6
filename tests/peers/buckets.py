"""The engine's client of buckets on servers that others made: S3 by moto, Google's storage by fake-gcs-server.

Modules are installed from both, too. Needs WINDLASS and BUCKET_CLIENT (paths of the binary and of the example bucket_client).
"""

import base64
import concurrent.futures
import http.server
import io
import json
import os
import pathlib
import subprocess
import tempfile
import threading
import urllib.parse
import zipfile

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from fake_gcs import FakeGcs
from moto_examples import Moto
from places import each

CLIENT = os.environ.get("BUCKET_CLIENT", "")
WINDLASS = os.environ.get("WINDLASS", "")
QUIET = {"PATH": os.environ["PATH"], "AWS_EC2_METADATA_DISABLED": "true", "NO_GCE_CHECK": "true"}
MODULE = 'output "value" {\n  value = "from the shelf"\n}\n'


def ask(environment, service, commands, bucket="shelf"):
    """Runs commands in one process; a list of answers."""
    environment = {**QUIET, **environment}
    lines = "".join(f"{command}\n" for command in commands)
    done = subprocess.run([CLIENT, service, bucket], input=lines, env=environment, capture_output=True, text=True, timeout=300)
    answers = done.stdout.splitlines()
    assert len(answers) == len(commands), f"{done.stdout}\n{done.stderr}"
    return answers


def expect(answers, *starts):
    for answer, start in zip(answers, starts, strict=True):
        assert answer.startswith(start), f"{answer!r} does not start with {start!r}"


def life(environment, service, write):
    """Objects come, change under conditions, and go. `write` puts an object by other means."""
    first = ask(environment, service, ["get a/b", "put a/b one absent", "put a/b two absent", "get a/b", "head a/b"])
    expect(first, "NotFound: ", "ok ", "PreconditionFailed: ", "ok one", "ok 3 ")
    version = first[1].removeprefix("ok ")
    assert first[4] == f"ok 3 {version}", first
    changes = [f"put a/b two unchanged {version}", f"put a/b three unchanged {version}", "get a/b", "put a/é+&=%20 x", "get a/é+&=%20"]
    expect(ask(environment, service, changes), "ok ", "PreconditionFailed: ", "ok two", "ok ", "ok x")
    for number in range(1100):
        write(f"many/{number:04}", b"x")
    expect(ask(environment, service, ["list many/", "list a/", "list none/"]), "ok 1100 many/0000,many/0001,many/0002", "ok 2 a/b", "ok 0 ")
    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        tries = [pool.submit(ask, environment, service, [f"put race {number} absent"]) for number in range(12)]
        answers = [attempt.result()[0] for attempt in tries]
    won = [answer for answer in answers if answer.startswith("ok")]
    assert len(won) == 1, answers
    assert all(answer.startswith(("ok", "PreconditionFailed")) for answer in answers), answers
    expect(ask(environment, service, ["delete a/b", "get a/b", "versioned"]), "ok", "NotFound: ", "ok false")
    expect(ask(environment, service, ["list x"], bucket="no-such-bucket-here"), "NoBucket: ")


def modules(environment, sources, write):
    """Modules are installed from an archive and from a folder, and give their outputs. `write` puts an object by other means."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("inner/main.tf", MODULE)
    write("m/packed.zip", packed.getvalue())
    for key in ("m/plain/inner/main.tf", "m/plain/main.tf", "m/plainer/main.tf"):
        write(key, MODULE.encode())
    for source in sources:
        with tempfile.TemporaryDirectory() as folder:
            main = pathlib.Path(folder) / "main.tf"
            main.write_text(f'module "m" {{\n  source = "{source}"\n}}\n\noutput "value" {{\n  value = module.m.value\n}}\n')
            for command in (["init"], ["apply", "-auto-approve"], ["output", "-raw", "value"]):
                done = subprocess.run(
                    [WINDLASS, *command], cwd=folder, env={**QUIET, **environment, "HOME": folder}, capture_output=True, text=True, timeout=300
                )
                assert done.returncode == 0, f"{source}: {' '.join(command)}\n{done.stdout}\n{done.stderr}"
            assert done.stdout == "from the shelf", f"{source}: {done.stdout!r}"


def on_moto():
    moto = Moto()
    try:
        moto.client("s3").create_bucket(Bucket="shelf")
        keys = {"AWS_ACCESS_KEY_ID": "AKIAMOTO", "AWS_SECRET_ACCESS_KEY": "secret"}
        environment = {**keys, "AWS_ENDPOINT_URL_S3": moto.url, "AWS_REGION": "us-east-1"}
        life(environment, "s3", lambda key, content: moto.client("s3").put_object(Bucket="shelf", Key=key, Body=content))
        s3 = ["s3::https://s3.amazonaws.com/shelf/", "s3::https://shelf.s3.us-east-1.amazonaws.com/", "shelf.s3.amazonaws.com/"]
        sources = [f"{base}{path}" for base in s3 for path in ("m/packed.zip//inner", "m/plain", "m/plain//inner")]
        address = "?region=us-east-1&aws_access_key_id=AKIAMOTO&aws_access_key_secret=secret"
        with_keys = f"s3::{moto.url}/shelf/m/packed.zip//inner{address}"
        put = lambda key, content: moto.client("s3").put_object(Bucket="shelf", Key=key, Body=content)
        modules(environment, sources, put)
        modules({}, [with_keys], put)
        # Through a role of a profile, by moto's own service of roles.
        with tempfile.TemporaryDirectory() as folder:
            config = pathlib.Path(folder) / "config"
            config.write_text(
                "[profile deploy]\nrole_arn = arn:aws:iam::123456789012:role/deploy\nsource_profile = base\n"
                "[profile base]\naws_access_key_id = AKIAMOTO\naws_secret_access_key = secret\n"
            )
            role = {"AWS_PROFILE": "deploy", "AWS_CONFIG_FILE": str(config), "AWS_ENDPOINT_URL": moto.url, "AWS_ENDPOINT_URL_STS": moto.url}
            expect(ask(role, "s3", ["put role yes", "get role"]), "ok", "ok yes")
    finally:
        moto.stop()


def on_fake_gcs():
    gcs = FakeGcs()
    try:
        gcs.make_bucket("shelf")
        life({"STORAGE_EMULATOR_HOST": gcs.url}, "gcs", lambda key, content: gcs.put("shelf", key, content))
        bases = ["gcs::https://www.googleapis.com/storage/v1/shelf/", f"gcs::{gcs.url}/storage/v1/shelf/", "www.googleapis.com/storage/v1/shelf/"]
        sources = [f"{base}{path}" for base in bases for path in ("m/packed.zip//inner", "m/plain", "m/plain//inner")]
        modules({"STORAGE_EMULATOR_HOST": gcs.url}, sources, lambda key, content: gcs.put("shelf", key, content))
        service_account(gcs)
    finally:
        gcs.stop()


def service_account(gcs):
    """A key of a service account becomes a token: what is signed is checked by somebody else's code."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    seen = []

    class TokenServer(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            form = urllib.parse.parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            head, claims, signature = form["assertion"][0].split(".")
            decode = lambda text: base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
            key.public_key().verify(decode(signature), f"{head}.{claims}".encode(), padding.PKCS1v15(), hashes.SHA256())
            seen.append({**json.loads(decode(head)), **json.loads(decode(claims))})
            answer = b'{"access_token": "T", "expires_in": 3600, "token_type": "Bearer"}'
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), TokenServer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}/token"
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()
    account = {"type": "service_account", "client_email": "me@p.iam", "private_key": pem, "private_key_id": "k1", "token_uri": address}
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "key.json"
        path.write_text(json.dumps(account))
        environment = {"STORAGE_EMULATOR_HOST": gcs.url, "GOOGLE_APPLICATION_CREDENTIALS": str(path)}
        expect(ask(environment, "gcs", ["put signed yes", "get signed"]), "ok", "ok yes")
    server.shutdown()
    assert len(seen) == 1, seen
    claims = seen[0]
    assert (claims["alg"], claims["kid"], claims["iss"], claims["aud"]) == ("RS256", "k1", "me@p.iam", address), claims
    assert claims["exp"] - claims["iat"] == 3600, claims


def main():
    return each([("moto", on_moto), ("fake-gcs-server", on_fake_gcs)])


if __name__ == "__main__":
    raise SystemExit(main())
