from __future__ import annotations

from ..table import Figures, of_request
from ..versions import Version

WHAT = "report, 50 readers, 2 a case"
TARGET = "20 s, 1 GB / 60 s, 2 GB"
RECORDED = {1_000: "38 s, 2.8 GB", 10_000: "162 s, 5.9 GB"}
ROUNDS = 1


def measure(version: Version, cases: int) -> Figures:
    return of_request(version.probe(version.database("read by two", cases), "outputs:report"))
