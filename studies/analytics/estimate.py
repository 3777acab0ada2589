"""One estimate with its uncertainty, and the rules that every interval follows."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

Z95: Final = 1.959963984540054
"""The 97.5 % quantile of the normal distribution, written out so that every number repeats."""

NEGLIGIBLE_SE: Final = 1e-12
"""A standard error below this is rounding, and stands as 0."""


@dataclass(frozen=True)
class Estimate:
    """A statistic with its standard error and 95 % interval; what is undefined is None.

    ``n`` counts the items that entered (cases, or cells where cells are pooled), ``method`` says
    how value and interval were made, ``note`` why something is missing or says little.
    """

    value: float | None
    se: float | None
    ci: tuple[float, float] | None
    n: int
    method: str = ""
    note: str = ""

    def with_method(self, method: str) -> Estimate:
        return replace(self, method=method)


def undefined(n: int, note: str, method: str = "") -> Estimate:
    """Return an estimate without a value, with the reason in words."""
    return Estimate(None, None, None, n, method, note)


def normal_interval(value: float, se: float) -> tuple[float, float] | None:
    """Return value -+ 1.96 standard errors, not clipped; None where the standard error is 0."""
    if not math.isfinite(se) or se == 0.0:
        return None
    return (value - Z95 * se, value + Z95 * se)


def zero_if_negligible(se: float) -> float:
    """Return the standard error, or exactly 0 where only rounding is left of it."""
    return 0.0 if se < NEGLIGIBLE_SE else se
