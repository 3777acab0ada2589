"""Tuning of the C memory allocator for training."""

from __future__ import annotations

import ctypes
from typing import Final

# Parameters of mallopt(3) in glibc.
TRIM_THRESHOLD: Final = -1
MMAP_THRESHOLD: Final = -3
NEVER: Final = 2**31 - 1


def retain_freed_memory() -> bool:
    """Configure glibc to reuse freed memory instead of returning it to the system.

    Each training step frees and allocates the same large blocks, and new pages from the system cost
    time.

    Returns
    -------
    bool
        Whether the setting was applied; ``False`` with another C library.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return False
    return bool(mallopt(TRIM_THRESHOLD, NEVER)) and bool(mallopt(MMAP_THRESHOLD, NEVER))
