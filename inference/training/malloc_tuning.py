"""Memory that a training step frees is kept for the next one."""

from __future__ import annotations

import ctypes
from typing import Final

TRIM_THRESHOLD: Final = -1
MMAP_THRESHOLD: Final = -3
NEVER: Final = 2**31 - 1


def retain_freed_memory() -> bool:
    """Tell glibc to give nothing back to the system; False where there is another C library.

    Every step frees and takes the same large blocks, and clean pages from the system cost time.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return False
    return bool(mallopt(TRIM_THRESHOLD, NEVER)) and bool(mallopt(MMAP_THRESHOLD, NEVER))
