"""A reader at one desk: the reading room in a browser, at times that the test sets."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from studies.analytics.scale import CELLS
from studies.sessions.models import ReadingSession
from tests.sessions.reading_room import Room

START = datetime(2026, 11, 2, 9, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"


class Clock:
    """The server's time, which a test moves."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def forward(self, minutes: float) -> None:
        self.now += timedelta(minutes=minutes)


class Desk(Room):
    """The reading room in one browser of the cast's reader."""

    def post(self, pk: str, action: str, **values: Any) -> Any:
        sent = {"change_id": str(uuid4()), **values} if action != "open" else values
        answer = self.client.post(f"/api/v1/readings/{pk}/{action}", sent)
        assert answer.status_code == 200, answer.content
        return answer

    def report(self, pk: str, *, active_s: float = 0, idle_s: float = 0, **values: Any) -> Any:
        sent = {"active_ms": round(active_s * 1000), "idle_ms": round(idle_s * 1000), **values}
        return self.post(pk, "time", **sent)


def sessions() -> list[ReadingSession]:
    return list(ReadingSession.objects.order_by("number"))


def score_all(desk: Desk, pk: str) -> None:
    for cell in CELLS:
        assert desk.put(pk, cell, score=1).status_code == 200
