from __future__ import annotations

from ..table import Figures, of_request
from ..versions import Version

WHAT = "cases page"
TARGET = "0.3 s at any size"
RECORDED: dict[int, str] = {1_000: "1.5 s, 363 MB", 10_000: "11.5 s, 7.9 MB, 1.5 GB"}
ADDRESS = "/studies/guides-trial/cases"


def measure(version: Version, cases: int) -> Figures:
    given = {"username": "clara", "method": "GET", "address": ADDRESS}
    return of_request(version.probe(version.database("filled", cases), "probe:request", **given))
