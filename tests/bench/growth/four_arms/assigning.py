from __future__ import annotations

from ..table import Figures, of_request
from ..versions import ASSIGN, Version

WHAT = "assigning, 4 arms and repeats"
TARGET = "2 s, at most 30 queries"
RECORDED: dict[int, str] = {}
NOW_ONLY = True
SIZES = (1_000, 10_000)


def measure(version: Version, cases: int) -> Figures:
    given = {"username": "clara", "method": "POST", "address": ASSIGN[version.name]}
    database = version.database("four arms filled", cases)
    return of_request(version.probe(database, "probe:request", **given))
