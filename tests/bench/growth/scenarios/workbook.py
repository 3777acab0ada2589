from __future__ import annotations

from ..table import Figures, of_request
from ..versions import Version

WHAT = "workbook, 50 readers"
TARGET = "20 s, 300 MB, in a worker"
RECORDED = {100: "44 s, in a web thread"}
SIZES = (100,)
ROUNDS = 1


def measure(version: Version, cases: int) -> Figures:
    return of_request(version.probe(version.database("read by all", cases), "outputs:workbook"))
