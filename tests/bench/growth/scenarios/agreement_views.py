from __future__ import annotations

from ..table import Figures
from ..versions import Version

WHAT = "18 selections of 50 readers"
TARGET = "600 MB kept"
RECORDED = {100: "8.8 GB kept"}
SIZES = (100,)
ROUNDS = 1


def measure(version: Version, cases: int) -> Figures:
    """Compared by the memory that the process still has afterwards."""
    database = version.database("read by all", cases)
    measured = version.probe(database, "outputs:views", count=18)
    text = (
        f"{measured['kept_mb']:.0f} MB kept, {measured['peak_mb']:.0f} MB peak, "
        f"{measured['cpu_s']:.1f} s CPU"
    )
    return Figures(measured["kept_mb"], text)
