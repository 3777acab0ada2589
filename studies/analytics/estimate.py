"""An estimate with its uncertainty, and the rules that every interval follows."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

# The 97.5 % quantile of the standard normal distribution, written out so that results do not
# depend on the version of scipy.
Z95: Final = 1.959963984540054

# A standard error below this is rounding error of a sum of squares that is exactly 0.
NEGLIGIBLE_SE: Final = 1e-12

ZERO_SE_NOTE: Final = "the standard error is 0: no interval"
ONE_PATIENT_NOTE: Final = "one patient only: no standard error"


class Status(IntEnum):
    """Whether an estimate is informative, and if not, why.

    Code branches on the status; ``Estimate.note`` explains it to people. Arrays of kappas store
    the numbers, so 0 must stay the status of a kappa without any restriction.
    """

    ESTIMATED = 0
    NO_ITEMS = 1
    """No item was rated by both readers."""
    ONE_CASE = 2
    """Fewer than two cases were rated by both readers."""
    SAME_SCORE = 3
    """Both readers used one and the same score: chance agreement is 1 and kappa undefined."""
    ONE_SCORE = 4
    """A reader used one score only: kappa is 0, whatever scores the other reader used."""
    ONE_SCORE_IN_ARM = 5
    """A difference of kappas of which at least one has the status `ONE_SCORE`."""
    SOME_PAIRS = 6
    """A mean over pairs of readers that omits undefined kappas or includes degenerate ones."""
    UNDEFINED = 7
    """Undefined for another reason, which the note gives."""

    @property
    def is_degenerate(self) -> bool:
        """Return whether a value of kappa, or of a difference, rests on one score of a reader."""
        return self in (Status.ONE_SCORE, Status.ONE_SCORE_IN_ARM)


@dataclass(frozen=True)
class Estimate:
    """A statistic with its standard error and 95 % confidence interval.

    Parameters
    ----------
    value : float or None
        None where the statistic is undefined.
    se : float or None
        Standard error; None where it is not estimated.
    ci : (float, float) or None
        Lower and upper 95 % confidence limits, not clipped; None where they are not estimable.
    n : int
        Items that entered: cases, cells where cells are pooled, patients for means and differences.
    method : str
        How value and interval were computed.
    note : str
        Why something is missing or not informative, in words; empty otherwise.
    status : Status
        The same for code. An estimate without a value is ``UNDEFINED`` unless stated otherwise.
    arm_notes : tuple of (str, str)
        For a difference whose note consists of reasons of the arms: each arm with its reason.
    """

    value: float | None
    se: float | None
    ci: tuple[float, float] | None
    n: int
    method: str = ""
    note: str = ""
    status: Status = field(default=Status.ESTIMATED, kw_only=True)
    arm_notes: tuple[tuple[str, str], ...] = field(default=(), kw_only=True)

    def __post_init__(self) -> None:
        if self.value is None and self.status is Status.ESTIMATED:
            object.__setattr__(self, "status", Status.UNDEFINED)

    def with_method(self, method: str) -> Estimate:
        """Return the same estimate with another description of its method."""
        return replace(self, method=method)

    def with_arm_notes(self, arm_notes: tuple[tuple[str, str], ...]) -> Estimate:
        """Return the same estimate with the reasons of which its note consists."""
        return replace(self, arm_notes=arm_notes) if arm_notes else self


def join_arm_notes(arm_notes: Iterable[tuple[str, str]]) -> str:
    """Return the note that states the reason of each arm."""
    return "; ".join(f"{arm}: {reason}" for arm, reason in arm_notes)


def undefined(n: int, note: str, method: str = "", status: Status = Status.UNDEFINED) -> Estimate:
    """Return an estimate without a value.

    Parameters
    ----------
    n : int
        Items that were available.
    note : str
        The reason, in words.
    method : str
        How the value would have been computed.
    status : Status
        The reason, for code.
    """
    return Estimate(None, None, None, n, method, note, status=status)


def normal_interval(value: float, se: float) -> tuple[float, float] | None:
    """Return the normal 95 % interval, value ± 1.96 SE, not clipped.

    None where the standard error is 0 or not finite: such an interval has no coverage.
    """
    if not math.isfinite(se) or se == 0.0:
        return None
    return (value - Z95 * se, value + Z95 * se)


def zero_if_negligible(se: float) -> float:
    """Return a standard error, or exactly 0 where it is rounding error only."""
    return 0.0 if se < NEGLIGIBLE_SE else se


def clustered_se(influence: NDArray[np.float64]) -> float:
    """Return the standard error from patients' influence (patients,).

    This is the root of the sum of squares, without a small-sample factor.
    """
    return zero_if_negligible(math.sqrt(float(influence @ influence)))


def clustered_estimate(
    value: float,
    se: float,
    n: int,
    patients: int,
    note: str = "",
    method: str = "",
    status: Status = Status.ESTIMATED,
) -> Estimate:
    """Return a value with a patient-clustered standard error and its normal interval.

    Parameters
    ----------
    value, se : float
        The statistic and its standard error, summed by patient.
    n, patients : int
        Items and patients that entered. One patient gives no standard error.
    note, method : str
        As in `Estimate`. A note takes precedence over those on the standard error.
    status : Status
        As in `Estimate`.
    """
    if patients < 2:
        note = note or ONE_PATIENT_NOTE
        return Estimate(value, None, None, n, method, note, status=status)
    note = note or (ZERO_SE_NOTE if se == 0.0 else "")
    return Estimate(value, se, normal_interval(value, se), n, method, note, status=status)
