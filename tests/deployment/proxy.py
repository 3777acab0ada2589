"""A running nginx with docker/nginx.conf, in front of small test servers."""

from __future__ import annotations

import http.client
import socket
import ssl
import subprocess
import time
from pathlib import Path
from threading import Condition, Thread

from studies.serving.closing import Closer
from tests.containers.stack import free_port, make_certificate
from tests.deployment.conftest import DOCKER

PATIENCE_S = 60


class Upstream:
    """A server that answers 200 after the body, or 403 after the header if it ``refuses``."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.refuses = False
        self._received = 0
        self._changed = Condition()
        self._closer = Closer()
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        Thread(target=self._serve, daemon=True).start()

    def wait_for_bytes(self, number: int) -> None:
        """Wait until so many bytes of a body have arrived."""
        with self._changed:
            arrived = self._changed.wait_for(lambda: self._received >= number, PATIENCE_S)
            assert arrived, f"{self._received} bytes have arrived"

    def stop(self) -> None:
        self._server.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        file = connection.makefile("rb")
        self.lines.append(file.readline().decode().strip())
        left = 0
        while (header := file.readline().decode().strip()) != "":
            name, _, value = header.partition(":")
            left = int(value) if name.lower() == "content-length" else left
        while left and not self.refuses:
            piece = file.read1(left)
            left -= len(piece)
            with self._changed:
                self._received += len(piece)
                self._changed.notify_all()
        status = b"403 Forbidden" if self.refuses else b"200 OK"
        head = b"HTTP/1.1 " + status + b"\r\nContent-Length: 2\r\nConnection: close\r\n\r\n"
        connection.sendall(head + b"no")
        self._closer.close(connection)


class Proxy:
    """nginx with its files in a temporary folder."""

    def __init__(self, program: str, folder: Path, upstreams: dict[str, Upstream]) -> None:
        self.folder = folder / "nginx"
        self.folder.mkdir()
        self.upstreams = tuple(upstreams.values())
        self._port = free_port()
        make_certificate(folder / "certificates")
        (self.folder / "resolver.conf").write_text("")
        text = (DOCKER / "nginx.conf").read_text().replace("/tmp/", f"{self.folder}/")
        # nginx before 1.25.1, as in Debian 12, does not know this directive.
        text = text.replace("        http2 on;\n", "")
        text = text.replace("listen 8443 ssl", f"listen 127.0.0.1:{self._port} ssl")
        text = text.replace("listen 8080", f"listen 127.0.0.1:{free_port()}")
        text = text.replace("/certificates/", f"{folder}/certificates/")
        text = text.replace("/dev/stdout", f"{self.folder}/access.log")
        text = text.replace("/dev/stderr", f"{self.folder}/error.log")
        for name, upstream in upstreams.items():
            text = text.replace(f" {name};", f" 127.0.0.1:{upstream.port};")
        file = self.folder / "nginx.conf"
        file.write_text(text)
        options = ["-c", str(file), "-p", str(self.folder), "-e", str(self.folder / "error.log")]
        self._process = subprocess.Popen([program, *options, "-g", "daemon off; user root;"])
        deadline = time.monotonic() + PATIENCE_S
        while True:
            assert self._process.poll() is None, (self.folder / "error.log").read_text()
            assert time.monotonic() < deadline, "nginx does not listen"
            try:
                socket.create_connection(("127.0.0.1", self._port), timeout=5).close()
                return
            except OSError:
                time.sleep(0.1)

    def connect(self) -> http.client.HTTPSConnection:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return http.client.HTTPSConnection(
            "localhost", self._port, timeout=PATIENCE_S, context=context
        )

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(timeout=PATIENCE_S)
        for upstream in self.upstreams:
            upstream.stop()
