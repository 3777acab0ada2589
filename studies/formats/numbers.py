"""Format numbers for pages, reports and messages."""

from __future__ import annotations

from typing import Final

NO_VALUE: Final = "–"


def decimal(value: float | None, digits: int = 2) -> str:
    """Return a number as text with a true minus sign, never "-0.00"; a dash for None.

    Examples
    --------
    >>> decimal(0.714), decimal(-0.05), decimal(-0.001), decimal(None)
    ('0.71', '−0.05', '0.00', '–')
    """
    if value is None:
        return NO_VALUE
    text = f"{value:.{digits}f}"
    # Rounding a small negative number leaves a minus sign.
    if float(text) == 0:
        text = text.lstrip("-")
    return text.replace("-", "−")
