from __future__ import annotations

from ..table import Figures, of_request
from ..versions import Version

WHAT = "uploads list"
TARGET = "0.2 s, at most 10 queries"
RECORDED: dict[int, str] = {1_000: "6.5 s, 1,007 queries", 10_000: "47 s"}
ADDRESS = "/api/v1/studies/guides-trial/uploads"


def measure(version: Version, cases: int) -> Figures:
    given = {"username": "clara", "method": "GET", "address": ADDRESS}
    return of_request(version.probe(version.database("filled", cases), "probe:request", **given))
