"""Image size and display checks in a report."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class ReaderDisplaySummary:
    """The display checks of one reader; contrasts in grey levels of 0 to 255.

    Parameters
    ----------
    dark, bright
        The largest of the smallest contrasts read in the sessions; None if none was read in one.
    waiver, waived_at
        Why and when a coordinator waived the check; "" and None if not.
    """

    reader: str
    sessions: int
    checked: int
    passed: int
    dark: int | None
    bright: int | None
    waiver: str
    waived_at: datetime | None = None


@dataclass(frozen=True)
class DisplaySummary:
    """Requirements on the size of the image and on the display.

    Parameters
    ----------
    minimum_image_px
        Smallest height of the image in device pixels at which scoring was possible; 0 for none.
    check
        "off", "recommended" or "required".
    contrast
        The contrast that a reader had to read to pass the check.
    readers
        The readers with reading sessions, by label; empty without display checks.
    """

    minimum_image_px: int
    check: str
    contrast: int
    readers: tuple[ReaderDisplaySummary, ...] = ()
