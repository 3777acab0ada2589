from __future__ import annotations

from ..table import Figures, of_request
from ..versions import Version

WHAT = "agreement page, 50 readers"
TARGET = "3 s, 300 MB"
RECORDED = {100: "10.6 s, 650 MB"}
SIZES = (100,)
ADDRESS = "/studies/guides-trial/agreement"


def measure(version: Version, cases: int) -> Figures:
    return of_agreement(version, cases, ADDRESS)


def of_agreement(version: Version, cases: int, address: str, nth: int = 1) -> Figures:
    """Measure the nth request for an address of a locked study that all readers have read."""
    database = version.database("read by all", cases)
    given = {"username": "clara", "method": "GET", "address": address, "nth": nth}
    return of_request(version.probe(database, "probe:request", **given))
