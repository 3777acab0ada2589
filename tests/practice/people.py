"""Practice through the API, for tests without a browser."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from studies.analytics.scale import CELLS
from studies.practice.certification import set_certification
from studies.practice.models import PracticeReading
from studies.practice.practice_set import add_phantoms
from tests.make import Cast


def set_up_practice(cast: Cast, *, phantoms: int = 3, **rules: Any) -> None:
    """Add phantoms and, with rules, require a certification."""
    add_phantoms(study=cast.study, by=cast.coordinator, number=phantoms)
    if rules:
        rules = {"measure": "kappa", "threshold": 0.7, "cases": 2, "attempts": 2, **rules}
        cast.study = set_certification(
            study=cast.study, by=cast.coordinator, required=True, **rules
        )


class Trainee:
    """The practice of one reader."""

    def __init__(self, client: Any, slug: str) -> None:
        self.client = client
        self.slug = slug

    def start(self, kind: str) -> Any:
        return self.client.post(f"/studies/{self.slug}/practice/start/{kind}")

    def begin(self, kind: str) -> str:
        """Start a round and return its id."""
        answer = self.start(kind)
        assert answer.status_code == 302, answer.content
        return str(answer["Location"].rsplit("/", 1)[-1])

    def status(self, practice_round: str) -> dict[str, Any]:
        answer = self.client.get(f"/api/v1/practice/rounds/{practice_round}")
        assert answer.status_code == 200
        return dict(answer.json())

    def open(self, practice_round: str) -> str:
        pk = str(self.status(practice_round)["current"]["id"])
        assert self.client.post(f"/api/v1/practice/readings/{pk}/open").status_code == 200
        return pk

    def put(self, pk: str, cell: str, *, version: int = 0, **values: Any) -> Any:
        sent = {"change_id": str(uuid4()), "version": version, **values}
        return self.client.put(f"/api/v1/practice/readings/{pk}/cells/{cell}", sent)

    def submit(self, pk: str) -> Any:
        return self.client.post(f"/api/v1/practice/readings/{pk}/submit")

    def score(self, practice_round: str, *, wrong: bool = False) -> Any:
        """Score the current case as the reference standard does, or far from it."""
        pk = self.open(practice_round)
        grades = PracticeReading.objects.get(pk=pk).practice_case.grades
        for cell in CELLS:
            score = (grades[cell] + 2) % 4 if wrong else grades[cell]
            assert self.put(pk, cell, score=score).status_code == 200
        answer = self.submit(pk)
        assert answer.status_code == 200
        return answer.json()

    def finish(self, kind: str, *, wrong: bool = False) -> dict[str, Any]:
        """Score all cases of a round and return its final status."""
        practice_round = self.begin(kind)
        while self.status(practice_round)["current"] is not None:
            self.score(practice_round, wrong=wrong)
        return self.status(practice_round)
