from __future__ import annotations

from ..table import Figures, of_request
from ..versions import Version

WHAT = "study page, half submitted"
TARGET = ""
RECORDED: dict[int, str] = {}
ADDRESS = "/studies/guides-trial/"


def measure(version: Version, cases: int) -> Figures:
    given = {"username": "clara", "method": "GET", "address": ADDRESS}
    return of_request(version.probe(version.database("submitted", cases), "probe:request", **given))
