from __future__ import annotations

from ..table import Figures
from ..versions import Version

WHAT = "uploading 60 JPEG-LS files"
TARGET = "0.05 s a file"
RECORDED = {100: "0.51 s a file"}
SIZES = (100,)
FILES = 60


def measure(version: Version, cases: int) -> Figures:
    """Compared by the processor time of a file, once the decoders have started."""
    measured = version.probe(version.database("filled", cases), "uploads:upload", count=FILES)
    per_file = {name: measured[name] / FILES for name in ("cpu_s", "seconds", "queries")}
    text = (
        f"{per_file['cpu_s']:.3f} s CPU ({per_file['seconds']:.3f} s) and "
        f"{per_file['queries']:.0f} queries a file, {measured['peak_mb']:.0f} MB"
    )
    return Figures(per_file["cpu_s"], text)
