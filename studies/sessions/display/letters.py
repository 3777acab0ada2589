"""PURE. Letters of the display check: their contrasts, and the result of what a reader typed.

Letters of decreasing contrast just above black and just below white are modelled on the letters
"QUALITY CONTROL" of the TG18-QC test pattern (AAPM On-Line Report No. 03, 2005). Contrasts, sizes
and letters differ from it, and displays are not calibrated, so that results cannot be compared with
those of TG18-QC. The ten letters are those of Sloan (1959), which are about equally legible.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

CONTRASTS: Final = (32, 16, 8, 4, 2)
"""Differences from black and from white, in grey levels of 0 to 255, in the order of display."""
ALPHABET: Final = "CDHKNORSVZ"
LETTERS_PER_CONTRAST: Final = 2
"""The chance of guessing both letters is 1 %."""
ENDS: Final = ("dark", "bright")

Letters = Mapping[str, Sequence[str]]
"""``shown`` and ``typed``: one text per contrast, in the order of CONTRASTS."""


@dataclass(frozen=True, slots=True)
class Result:
    """The smallest contrast read at each end, None if none, and the correct letters."""

    dark: int | None
    bright: int | None
    correct: int
    shown: int

    def passes(self, contrast: int) -> bool:
        """Return whether all letters of this and of stronger contrasts were read at both ends."""
        return all(end is not None and end <= contrast for end in (self.dark, self.bright))


def grade_letters(letters: Mapping[str, Letters]) -> Result:
    """Return the result of the letters of both ends.

    Examples
    --------
    >>> rows = {"shown": ["CD", "HK", "NO", "RS", "VZ"], "typed": ["cd", "h k", "NO", "RV", ""]}
    >>> grade_letters({"dark": rows, "bright": rows})
    Result(dark=8, bright=8, correct=14, shown=20)
    """
    rows = [
        (shown, typed)
        for end in ENDS
        for shown, typed in zip(letters[end]["shown"], letters[end]["typed"], strict=True)
    ]
    return Result(
        dark=_smallest_contrast(letters["dark"]),
        bright=_smallest_contrast(letters["bright"]),
        correct=sum(_count_correct(shown, typed) for shown, typed in rows),
        shown=sum(len(shown) for shown, _ in rows),
    )


def tidy(typed: str) -> str:
    """Return typed letters in capitals and without spaces."""
    return "".join(typed.split()).upper()


def _smallest_contrast(end: Letters) -> int | None:
    smallest = None
    for contrast, shown, typed in zip(CONTRASTS, end["shown"], end["typed"], strict=True):
        if tidy(typed) != shown:
            break
        smallest = contrast
    return smallest


def _count_correct(shown: str, typed: str) -> int:
    # A letter counts in its position; an additional one does not make the others right.
    return sum(first == second for first, second in zip(shown, tidy(typed), strict=False))
