"""An upload that is not permitted is refused before its body is read, and its sender sees why."""

from __future__ import annotations

from threading import Thread
from typing import Any

import pytest

from studies.cases.models import Upload
from studies.sessions.study_lifecycle import lock_study
from tests.object_storage.server import free_ports
from tests.serving.clients import GIB, Sender, signed_in, start_of_form, wait_until_alive
from tests.serving.conftest import Start

MIB = 2**20


@pytest.fixture
def port(start: Start) -> int:
    (number,) = free_ports(1)
    limits = {"VERTEREAD_UPLOAD_IDLE_S": "2", "VERTEREAD_UPLOAD_TOTAL_S": "6"}
    start(**limits).uploads(number)
    wait_until_alive(number)
    return number


def url(cast: Any) -> str:
    return f"/api/v1/studies/{cast.study.slug}/uploads"


def part_of_an_upload(port: int, cast: Any, headers: dict[str, str], length: int = 2 * GIB) -> Any:
    """Announce 2 GB, send less than 1 MB of it and wait for the answer."""
    sender = Sender(port, url(cast), headers, length=length)
    sender.send(start_of_form() + bytes(MIB // 2))
    answer = sender.answer()
    assert sender.end() == b""
    return answer


def test_refusals_come_before_the_body_is_read(cast, port, settings):
    cast.assign_cases()
    permitted = signed_in(cast.coordinator)
    forged = {name: value for name, value in permitted.items() if name != "X-CSRFToken"}
    expected = [
        (401, "signed_out", {}),
        (403, "permission_denied", forged),
        (403, "permission_denied", permitted | {"Origin": "https://evil.example.org"}),
        (404, "not_found", signed_in(cast.reader.user)),
        (409, "other_user", permitted | {"X-Expected-User": "0"}),
    ]
    for status, code, headers in expected:
        answer = part_of_an_upload(port, cast, headers)
        assert (answer.status, answer.code) == (status, code)
    answer = part_of_an_upload(port, cast, permitted, length=3 * GIB)
    assert (answer.status, answer.code) == (413, "too_large")
    lock_study(study=cast.study, by=cast.coordinator)
    answer = part_of_an_upload(port, cast, permitted)
    assert (answer.status, answer.code) == (409, "locked")
    assert not Upload.objects.exists()
    assert not list(settings.SPOOL.iterdir())


@pytest.mark.slow
def test_sender_that_does_not_stop_sees_the_refusal_and_is_not_read_on(cast, port):
    sender = Sender(port, url(cast), signed_in(cast.reader.user), length=2 * GIB)
    sent = []

    def send_on() -> None:
        try:
            for _ in range(2048):
                sender.send(bytes(MIB))
                sent.append(MIB)
        except OSError:
            return

    thread = Thread(target=send_on, daemon=True)
    thread.start()
    answer = sender.answer()
    assert (answer.status, answer.code) == (404, "not_found")
    thread.join(60)
    assert not thread.is_alive()
    # What the server did not read waits in the buffers of both ends.
    assert sum(sent) < 64 * MIB


def test_upload_without_a_length_is_refused(cast, port):
    headers = signed_in(cast.coordinator) | {"Transfer-Encoding": "chunked"}
    sender = Sender(port, url(cast), headers)
    assert sender.answer().status in {400, 411}


def test_upload_that_stops_or_takes_too_long_is_ended_and_leaves_nothing(cast, port, settings):
    stopped = Sender(port, url(cast), signed_in(cast.coordinator))
    stopped.send(start_of_form() + bytes(100_000))
    slow = Sender(port, url(cast), signed_in(cast.coordinator))
    slow.send(start_of_form())
    slow.socket.settimeout(0.2)
    for _ in range(200):
        try:
            slow.send(b"x")
            answer = slow.answer()
        except TimeoutError:
            continue
        break
    assert (answer.status, answer.code) == (408, "too_slow")
    assert stopped.answer().code == "too_slow"
    assert not Upload.objects.exists()
    assert not list(settings.SPOOL.iterdir())


def test_upload_that_is_broken_off_is_not_taken_in_as_a_damaged_file(cast, port):
    sender = Sender(port, url(cast), signed_in(cast.coordinator), length=10_000)
    sender.send(start_of_form() + bytes(5_000))
    sender.socket.shutdown(1)
    assert sender.answer().code == "broken_off"
    assert not Upload.objects.exists()
