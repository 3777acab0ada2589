"""Safe text for spreadsheets."""

from __future__ import annotations

from typing import Final

# The characters that OWASP lists for CSV injection.
FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")


def escape_formula(text: str) -> str:
    """Return text with an apostrophe in front if a spreadsheet would run it as a formula.

    Examples
    --------
    >>> escape_formula("=1+1"), escape_formula("L1")
    ("'=1+1", 'L1')
    """
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
