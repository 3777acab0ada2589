from __future__ import annotations

from ..table import Figures
from ..versions import Version
from .agreement_page import of_agreement

WHAT = "agreement JSON, 50 readers"
TARGET = "at most 30 MB, 400 MB of memory"
RECORDED = {100: "34 s, 432 MB, 2.1 GB of memory"}
SIZES = (100,)
ROUNDS = 1


def measure(version: Version, cases: int) -> Figures:
    return of_agreement(version, cases, "/studies/guides-trial/downloads/agreement.json")
