from __future__ import annotations

from ..table import Figures, of_request
from ..versions import Version

WHAT = "progress page, half submitted"
TARGET = "0.5 s"
RECORDED: dict[int, str] = {10_000: "5.3 s, 4.2 MB"}
ADDRESS = "/studies/guides-trial/progress"


def measure(version: Version, cases: int) -> Figures:
    given = {"username": "clara", "method": "GET", "address": ADDRESS}
    return of_request(version.probe(version.database("submitted", cases), "probe:request", **given))
