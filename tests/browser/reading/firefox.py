"""Firefox over WebDriver BiDi: just the commands that the tests need, with the standard library.

Playwright drives only its own build of Firefox, not the one that Debian ships.
"""

from __future__ import annotations

import base64
import json
import os
import re
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

TIMEOUT_S = 60
ADDRESS = re.compile(r"WebDriver BiDi listening on ws://127\.0\.0\.1:(\d+)")
TEXT, CLOSE, PING, PONG = 1, 8, 9, 10


class BrowserError(Exception):
    """Firefox did not start, or a command failed."""


class WebSocket:
    """A client of RFC 6455 for unfragmented text messages."""

    def __init__(self, port: int, path: str) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT_S)
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [
            f"GET {path} HTTP/1.1",
            f"Host: 127.0.0.1:{port}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {key}",
            "Sec-WebSocket-Version: 13",
        ]
        self._socket.sendall("\r\n".join([*lines, "", ""]).encode())
        self._stream = self._socket.makefile("rb")
        status = self._stream.readline()
        if b"101" not in status:
            raise BrowserError(status.decode())
        while self._stream.readline().strip():
            pass

    def send(self, text: str) -> None:
        self._send_frame(TEXT, text.encode())

    def receive(self) -> str:
        """Return the next text message."""
        parts: list[bytes] = []
        while True:
            header = self._stream.read(2)
            if len(header) < 2:
                raise BrowserError("Firefox closed the connection.")
            first, second = header
            length = second & 127
            if length > 125:
                length = int.from_bytes(self._stream.read(2 if length == 126 else 8))
            payload = self._stream.read(length)
            kind = first & 15
            if kind == PING:
                self._send_frame(PONG, payload)
            elif kind == CLOSE:
                raise BrowserError("Firefox closed the connection.")
            elif kind != PONG:
                parts.append(payload)
                if first & 128:
                    return b"".join(parts).decode()

    def close(self) -> None:
        self._socket.close()

    def _send_frame(self, kind: int, payload: bytes) -> None:
        size = len(payload)
        if size < 126:
            head = bytes([128 | kind, 128 | size])
        elif size < 65_536:
            head = bytes([128 | kind, 128 | 126]) + size.to_bytes(2)
        else:
            head = bytes([128 | kind, 128 | 127]) + size.to_bytes(8)
        mask = os.urandom(4)
        masked = bytes(byte ^ mask[number % 4] for number, byte in enumerate(payload))
        self._socket.sendall(head + mask + masked)


class Firefox:
    """One tab of a headless Firefox with its own profile."""

    def __init__(self, executable: str, folder: Path) -> None:
        profile, self._log = folder / "profile", folder / "firefox.log"
        profile.mkdir()
        options = ["--headless", "--no-remote", "--profile", str(profile)]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [executable, *options, "--remote-debugging-port", "0"],
                env={**os.environ, "HOME": str(folder), "MOZ_HEADLESS_WIDTH": "1366"},
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self._number = 0
        try:
            self._connect()
        except Exception:
            self._process.kill()
            self._process.wait()
            raise

    def _connect(self) -> None:
        self._connection = WebSocket(self._port(), "/session")
        self.command("session.new", {"capabilities": {}})
        (tab,) = self.command("browsingContext.getTree", {})["contexts"]
        self._tab = tab["context"]
        self.resize(1366, 768)

    def command(self, method: str, parameters: dict[str, Any]) -> Any:
        """Send a command and return its result; raises BrowserError."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        self._connection.send(json.dumps(message))
        while True:
            answer = json.loads(self._connection.receive())
            if answer.get("id") != self._number:
                continue
            if answer.get("type") == "error":
                raise BrowserError(f"{method}: {answer.get('message')}")
            return answer["result"]

    def resize(self, width: int, height: int) -> None:
        size = {"width": width, "height": height}
        self.command("browsingContext.setViewport", {"context": self._tab, "viewport": size})

    def goto(self, url: str) -> None:
        self.command(
            "browsingContext.navigate", {"context": self._tab, "url": url, "wait": "complete"}
        )

    def evaluate(self, expression: str) -> Any:
        """Return the JSON value of an expression in the page."""
        answer = self.command(
            "script.evaluate",
            {
                "expression": f"JSON.stringify({expression})",
                "target": {"context": self._tab},
                "awaitPromise": True,
            },
        )
        if answer["type"] == "exception":
            raise BrowserError(answer["exceptionDetails"]["text"])
        text = answer["result"].get("value")
        return None if text is None else json.loads(text)

    def wait_for(self, condition: str) -> None:
        """Wait until an expression in the page is true."""
        deadline = time.monotonic() + TIMEOUT_S
        while time.monotonic() < deadline:
            try:
                if self.evaluate(condition):
                    return
            except BrowserError:
                # The page is being replaced.
                pass
            time.sleep(0.1)
        raise AssertionError(condition)

    def press(self, *keys: str) -> None:
        """Hold all keys but the last, press the last, and release them."""
        down = [{"type": "keyDown", "value": key} for key in keys]
        up = [{"type": "keyUp", "value": key} for key in reversed(keys)]
        self._perform({"type": "key", "id": "keyboard", "actions": [*down, *up]})

    def click(self, selector: str, *, times: int = 1) -> None:
        """Click an element; without a focused window, Enter on a button does nothing."""
        x, y = self.evaluate(
            f"(({{ left, top, width, height }}) => [left + width / 2, top + height / 2])"
            f"(document.querySelector({json.dumps(selector)}).getBoundingClientRect())"
        )
        press = [{"type": "pointerDown", "button": 0}, {"type": "pointerUp", "button": 0}]
        move = {"type": "pointerMove", "x": round(x), "y": round(y)}
        self._perform({"type": "pointer", "id": "mouse", "actions": [move, *press * times]})

    def close(self) -> None:
        self._connection.close()
        self._process.kill()
        self._process.wait()

    def _perform(self, source: dict[str, Any]) -> None:
        self.command("input.performActions", {"context": self._tab, "actions": [source]})

    def _port(self) -> int:
        deadline = time.monotonic() + TIMEOUT_S
        while time.monotonic() < deadline:
            match = ADDRESS.search(self._log.read_text(errors="replace"))
            if match is not None:
                return int(match.group(1))
            time.sleep(0.1)
        raise BrowserError(f"Firefox did not start: {self._log.read_text(errors='replace')}")
