from __future__ import annotations

from ..table import Figures, of_request
from ..versions import Version

WHAT = "agreement page, 4 arms and repeats"
TARGET = "3 s, 300 MB"
RECORDED: dict[int, str] = {}
NOW_ONLY = True
SIZES = (1_000, 10_000)
ADDRESS = "/studies/guides-trial/agreement"


def measure(version: Version, cases: int) -> Figures:
    given = {"username": "clara", "method": "GET", "address": ADDRESS}
    database = version.database("four arms read", cases)
    return of_request(version.probe(database, "probe:request", **given))
