"""What a spreadsheet makes of text."""

from __future__ import annotations

from typing import Final

FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")


def formula_safe(text: str) -> str:
    """Put an apostrophe before text that a spreadsheet would run as a formula.

    Examples
    --------
    >>> formula_safe("=1+1"), formula_safe("L1")
    ("'=1+1", 'L1')
    """
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
