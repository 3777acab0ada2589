from __future__ import annotations

from ..table import Figures, of_request
from ..versions import Version

WHAT = "cases page, filtered"
TARGET = ""
RECORDED: dict[int, str] = {}
ADDRESS = "/studies/guides-trial/cases?state=borderline&q=C"


def measure(version: Version, cases: int) -> Figures:
    given = {"username": "clara", "method": "GET", "address": ADDRESS}
    return of_request(version.probe(version.database("filled", cases), "probe:request", **given))
