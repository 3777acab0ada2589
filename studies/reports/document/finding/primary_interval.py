"""The confidence interval of the main finding, which the study's design fixes in advance."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from studies.reports.document.bootstrap.intervals import Interval
from studies.reports.document.formatting import bounds
from studies.reports.document.tables.bootstrap_table import limit_of

LEVEL: Final = 0.95
REASON: Final = "The study’s design fixed this interval before any score was seen."


class IntervalMethod(StrEnum):
    """Methods of a primary interval, as the design of a study names them."""

    EXPANDED = "expanded"
    PERCENTILE = "percentile"
    BCA = "bca"
    DELTA = "delta"


NAMES: Final = {
    IntervalMethod.EXPANDED: "expanded percentile bootstrap",
    IntervalMethod.PERCENTILE: "percentile bootstrap",
    IntervalMethod.BCA: "bias-corrected and accelerated (BCa) bootstrap",
    IntervalMethod.DELTA: "delta method",
}


@dataclass(frozen=True)
class PrimaryInterval:
    """The interval of the main finding, and the one that is stated beside it.

    Parameters
    ----------
    method, ci
        The primary method and its limits; None where it cannot be estimated.
    other_method, other_ci
        The delta method beside a bootstrap interval, and the expanded percentile bootstrap beside
        the delta method.
    resamples, seed
        Resamples in which the statistic was defined, and the seed from which they were drawn.
    limit
        Absolute value at which printed limits are truncated.
    """

    method: IntervalMethod
    ci: tuple[float, float] | None
    other_method: IntervalMethod
    other_ci: tuple[float, float] | None
    resamples: int
    seed: int
    limit: float

    @property
    def sentences(self) -> str:
        """Return which interval the finding uses and why, and the other interval."""
        other = bounds(self.other_ci, clip=self.limit)
        beside = f"By the {self._name(self.other_method)}: {other}."
        if self.ci is None:
            missing = f"The primary interval, by the {NAMES[self.method]}, could not be estimated."
            return f"{missing} {beside}"
        return f"95 % CI: {self._name(self.method)}. {REASON} {beside}"

    def _name(self, method: IntervalMethod) -> str:
        if method == IntervalMethod.DELTA:
            return NAMES[method]
        return f"{NAMES[method]} over patients ({self.resamples:,} resamples, seed {self.seed})"


def primary_interval(interval: Interval, method: IntervalMethod, seed: int) -> PrimaryInterval:
    """Return the primary interval of a statistic from all its intervals."""
    other = IntervalMethod.DELTA
    if method == IntervalMethod.DELTA:
        other = IntervalMethod.EXPANDED
    return PrimaryInterval(
        method,
        limits_of(interval, method),
        other,
        limits_of(interval, other),
        interval.resamples,
        seed,
        limit_of(interval),
    )


def limits_of(interval: Interval, method: IntervalMethod) -> tuple[float, float] | None:
    """Return the limits of one method."""
    return {
        IntervalMethod.EXPANDED: interval.expanded,
        IntervalMethod.PERCENTILE: interval.percentile,
        IntervalMethod.BCA: interval.bca,
        IntervalMethod.DELTA: interval.ci,
    }[method]
