"""Clients that send the bodies of uploads slowly, in part or without end."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import time
from collections.abc import Iterable
from dataclasses import dataclass
from threading import Event, Thread
from typing import Any

from django.test import Client

from studies.readers.models import User

TOKEN = "a" * 32
BOUNDARY = "the-boundary"
PATIENCE_S = 120
GIB = 2**30


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def code(self) -> str:
        return str(json.loads(self.body)["error"]["code"])


def signed_in(user: User) -> dict[str, str]:
    """Headers of a person's requests, with the token against forged ones."""
    client = Client()
    client.force_login(user)
    cookies = f"sessionid={client.cookies['sessionid'].value}; csrftoken={TOKEN}"
    return {"Cookie": cookies, "X-CSRFToken": TOKEN}


def start_of_form(site: str = "A") -> bytes:
    return (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="site"\r\n\r\n{site}\r\n'
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\n'
    ).encode()


def end_of_form() -> bytes:
    return f"\r\n--{BOUNDARY}--\r\n".encode()


class Sender:
    """One upload over a socket: its header at once, its body as the test says."""

    def __init__(
        self,
        port: int,
        path: str,
        headers: dict[str, str],
        *,
        length: int = GIB,
        tls: bool = False,
    ) -> None:
        plain = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)
        self.socket: socket.socket = plain
        if tls:
            context = ssl.create_default_context()
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            self.socket = context.wrap_socket(plain, server_hostname="localhost")
        announced = {
            "Host": "localhost",
            "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
            "Content-Length": str(length),
            **headers,
        }
        lines = [
            f"POST {path} HTTP/1.1",
            *(f"{name}: {value}" for name, value in announced.items()),
        ]
        self.socket.sendall("\r\n".join([*lines, "", ""]).encode())

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def answer(self) -> Answer:
        """Read the whole answer and the end of the connection; a reset raises OSError."""
        response = http.client.HTTPResponse(self.socket)
        response.begin()
        body = response.read()
        return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, body)

    def end(self) -> bytes:
        """What the server sends after its answer until it ends the connection: nothing."""
        return self.socket.recv(1)

    def close(self) -> None:
        self.socket.close()


class Drip:
    """Keeps uploads going, a byte at a time, until the block ends."""

    def __init__(self, senders: Iterable[Sender]) -> None:
        self._senders = list(senders)
        self._ended = Event()
        self._thread = Thread(target=self._run, daemon=True)

    def __enter__(self) -> Drip:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
        for sender in self._senders:
            sender.close()

    def _run(self) -> None:
        going = list(self._senders)
        while not self._ended.wait(0.3):
            for sender in list(going):
                try:
                    sender.send(b"x")
                except OSError:
                    going.remove(sender)


def ask(
    port: int, method: str, path: str, headers: dict[str, str], body: Any = None
) -> tuple[int, float]:
    """Ask as a browser does; return the status and how many seconds it took."""
    began = time.monotonic()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
    try:
        data = None if body is None else json.dumps(body)
        given = headers | {"Host": "localhost", "Content-Type": "application/json"}
        connection.request(method, path, data, given)
        response = connection.getresponse()
        response.read()
        return response.status, time.monotonic() - began
    finally:
        connection.close()


def wait_until_alive(*ports: int) -> None:
    deadline = time.monotonic() + PATIENCE_S
    for port in ports:
        while True:
            try:
                if ask(port, "GET", "/livez", {})[0] == 200:
                    break
            except OSError:
                assert time.monotonic() < deadline, f"nothing answers at port {port}"
                time.sleep(0.2)
