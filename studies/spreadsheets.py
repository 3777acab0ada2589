"""What a spreadsheet makes of text."""

from __future__ import annotations

from typing import Final

FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")


def escape_formula(text: str) -> str:
    """Put an apostrophe before text that a spreadsheet would run as a formula.

    Examples
    --------
    >>> escape_formula("=1+1"), escape_formula("L1")
    ("'=1+1", 'L1')
    """
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
