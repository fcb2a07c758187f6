"""A server of states as Terraform's back end `http` wants it, with a lock; notes what it was asked."""

import base64
import http.server
import json
import threading
import urllib.parse


class HttpStates:
    def __init__(self):
        outer = self
        self.state = self.lock = None
        self.asked = []
        self.failures = 0
        expected = "Basic " + base64.b64encode(b"me:s3cret").decode()

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self, code, body=b""):
                self.send_response(code)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def respond(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                address = urllib.parse.urlsplit(self.path)
                outer.asked.append((self.command, address.path))
                if self.headers.get("Authorization") != expected:
                    return self.answer(401)
                if outer.failures > 0:
                    outer.failures -= 1
                    return self.answer(503)
                if self.command == "GET":
                    return self.answer(200, outer.state) if outer.state else self.answer(404)
                if self.command == "LOCK":
                    if outer.lock:
                        return self.answer(423, outer.lock)
                    outer.lock = body
                    return self.answer(200)
                held = json.loads(outer.lock)["ID"] if outer.lock else None
                if self.command == "UNLOCK":
                    if body and json.loads(body)["ID"] != held:
                        return self.answer(409, outer.lock or b"")
                    outer.lock = None
                    return self.answer(200)
                query = urllib.parse.parse_qs(address.query)
                if held and query.get("ID") != [held]:
                    return self.answer(423, outer.lock)
                outer.state = body
                return self.answer(200)

            do_GET = do_POST = do_PUT = do_LOCK = do_UNLOCK = respond

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/state"

    def stop(self):
        self.server.shutdown()
