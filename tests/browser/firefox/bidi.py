"""A headless Firefox over WebDriver BiDi, as the Linux distribution ships it.

Playwright drives only its own build of Firefox, and Selenium needs geckodriver, which Debian lacks.
"""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections import defaultdict
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from websockets.sync.client import connect

TIMEOUT_S = 120
ADDRESS = re.compile(r"WebDriver BiDi listening on (ws://127\.0\.0\.1:\d+)")
EVENTS = ["log.entryAdded", "network.responseCompleted"]


class BrowserError(Exception):
    """Firefox did not start, or a command failed."""


class Firefox:
    """A process of Firefox with a new profile; `events` holds the events of each tab."""

    def __init__(self, executable: str, folder: Path) -> None:
        self.events: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self._number = 0
        self._open = ExitStack()
        self._log = folder / "firefox.log"
        profile = folder / "profile"
        profile.mkdir()
        options = ["--headless", "--no-remote", "--remote-debugging-port", "0"]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [executable, *options, "--profile", str(profile)],
                env={"HOME": str(folder), "PATH": "/usr/bin:/bin", "TZ": "UTC"},
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        try:
            address = f"{self._address()}/session"
            connection = connect(address, max_size=None, compression=None, proxy=None)
            self._connection = self._open.enter_context(connection)
            self.command("session.new", {"capabilities": {}})
            self.command("session.subscribe", {"events": EVENTS})
        except Exception:
            self._kill()
            raise

    def command(self, method: str, parameters: dict[str, Any]) -> Any:
        """Send a command and return its result; raises BrowserError."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        self._connection.send(json.dumps(message))
        while True:
            answer = json.loads(self._connection.recv(timeout=TIMEOUT_S))
            if answer["type"] == "event":
                self._keep(answer)
            elif answer["id"] == self._number:
                break
        if answer["type"] == "error":
            raise BrowserError(f"{method}: {answer['message']}")
        return answer["result"]

    def close(self) -> None:
        self._open.close()
        self._kill()

    def _keep(self, event: dict[str, Any]) -> None:
        parameters = event["params"]
        tab = parameters.get("context") or parameters.get("source", {}).get("context", "")
        self.events[tab].append(event)

    def _kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def _address(self) -> str:
        """Wait for the address that Firefox writes to its log."""
        deadline = time.monotonic() + TIMEOUT_S
        while time.monotonic() < deadline and self._process.poll() is None:
            match = ADDRESS.search(self._log.read_text(errors="replace"))
            if match is not None:
                return match.group(1)
            time.sleep(0.1)
        raise BrowserError(f"Firefox did not start: {self._log.read_text(errors='replace')}")
