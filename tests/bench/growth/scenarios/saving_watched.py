from __future__ import annotations

from ..table import Figures
from ..versions import Version
from .saving_saturated import saving

WHAT = "saving, 50 readers, 2 watch cases"
TARGET = "p95 150 ms"
RECORDED = {1_000: "p95 970 ms", 10_000: "p95 3,232 ms"}
READERS = 50


def measure(version: Version, cases: int) -> Figures:
    """Compared by the time within which 95 % of the scores are saved."""
    page = "/studies/guides-trial/cases"
    return saving(version, cases, every_s=2.0, readers=READERS, page=page)
