"""AAC-24 as numbers: its levels, walls and cells, validity codes, sums and groups.

Source: Kauppila et al. 1997 (Atherosclerosis 132:245-250); validity codes of NHANES DXXAAC_H.
"""

from __future__ import annotations

from enum import IntEnum

LEVELS: tuple[str, ...] = ("L1", "L2", "L3", "L4")
WALLS: tuple[str, ...] = ("posterior", "anterior")
CELLS: tuple[str, ...] = tuple(f"{level}_{wall}" for level in LEVELS for wall in WALLS)
CELL_SCORES: tuple[int, ...] = (0, 1, 2, 3)
GROUPS: tuple[str, ...] = ("low", "moderate", "high")
DEFAULT_GROUP_LIMITS: tuple[int, int] = (2, 6)
"""The lowest totals of the moderate and of the high group: low 0-1, moderate 2-5, high 6-24."""


class Validity(IntEnum):
    """Whether a cell could be read, coded as NHANES codes a level."""

    VALID = 0
    OBJECT = 1
    NOISE = 3
    INSUFFICIENT_SCAN_AREA = 4
    MOVEMENT = 5
    OTHER = 6


VALIDITY_LABELS: dict[Validity, str] = {
    Validity.VALID: "Readable",
    Validity.OBJECT: "Object in front of the aorta",
    Validity.NOISE: "Noise",
    Validity.INSUFFICIENT_SCAN_AREA: "Outside the scanned area",
    Validity.MOVEMENT: "Movement",
    Validity.OTHER: "Other (degeneration, fusion, fracture)",
}
