from __future__ import annotations

from ..table import Figures
from ..versions import Version
from .agreement_page import ADDRESS, of_agreement

WHAT = "agreement page again, 50 readers"
TARGET = "0.5 s"
RECORDED = {100: "3.5 s"}
SIZES = (100,)


def measure(version: Version, cases: int) -> Figures:
    return of_agreement(version, cases, ADDRESS, nth=2)
