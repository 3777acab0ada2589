"""The reading room's API calls, for tests without a browser."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from studies.analytics.scale import cells_to_score


def change(**values: Any) -> dict[str, Any]:
    return {"change_id": str(uuid4()), "version": 0, **values}


class Room:
    """The API calls of one reader in one study."""

    def __init__(self, client: Any, slug: str) -> None:
        self.client = client
        self.start = f"/api/v1/studies/{slug}/reading"

    def status(self) -> dict[str, Any]:
        return self.client.get(self.start).json()

    def open(self) -> str:
        status = self.status()
        pk = status["current"]["id"]
        if status["announcement"] is not None:
            assert self.acknowledge(status["announcement"]["period"]).status_code == 200
        assert self.client.post(f"/api/v1/readings/{pk}/open").status_code == 200
        return pk

    def acknowledge(self, period: int) -> Any:
        return self.client.post(f"{self.start}/period", {"period": period})

    def put(self, pk: str, cell: str, **values: Any) -> Any:
        return self.client.put(f"/api/v1/readings/{pk}/cells/{cell}", change(**values))

    def submit(self, pk: str) -> Any:
        sent = {"change_id": str(uuid4())}
        return self.client.post(f"/api/v1/readings/{pk}/submit", sent)

    def read(self, score: int = 1, *, aac8: bool = False) -> str:
        pk = self.open()
        for cell in cells_to_score(aac8=aac8):
            assert self.put(pk, cell, score=score).status_code == 200
        assert self.submit(pk).status_code == 200
        return pk
