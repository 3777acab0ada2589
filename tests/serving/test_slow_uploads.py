"""Slow uploads while a reader saves scores and opens pages, on real servers and sockets."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from studies.sessions.models import Reading
from tests.faults.people import CELLS
from tests.object_storage.server import free_ports
from tests.serving.clients import (
    Answer,
    Drip,
    Sender,
    ask,
    end_of_form,
    signed_in,
    start_of_form,
    wait_until_alive,
)

FAST_S = 20
"""Far longer than an answer takes on a busy machine, and far shorter than the slow uploads."""


def slow_uploads(port: int, cast: Any, number: int) -> list[Sender]:
    """Uploads that have begun and do not end."""
    headers = signed_in(cast.coordinator)
    senders = []
    for _ in range(number):
        sender = Sender(port, f"/api/v1/studies/{cast.study.slug}/uploads", headers)
        sender.send(start_of_form())
        senders.append(sender)
    return senders


def read_and_score(port: int, cast: Any) -> list[tuple[int, float]]:
    """Pages and scores of a reader, one after the other: status and seconds of each."""
    headers = signed_in(cast.reader.user)
    reading = Reading.objects.filter(reading_list__reader=cast.reader).in_order().first()
    url = f"/api/v1/readings/{reading.pk}"
    answers = [ask(port, "POST", f"{url}/open", headers)]
    for cell in CELLS:
        score = {"change_id": str(uuid4()), "version": 0, "score": 1}
        answers.append(ask(port, "PUT", f"{url}/cells/{cell}", headers, score))
        answers.append(ask(port, "GET", "/", headers))
    return answers


def assert_fast(answers: list[tuple[int, float]]) -> None:
    assert {status for status, _ in answers} == {200}
    assert max(seconds for _, seconds in answers) < FAST_S


def refused_at_once(senders: list[Sender]) -> list[Answer]:
    """The answers to those uploads that were not received."""
    answers = []
    for sender in senders:
        sender.socket.settimeout(2)
        try:
            answers.append(sender.answer())
        except TimeoutError:
            continue
    return answers


@pytest.mark.parametrize("number", [8, 20])
def test_slow_uploads_leave_threads_for_pages_where_one_server_does_both(number, cast, start):
    cast.assign_cases()
    (port,) = free_ports(1)
    start().web(port)
    wait_until_alive(port)
    with Drip(slow_uploads(port, cast, number)):
        assert_fast(read_and_score(port, cast))


@pytest.mark.slow
def test_slow_uploads_to_their_own_process_slow_nothing_down(cast, start):
    cast.assign_cases()
    web, uploads = free_ports(2)
    running = start(VERTEREAD_UPLOAD_SLOTS="6")
    running.uploads(uploads)
    start(VERTEREAD_SERVES="pages").web(web)
    wait_until_alive(web, uploads)
    senders = slow_uploads(uploads, cast, 20)
    with Drip(senders):
        assert_fast(read_and_score(web, cast))
        refused = refused_at_once(senders)
        assert {(answer.status, answer.code) for answer in refused} == {(503, "busy")}
        assert {answer.headers["retry-after"] for answer in refused} == {"10"}
        assert len(refused) == 20 - 6
        assert ask(uploads, "GET", "/livez", {})[0] == 200
        assert ask(uploads, "GET", "/", signed_in(cast.reader.user))[0] == 404
    (elsewhere,) = slow_uploads(web, cast, 1)
    assert elsewhere.answer().code == "busy"


def test_slow_upload_that_is_whole_in_the_end_is_taken_in(cast, start):
    (port,) = free_ports(1)
    start().uploads(port)
    wait_until_alive(port)
    body = start_of_form() + b"not an image" + end_of_form()
    url = f"/api/v1/studies/{cast.study.slug}/uploads"
    sender = Sender(port, url, signed_in(cast.coordinator), length=len(body))
    for at in range(0, len(body), 40):
        sender.send(body[at : at + 40])
    answer = sender.answer()
    assert (answer.status, answer.headers["connection"]) == (201, "close")
    assert sender.end() == b""
