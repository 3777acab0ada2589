"""`make demo` waits until VerteRead is ready."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from unittest.mock import Mock

import pytest
from django.conf import settings

from tools.local import demo
from tools.local.workspace import LocalError

ANSWERS = [
    (503, {"status": "failing", "database": "failing: OperationalError"}),
    (200, {"status": "degraded", "worker": "failing: NoHeartbeat"}),
    (200, {"status": "ok"}),
]


@pytest.fixture
def web() -> Iterator[HTTPServer]:
    """Start a web server whose parts become available in turn; the last answer is repeated."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answers = server.answers  # type: ignore[attr-defined]
            status, body = answers.pop(0) if len(answers) > 1 else answers[0]
            server.statuses.append(status)  # type: ignore[attr-defined]
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    server.answers, server.statuses = list(ANSWERS), []  # type: ignore[attr-defined]
    Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_workers_of_the_demo_take_from_every_queue():
    children = Mock()
    demo.DemoProcesses().start(children, {}, 8000)
    commands = [call.args[1] for call in children.start.call_args_list]
    queues = [command[command.index("-Q") + 1] for command in commands if "-Q" in command]
    assert sorted(",".join(queues).split(",")) == sorted(settings.QUEUES)


def test_demo_also_waits_for_the_worker(web):
    demo._wait_until_healthy(Mock(), web.server_port)
    assert web.statuses == [503, 200, 200]


def test_demo_that_is_not_ready_in_time_names_the_failing_part(web, monkeypatch):
    web.answers = [ANSWERS[1]]
    monkeypatch.setattr(demo, "READY_PATIENCE_S", 0.5)
    with pytest.raises(LocalError, match="NoHeartbeat"):
        demo._wait_until_healthy(Mock(), web.server_port)
