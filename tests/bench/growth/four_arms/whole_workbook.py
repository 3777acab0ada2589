from __future__ import annotations

from ..table import Figures, of_request
from ..versions import Version

WHAT = "workbook, 4 arms and repeats"
TARGET = "20 s, 300 MB, in a worker"
RECORDED: dict[int, str] = {}
NOW_ONLY = True
SIZES = (1_000,)
ROUNDS = 1


def measure(version: Version, cases: int) -> Figures:
    return of_request(version.probe(version.database("four arms read", cases), "outputs:workbook"))
