"""Small files that an earlier version got wrong; they stay outside the repository.

VERTEREAD_FAULTS names their folder, by default ``shared/faults`` beside the checkout.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

_BESIDE = Path(__file__).resolve().parents[2] / "shared" / "faults"
FOLDER = Path(os.environ.get("VERTEREAD_FAULTS") or _BESIDE)
needs_fault_files = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="there is no folder of fault files (VERTEREAD_FAULTS)"
)


def fault_file(number: str) -> Path:
    """Return the file that begins with a number."""
    (path,) = FOLDER.glob(f"{number}-*")
    return path
