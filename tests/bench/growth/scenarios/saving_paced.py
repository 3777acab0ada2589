from __future__ import annotations

from ..table import Figures
from ..versions import Version
from .saving_saturated import READERS, saving

WHAT = "saving, 200 readers, a key every 2 s"
TARGET = "half the CPU a score"
RECORDED = {1_000: "59 requests/s, p95 2.9 s", 10_000: "59 requests/s, p95 2.9 s"}
LARGEST_ONLY = True


def measure(version: Version, cases: int) -> Figures:
    return saving(version, cases, every_s=2.0, readers=READERS)
