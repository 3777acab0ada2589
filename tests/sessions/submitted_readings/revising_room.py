"""The reading room's API calls of a reader who revises readings."""

from __future__ import annotations

from typing import Any

from studies.sessions.models import (
    Score,
)
from tests.make import Cast
from tests.sessions.reading_room import Room


def make_room(client_of: Any, cases: int = 3, **design: Any) -> tuple[Cast, RevisingRoom]:
    cast = Cast(**{"revision_rule": "session", "washout_days": 0, **design})
    cast.assign_cases(cases)
    return cast, RevisingRoom(client_of(cast.reader.user), cast.study.slug)


class RevisingRoom(Room):
    """A reading room whose reader revises readings."""

    def revisable(self) -> list[str]:
        answer = self.client.get(self.start.replace("/reading", "/revisable-readings"))
        assert answer.status_code == 200
        return [reading["id"] for reading in answer.json()["readings"]]

    def revise(self, pk: str) -> Any:
        return self.client.post(f"/api/v1/readings/{pk}/revise")

    def refusal(self, pk: str) -> str:
        answer = self.revise(pk)
        assert answer.status_code == 409, answer.json()
        assert pk not in self.revisable()
        return answer.json()["error"]["code"]

    def change(self, pk: str, cell: str, score: int) -> None:
        version = Score.objects.get(reading=pk, cell=cell).version
        assert self.put(pk, cell, version=version, score=score).status_code == 200
