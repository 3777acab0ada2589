"""How long a reader waits for a saved score while two coordinators watch the cases: ``make bench``.

A web server as it runs in production, one reader who saves without a pause, and two coordinators
whose page of cases renews itself every five seconds, as it does while cases are analysed.
"""

from __future__ import annotations

import http.client
import json
import statistics
import threading
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from studies.sessions.models import Reading
from studies.sessions.study_lifecycle import deal_lists, open_study
from tests.bench.large_study import fill_study
from tests.make import Cast
from tests.running import Running
from tools.local import ports

SECONDS = 20
EVERY_S = 5
SIZES = (1_000, 10_000)


class Browser:
    """A signed-in person's connection to the web server."""

    def __init__(self, user: Any, port: int) -> None:
        client = Client()
        client.force_login(user)
        session = client.cookies["sessionid"].value
        self.port, self.token = port, "a" * 32
        self.headers = {
            "Cookie": f"sessionid={session}; csrftoken={self.token}",
            "X-CSRFToken": self.token,
            "Content-Type": "application/json",
        }

    def call(self, method: str, address: str, body: Any = None) -> bytes:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        sent = None if body is None else json.dumps(body)
        connection.request(method, address, sent, self.headers)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        assert answer.status == 200, (answer.status, content[:300])
        return content


@pytest.mark.parametrize("size", SIZES)
def test_score_is_saved_while_two_coordinators_watch(
    size: int, transactional_db: None, settings: Any, tmp_path: Path
) -> None:
    cast = Cast()
    fill_study(cast, size)
    deal_lists(study=cast.study, by=cast.coordinator)
    open_study(study=cast.study, by=cast.coordinator)
    reading = Reading.objects.filter(reading_list__reader=cast.reader).in_order().first()
    port = ports.remembered(tmp_path / "port")
    running = Running(settings, tmp_path)
    running.web(port)
    try:
        reader = Browser(cast.reader.user, port)
        watchers = [Browser(user, port) for user in (cast.coordinator, cast.site_coordinator)]
        wait_until_up(reader)
        cell = f"/api/v1/readings/{reading.pk}/cells/L1_anterior"
        reader.call("POST", f"/api/v1/readings/{reading.pk}/open", {})
        version, alone = save(reader, cell, 0)
        over = threading.Event()
        page = f"/studies/{cast.study.slug}/cases"
        threads = [threading.Thread(target=watch, args=(one, page, over)) for one in watchers]
        for thread in threads:
            thread.start()
        _, watched = save(reader, cell, version)
        over.set()
        for thread in threads:
            thread.join()
    finally:
        running.stop()
    for name, seconds in (("alone", alone), ("two watching", watched)):
        p95 = statistics.quantiles(seconds, n=20)[-1]
        print(  # noqa: T201
            f"{size:6} cases  saving, {name:12} median {1000 * statistics.median(seconds):6.0f} ms"
            f"  p95 {1000 * p95:6.0f} ms  ({len(seconds)} scores)",
            flush=True,
        )


def wait_until_up(browser: Browser) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            browser.call("GET", "/")
            return
        except OSError:
            assert time.monotonic() < deadline, "the web server did not start"
            time.sleep(0.2)


def save(reader: Browser, cell: str, version: int) -> tuple[int, list[float]]:
    seconds, end = [], time.monotonic() + SECONDS
    while time.monotonic() < end:
        sent = {"change_id": str(uuid4()), "version": version, "score": version % 4}
        begun = time.perf_counter()
        answer = json.loads(reader.call("PUT", cell, sent))
        seconds.append(time.perf_counter() - begun)
        version = answer["cell"]["version"]
    return version, seconds


def watch(browser: Browser, page: str, over: threading.Event) -> None:
    while not over.wait(0):
        browser.call("GET", page)
        over.wait(EVERY_S)
