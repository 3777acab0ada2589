"""Readers who score and a coordinator who uploads, over HTTP, through every fault."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Callable
from threading import Event, Thread
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from django.test import Client

from studies.analytics.scale import CELLS
from studies.readers.models import User

TOKEN = "a" * 32
ANSWER_PATIENCE_S = 30
PAUSE_S = 0.4


class Person:
    """A signed-in person; every request is repeated until it is answered, as the pages do."""

    def __init__(self, user: User, port: int) -> None:
        client = Client()
        client.force_login(user)
        session = client.cookies["sessionid"].value
        self._headers = {
            "Cookie": f"sessionid={session}; csrftoken={TOKEN}",
            "X-CSRFToken": TOKEN,
            "Content-Type": "application/json",
        }
        self._port = port
        self.server_errors = 0
        self.slowest_s = 0.0

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        """Return the first answer below 500; only what is safe to repeat may be asked."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode() if body else None
        while True:
            try:
                status, content = self._once(method, path, data, headers)
            except (OSError, http.client.HTTPException):
                time.sleep(0.5)
                continue
            if status < 500:
                return status, _answer(content)
            self.server_errors += 1
            time.sleep(0.5)

    def _once(
        self, method: str, path: str, data: bytes | None, headers: dict[str, str]
    ) -> tuple[int, bytes]:
        began = time.monotonic()
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=ANSWER_PATIENCE_S)
        try:
            connection.request(method, path, data, self._headers | headers)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()
            self.slowest_s = max(self.slowest_s, time.monotonic() - began)

    def upload(self, slug: str, site: str, name: str, content: bytes) -> int:
        mark = uuid4().hex
        fields = f'--{mark}\r\nContent-Disposition: form-data; name="site"\r\n\r\n{site}\r\n'
        file = f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
        body = (fields + file).encode() + content + f"\r\n--{mark}--\r\n".encode()
        kind = {"Content-Type": f"multipart/form-data; boundary={mark}"}
        return self.ask("POST", f"/api/v1/studies/{slug}/uploads", body, **kind)[0]


def _answer(content: bytes) -> Any:
    try:
        return json.loads(content or b"{}")
    except ValueError:
        return {"error": {"message": content.decode(errors="replace")[:200]}}


class Reader(Thread):
    """Scores one reading after another and notes every score that was acknowledged."""

    def __init__(self, user: User, port: int, slug: str, ended: Event) -> None:
        super().__init__(daemon=True)
        self.person = Person(user, port)
        self.acknowledged: dict[tuple[str, str], int] = {}
        self.submitted = 0
        self.refused: list[str] = []
        self._start_url = f"/api/v1/studies/{slug}/reading"
        self._ended = ended

    def run(self) -> None:
        while not self._ended.is_set():
            answer = self.person.ask("GET", self._start_url)[1]
            current, announcement = answer.get("current"), answer.get("announcement")
            if current is None:
                return
            if announcement is not None:
                body = {"period": announcement["period"]}
                self._change("POST", f"{self._start_url}/period", body)
            self._read(str(current["id"]))

    def _read(self, pk: str) -> None:
        url = f"/api/v1/readings/{pk}"
        self._change("POST", f"{url}/open")
        for number, cell in enumerate(CELLS):
            score = (number + self.submitted) % 4
            body = {"change_id": str(uuid4()), "version": 0, "score": score}
            if self._change("PUT", f"{url}/cells/{cell}", body):
                self.acknowledged[pk, cell] = score
            self._ended.wait(PAUSE_S)
        if self._change("POST", f"{url}/submit", {"change_id": str(uuid4())}):
            self.submitted += 1

    def _change(self, method: str, path: str, body: Any = None) -> bool:
        status, answer = self.person.ask(method, path, body)
        if status != 200:
            self.refused.append(f"{path}: {status} {urlencode(answer.get('error', {}))}")
        return status == 200


def in_background(call: Callable[[], object]) -> Thread:
    thread = Thread(target=call, daemon=True)
    thread.start()
    return thread
