"""Encryption on what others made: Python's cryptography opens what Windlass has sealed and seals what Windlass opens, by the forms that
OpenTofu has on disk; keys are those of KMS by moto, and of servers that speak as Google's key service and OpenBao do.

No OpenTofu is at hand to be the judge: what is known of its forms is written down once more here, apart from Windlass.
"""

import base64
import hashlib
import http.server
import json
import os
import pathlib
import signal
import subprocess
import tempfile
import threading
import time

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from http_states import HttpStates
from moto_examples import Moto

WINDLASS = os.environ["WINDLASS"]
SECRET = "hidden treasure"
RESOURCES = f"""
resource "terraform_data" "a" {{
  count = var.size
  input = "{SECRET} ${{count.index}}"
}}

variable "size" {{
  default = 2
}}
"""
BLOCK = """
terraform {
  %(backend)s
  encryption {
    %(provider)s
    method "aes_gcm" "m" {
      keys = key_provider.%(name)s
      %(aad)s
    }
    method "unencrypted" "n" {}
    state {
      method = method.aes_gcm.m
      fallback {
        method = method.unencrypted.n
      }
    }
    plan {
      method = method.aes_gcm.m
    }
  }
}
"""


def encode(data):
    return base64.b64encode(data).decode()


def compact(value):
    return json.dumps(value, separators=(",", ":")).encode()


def open_sealed(document, key_of, aad=b""):
    """What an encrypted document holds: a nonce of 12 bytes, then what AES-GCM makes of the content."""
    envelope = json.loads(document)
    order = [name for name in ("serial", "lineage", "meta", "encrypted_data", "encryption_version") if name in envelope]
    assert list(envelope) == order and envelope["encryption_version"] == "v0", list(envelope)
    assert document == compact(envelope), "not written as Go writes it"
    metadata = {name: json.loads(base64.b64decode(kept)) for name, kept in envelope["meta"].items()}
    data = base64.b64decode(envelope["encrypted_data"])
    plain = AESGCM(key_of(metadata)).decrypt(data[:12], data[12:], aad)
    if "serial" in envelope:
        state = json.loads(plain)
        assert (state["serial"], state["lineage"]) == (envelope["serial"], envelope["lineage"])
    return plain


def sealed(state, key, name, metadata, aad=b""):
    parsed, nonce = json.loads(state), os.urandom(12)
    return compact({
        "serial": parsed["serial"],
        "lineage": parsed["lineage"],
        "meta": {name: encode(compact(metadata))},
        "encrypted_data": encode(nonce + AESGCM(key).encrypt(nonce, state, aad)),
        "encryption_version": "v0",
    })


class Place:
    """A folder whose state is encrypted."""

    def __init__(self, folder, name, provider, backend="", aad="", **environment):
        self.path = pathlib.Path(folder) / name.replace(".", "-")
        self.path.mkdir()
        self.state = self.path / "terraform.tfstate"
        (self.path / "main.tf").write_text(RESOURCES)
        block = {"name": name, "provider": provider, "backend": backend, "aad": aad}
        (self.path / "encryption.tf").write_text(BLOCK % block)
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(self.path), "TF_CLI_CONFIG_FILE": "/dev/null", **environment}

    def run(self, *arguments, binary=WINDLASS, code=0, **more):
        command = [binary, *arguments, "-no-color"]
        options = {"cwd": self.path, "env": {**self.environment, **more}, "stdin": subprocess.DEVNULL, "text": True, "timeout": 600}
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options)
        assert done.returncode == code, f"{' '.join(command)}: exit {done.returncode}\n{done.stdout}"
        assert "s3cret" not in done.stdout, f"a secret is shown\n{done.stdout}"
        return done.stdout

    def check_nothing_is_plain(self):
        for path in self.path.rglob("*"):
            if path.is_file() and path.suffix != ".tf":
                assert SECRET.encode() not in path.read_bytes(), path


def both_ways(place, name, key_of, new_key, aad=b""):
    """Windlass encrypts and the other program reads; the other encrypts and Windlass goes on."""
    place.run("apply", "-auto-approve")
    state = open_sealed(place.state.read_bytes(), key_of, aad)
    assert SECRET in state.decode() and json.loads(state)["serial"] == 1, state
    key, metadata = new_key()
    changed = state.replace(SECRET.encode() + b" 1", b"something else")
    place.state.write_bytes(sealed(changed, key, name, metadata, aad))
    assert "something else" in place.run("state", "pull")
    place.run("plan", "-out=p", "-var=size=3")
    assert open_sealed((place.path / "p").read_bytes(), key_of, aad).startswith(b"WINDLASS-PLAN")
    place.run("apply", "p")
    place.check_nothing_is_plain()
    after = json.loads(open_sealed(place.state.read_bytes(), key_of, aad))
    assert (after["serial"], len(after["resources"][0]["instances"])) == (2, 3), after
    # The other's file is the backup now, as it was.
    assert b"something else" in open_sealed(place.state.with_suffix(".tfstate.backup").read_bytes(), key_of, aad)
    wrong = sealed(changed, bytes(len(key)), name, metadata, aad)
    place.state.write_bytes(wrong)
    assert "the data was changed" in place.run("apply", "-auto-approve", code=1)
    assert place.state.read_bytes() == wrong


def passphrases(folder):
    for number, (hash_function, length) in enumerate([("sha512", 32), ("sha256", 16), ("sha512", 24)]):
        passphrase = f"a passphrase, s3cret {number}"
        arguments = f'passphrase = "{passphrase}"\n iterations = 200000\n hash_function = "{hash_function}"\n key_length = {length}'
        name = f"pbkdf2.k{number}"
        place = Place(folder, name, f'key_provider "pbkdf2" "k{number}" {{\n{arguments}\n}}', aad="aad = [7, 8]" if number else "")

        def derive(salt, iterations, hash_function, key_length):
            return hashlib.pbkdf2_hmac(hash_function, passphrase.encode(), base64.b64decode(salt), iterations, key_length)

        def new_key():
            metadata = {"salt": encode(os.urandom(20)), "iterations": 200001, "hash_function": "sha512", "key_length": 32}
            return derive(**metadata), metadata

        full = f"key_provider.{name}"
        both_ways(place, full, lambda metadata: derive(**metadata[full]), new_key, bytes([7, 8]) if number else b"")


def taking_turns(folder):
    """A state of Terraform's is taken in and encrypted, then it is decrypted for Terraform again."""
    provider = 'key_provider "pbkdf2" "t" {\n passphrase = "a passphrase, s3cret"\n iterations = 200000\n}'
    place = Place(folder, "pbkdf2.t", provider)
    block = (place.path / "encryption.tf").read_text()
    (place.path / "encryption.tf").unlink()
    place.run("init", binary="terraform")
    place.run("apply", "-auto-approve", binary="terraform")
    (place.path / "encryption.tf").write_text(block)
    assert "No changes" in place.run("apply", "-auto-approve")
    place.check_nothing_is_plain()
    back = block.replace("aes_gcm.m", "X").replace("unencrypted.n", "aes_gcm.m").replace("X", "unencrypted.n")
    (place.path / "encryption.tf").write_text(back.replace("plan {\n      method = method.unencrypted.n\n    }", ""))
    place.run("apply", "-auto-approve")
    (place.path / "encryption.tf").unlink()
    assert "No changes" in place.run("plan", binary="terraform")


def aws(folder, moto):
    kms = moto.client("kms", "eu-west-1")
    key_id = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName="alias/states", TargetKeyId=key_id)
    context = {"of": "states"}
    keys = {"AWS_ACCESS_KEY_ID": "AKIAMOTO", "AWS_SECRET_ACCESS_KEY": "s3cret", "AWS_ENDPOINT_URL_KMS": moto.url}
    provider = """key_provider "aws_kms" "k" {
      kms_key_id         = "alias/states"
      key_spec           = "AES_256"
      region             = "eu-west-1"
      encryption_context = { of = "states" }
    }"""
    place = Place(folder, "aws_kms.k", provider, **keys)
    name = "key_provider.aws_kms.k"

    def key_of(metadata):
        blob = base64.b64decode(metadata[name]["ciphertext_blob"])
        return kms.decrypt(KeyId=key_id, CiphertextBlob=blob, EncryptionContext=context)["Plaintext"]

    def new_key():
        made = kms.generate_data_key(KeyId=key_id, KeySpec="AES_256", EncryptionContext=context)
        return made["Plaintext"], {"ciphertext_blob": encode(made["CiphertextBlob"])}

    both_ways(place, name, key_of, new_key)
    block = (place.path / "encryption.tf").read_text()
    (place.path / "encryption.tf").write_text(block.replace("alias/states", "alias/other"))
    assert "NotFoundException" in place.run("plan", code=1)


def in_a_bucket(folder, moto):
    """The state in a bucket, with keys of the same cloud; a run that is killed leaves a journal of which nothing can be read."""
    s3, kms = moto.client("s3"), moto.client("kms")
    s3.create_bucket(Bucket="states")
    key_id = kms.create_key()["KeyMetadata"]["KeyId"]
    provider = f'key_provider "aws_kms" "b" {{\n kms_key_id = "{key_id}"\n key_spec = "AES_256"\n}}'
    backend = 'backend "s3" {\n bucket = "states"\n key = "state"\n use_lockfile = true\n}'
    keys = {"AWS_ACCESS_KEY_ID": "AKIAMOTO", "AWS_SECRET_ACCESS_KEY": "s3cret", "AWS_ENDPOINT_URL": moto.url, "AWS_REGION": "us-east-1"}
    place = Place(folder, "aws_kms.b", provider, backend, **keys)
    place.run("init")
    place.run("apply", "-auto-approve", code=-signal.SIGABRT, WINDLASS_STOP_AT="after:5")

    def objects():
        found = s3.list_objects_v2(Bucket="states").get("Contents", [])
        return {one["Key"]: s3.get_object(Bucket="states", Key=one["Key"])["Body"].read() for one in found}

    left = objects()
    assert any(name.startswith("state.journal/") for name in left), left.keys()
    assert b'"Operation"' in left["state.tflock"], left["state.tflock"]
    held = json.loads(left["state.tflock"])["ID"]
    place.run("force-unlock", "-force", held)
    place.run("apply", "-auto-approve")
    for name, content in {**left, **objects()}.items():
        assert SECRET.encode() not in content, name
    assert list(objects()) == ["state"] and b"encrypted_data" in objects()["state"]
    place.run("workspace", "new", "dev")
    assert b"encrypted_data" in objects()["env:/dev/state"]


def behind_an_address(folder):
    """The state behind an address: what is spooled on this machine meanwhile is encrypted as well."""
    server = HttpStates()
    provider = 'key_provider "pbkdf2" "h" {\n passphrase = "a passphrase, s3cret"\n iterations = 200000\n}'
    backend = f'backend "http" {{\n address = "{server.url}"\n username = "me"\n password = "s3cret"\n}}'
    place = Place(folder, "pbkdf2.h", provider, backend)
    try:
        place.run("init")
        place.run("apply", "-auto-approve", code=-signal.SIGABRT, WINDLASS_STOP_AT="after:4")
        spooled = [path for path in place.path.rglob("*.journal/*") if path.is_file()]
        assert spooled and all(path.read_bytes().startswith(b"WLE1") for path in spooled), spooled
        place.check_nothing_is_plain()
        place.run("apply", "-auto-approve")
        assert b"encrypted_data" in server.state and SECRET.encode() not in server.state
    finally:
        server.stop()


class KeyService:
    """A server that keeps keys: it hides them under one of its own, and notes what it was asked."""

    def __init__(self, respond):
        self.own = AESGCM(bytes(range(32)))
        self.asked = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                outer.asked.append((self.path, body))
                code, answer = respond(outer, self.path, self.headers, body)
                answer = json.dumps(answer).encode()
                self.send_response(code)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            do_PUT = do_POST

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def hide(self, key, bound):
        nonce = os.urandom(12)
        return nonce + self.own.encrypt(nonce, key, bound)

    def show(self, hidden, bound):
        return self.own.decrypt(hidden[:12], hidden[12:], bound)


def google_answers(service, path, headers, body):
    if headers["Authorization"] != "Bearer s3cret-token":
        return 401, {"error": {"code": 401, "message": "Request had invalid authentication credentials.", "status": "UNAUTHENTICATED"}}
    name, operation = path.removeprefix("/v1/").rsplit(":", 1)
    if name != "projects/p/locations/l/keyRings/r/cryptoKeys/k":
        return 404, {"error": {"code": 404, "message": f"CryptoKey {name} not found.", "status": "NOT_FOUND"}}
    bound = base64.b64decode(body.get("additionalAuthenticatedData", ""))
    if operation == "encrypt":
        return 200, {"name": name, "ciphertext": encode(service.hide(base64.b64decode(body["plaintext"]), bound))}
    try:
        return 200, {"plaintext": encode(service.show(base64.b64decode(body["ciphertext"]), bound))}
    except InvalidTag:
        return 400, {"error": {"code": 400, "message": "Decryption failed: the ciphertext is invalid.", "status": "INVALID_ARGUMENT"}}


def google(folder):
    service = KeyService(google_answers)
    provider = """key_provider "gcp_kms" "k" {
      kms_encryption_key            = "projects/p/locations/l/keyRings/r/cryptoKeys/k"
      key_length                    = 32
      access_token                  = "s3cret-token"
      additional_authenticated_data = "bound"
    }"""
    place = Place(folder, "gcp_kms.k", provider, CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDKMS=service.url)
    name = "key_provider.gcp_kms.k"

    def new_key():
        key = os.urandom(32)
        return key, {"ciphertext": encode(service.hide(key, b"bound"))}

    both_ways(place, name, lambda metadata: service.show(base64.b64decode(metadata[name]["ciphertext"]), b"bound"), new_key)
    block = (place.path / "encryption.tf").read_text()
    for wrong, said in [("s3cret-token", "UNAUTHENTICATED|credentials"), ("cryptoKeys/k", "not found"), ('"bound"', "ciphertext is invalid")]:
        (place.path / "encryption.tf").write_text(block.replace(wrong, wrong[:-1] + 'x"' if wrong.endswith('"') else wrong + "x"))
        output = " ".join(place.run("plan", code=1).replace("│", " ").split())
        assert any(one in output for one in said.split("|")), output


def bao_answers(service, path, headers, body):
    if headers["X-Vault-Token"] != "s3cret-token":
        return 403, {"errors": ["permission denied"]}
    if headers["X-Vault-Namespace"] != "team":
        return 404, {"errors": ["no handler for route"]}
    bound = base64.b64decode(body.get("associated_data", ""))
    if path == "/v1/engines/keys/datakey/plaintext/a%20key":
        key = os.urandom(body["bits"] // 8)
        return 200, {"data": {"plaintext": encode(key), "ciphertext": "vault:v1:" + encode(service.hide(key, bound))}}
    assert path == "/v1/engines/keys/decrypt/a%20key", path
    hidden = base64.b64decode(body["ciphertext"].removeprefix("vault:v1:"))
    try:
        return 200, {"data": {"plaintext": encode(service.show(hidden, bound))}}
    except InvalidTag:
        return 400, {"errors": ["cipher: message authentication failed"]}


def bao(folder):
    service = KeyService(bao_answers)
    provider = f"""key_provider "openbao" "k" {{
      key_name            = "a key"
      address             = "{service.url}"
      key_length          = 16
      transit_engine_path = "/engines/keys"
      associated_data     = "Ym91bmQ="
    }}"""
    place = Place(folder, "openbao.k", provider, BAO_TOKEN="s3cret-token", BAO_NAMESPACE="team")
    name = "key_provider.openbao.k"

    def key_of(metadata):
        ciphertext = base64.b64decode(metadata[name]["ciphertext"]).decode()
        return service.show(base64.b64decode(ciphertext.removeprefix("vault:v1:")), b"bound")

    def new_key():
        key = os.urandom(16)
        return key, {"ciphertext": encode(b"vault:v1:" + encode(service.hide(key, b"bound")).encode())}

    both_ways(place, name, key_of, new_key)
    # A key is asked for once a run, one to read by and one to write by.
    service.asked.clear()
    place.state.unlink()
    place.run("apply", "-auto-approve", "-var=size=1")
    assert [path.split("/")[4] for path, _ in service.asked] == ["datakey"], service.asked
    service.asked.clear()
    place.run("apply", "-auto-approve")
    assert sorted(path.split("/")[4] for path, _ in service.asked) == ["datakey", "decrypt"], service.asked
    assert "permission denied" in place.run("plan", code=1, BAO_TOKEN="other")


def main():
    moto = Moto()
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        try:
            passphrases(folder)
            taking_turns(folder)
            aws(folder, moto)
            in_a_bucket(folder, moto)
            behind_an_address(folder)
            google(folder)
            bao(folder)
        finally:
            moto.stop()
    print(f"encryption agrees in {time.monotonic() - started:.0f} s")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
