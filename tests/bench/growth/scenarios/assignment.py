from __future__ import annotations

from ..table import Figures, of_request
from ..versions import ASSIGN, Version

WHAT = "assigning all cases"
TARGET = "2 s, at most 30 queries"
RECORDED = {10_000: "6.3 s, 514 queries"}


def measure(version: Version, cases: int) -> Figures:
    given = {"username": "clara", "method": "POST", "address": ASSIGN[version.name]}
    return of_request(version.probe(version.database("filled", cases), "probe:request", **given))
