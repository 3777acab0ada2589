r"""Intraclass correlations of totals, standard error of measurement, smallest detectable change.

Forms are named as in McGraw and Wong (Shrout and Fleiss in brackets): one-way ICC(1,1) (1,1) and
ICC(1,k) (1,k); two-way absolute agreement ICC(A,1) (2,1) and ICC(A,k) (2,k); two-way consistency
ICC(C,1) (3,1) and ICC(C,k) (3,k). With n cases in rows, k readers in columns, and mean squares of
rows (R), columns (C) and residual (E), for example

.. math:: ICC(A,1) = \frac{MS_R - MS_E}{MS_R + (k - 1) MS_E + k (MS_C - MS_E)/n} .

All use complete cases and F intervals (Satterthwaite's degrees of freedom for absolute agreement).
They assume independent cases and normal errors of equal variance.

References
----------
McGraw and Wong 1996, Psychol Methods 1:30; Shrout and Fleiss 1979, Psychol Bull 86:420.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from studies.analytics.coefficients.correlation import as_floats
from studies.analytics.estimate import Z95, Estimate, undefined
from studies.analytics.table import FloatArray

Form = Literal["1,1", "A,1", "C,1", "1,k", "A,k", "C,k"]
FORMS: Final[tuple[Form, ...]] = ("1,1", "A,1", "C,1", "1,k", "A,k", "C,k")
SHROUT_FLEISS: Final[dict[str, Form]] = {"2,1": "A,1", "3,1": "C,1", "2,k": "A,k", "3,k": "C,k"}
NAMES: Final[dict[Form, str]] = {
    "1,1": "one-way, single rating",
    "A,1": "two-way, absolute agreement, single rating",
    "C,1": "two-way, consistency, single rating",
    "1,k": "one-way, mean of k ratings",
    "A,k": "two-way, absolute agreement, mean of k ratings",
    "C,k": "two-way, consistency, mean of k ratings",
}
# A mean square below this share of the largest squared total is rounding error.
ROUNDING: Final = 1e-28

RULE: Final = "cases with every reader's total"
NO_SPREAD_NOTE: Final = "every total is the same: the coefficient is undefined"
SAME_MEANS_NOTE: Final = "the cases' means do not differ: the coefficient is undefined"
NEGATIVE_NOTE: Final = (
    "the estimated variance between cases is negative: the coefficient is undefined"
)
BREAKS_DOWN_NOTE: Final = "the F interval is invalid: it does not contain the estimate"
UNBOUNDED_NOTE: Final = "the interval has no lower limit and is not given"
FEW_NOTE: Final = "fewer than two cases have every reader's total"

Interval = tuple[float, float]


@dataclass(frozen=True)
class MeanSquares:
    """Mean squares of n complete cases by k readers.

    Parameters
    ----------
    n, k : int
        Cases and readers.
    cases, readers, residual, within : float
        Mean squares between cases, between readers, of the residual, and within cases.
    """

    n: int
    k: int
    cases: float
    readers: float
    residual: float
    within: float

    @property
    def flat(self) -> bool:
        """Return whether every total is the same."""
        return self.cases == 0.0 and self.within == 0.0


def complete_rows(ratings: ArrayLike) -> FloatArray:
    """Return the rows of ratings (cases, readers) that have no missing value."""
    values = as_floats(ratings)
    if values.ndim != 2:
        raise ValueError("Ratings must be a table of cases by readers.")
    return values[~np.isnan(values).any(axis=1)]


def mean_squares(values: FloatArray) -> MeanSquares:
    """Return the mean squares of complete totals (cases, readers), at least two of each.

    Mean squares that are rounding error only are set to 0.
    """
    n, k = values.shape
    floor = ROUNDING * float(np.square(values).max())
    # Mean squares do not depend on the origin; a shift keeps the sums of squares exact.
    values = values - values[0, 0]
    cases, readers, grand = values.mean(axis=1), values.mean(axis=0), float(values.mean())
    residual = values - cases[:, None] - readers[None, :] + grand
    mean_square = {
        "cases": k * float(np.square(cases - grand).sum()) / (n - 1),
        "readers": n * float(np.square(readers - grand).sum()) / (k - 1),
        "residual": float(np.square(residual).sum()) / ((n - 1) * (k - 1)),
        "within": float(np.square(values - cases[:, None]).sum()) / (n * (k - 1)),
    }
    whole = {name: value if value > floor else 0.0 for name, value in mean_square.items()}
    return MeanSquares(n=n, k=k, **whole)


def icc(ratings: ArrayLike, *, form: str = "A,1") -> Estimate:
    """Return an intraclass correlation with its F interval.

    Parameters
    ----------
    ratings : array-like (cases, readers)
        Totals, NaN or None where missing. Only complete cases enter.
    form : {"1,1", "A,1", "C,1", "1,k", "A,k", "C,k"}
        Form by McGraw and Wong 1996. Shrout and Fleiss's "2,1", "3,1", "2,k" and "3,k" are
        accepted for "A,1", "C,1", "A,k" and "C,k".

    Returns
    -------
    Estimate
        Without a standard error; ``ci`` is the F interval, ``n`` the number of complete cases.

    Raises
    ------
    ValueError
        If there is no such form.

    References
    ----------
    McGraw and Wong 1996, Psychol Methods 1:30; Shrout and Fleiss 1979, Psychol Bull 86:420.

    Examples
    --------
    Shrout and Fleiss 1979, table 2: ICC(2,1) = 0.29, ICC(3,1) = 0.71.

    >>> table = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8]]
    >>> table += [[7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
    >>> round(icc(table).value, 2), round(icc(table, form="C,1").value, 2)
    (0.29, 0.71)
    """
    form_name = SHROUT_FLEISS.get(form, form)
    if form_name not in FORMS:
        raise ValueError(f"The form must be one of {', '.join(FORMS)}, not {form!r}.")
    method = f"ICC({form_name}), {NAMES[form_name]}; F interval (McGraw and Wong 1996); {RULE}"
    values = complete_rows(ratings)
    if values.shape[1] < 2:
        return undefined(0, "fewer than two readers", method)
    if len(values) < 2:
        return undefined(len(values), FEW_NOTE, method)
    return icc_of(mean_squares(values), form_name, method)


def icc_of(squares: MeanSquares, form: Form, method: str = "") -> Estimate:
    """Return an intraclass correlation with its F interval from mean squares."""
    n, k, between = squares.n, squares.k, squares.cases
    if form.startswith("1"):
        error = squares.within
        single, bottom = between + (k - 1) * error, between
    else:
        error = squares.residual
        shift = squares.readers - error if form.startswith("A") else 0.0
        single = between + (k - 1) * error + k * shift / n
        bottom = between + shift / n
    whole = single if form.endswith("1") else bottom
    if squares.flat or whole <= 0.0:
        return undefined(n, _undefined_note(squares), method)
    value = (between - error) / whole
    if form.startswith("A"):
        ci = _absolute_interval((between - error) / single, squares) if single > 0 else None
    else:
        free = n * (k - 1) if form.startswith("1") else (n - 1) * (k - 1)
        ci = _ratio_interval(squares, error, free)
    note = "" if ci else "the residual variance is 0: no interval"
    if ci and form.endswith("k"):
        bottoms = [1 + (k - 1) * bound for bound in ci]
        if min(bottoms) < 1e-12:
            return Estimate(value, None, None, n, method, UNBOUNDED_NOTE)
        ci = k * ci[0] / bottoms[0], k * ci[1] / bottoms[1]
    if ci and not ci[0] <= value <= ci[1]:
        return Estimate(value, None, None, n, method, BREAKS_DOWN_NOTE)
    return Estimate(value, None, ci, n, method, note)


def _undefined_note(squares: MeanSquares) -> str:
    if squares.flat:
        return NO_SPREAD_NOTE
    return NEGATIVE_NOTE if squares.cases > 0.0 else SAME_MEANS_NOTE


def _f_quantile(numerator: float, denominator: float) -> float:
    return float(special.fdtri(numerator, denominator, 0.975))


def _ratio_interval(squares: MeanSquares, error: float, free: int) -> Interval | None:
    """Return the interval of a single rating if MS(cases) / MS(error) has an F distribution."""
    if error <= 1e-14 * squares.cases or squares.cases == 0.0:
        return None
    ratio, k = squares.cases / error, squares.k
    low = ratio / _f_quantile(squares.n - 1, free)
    high = ratio * _f_quantile(free, squares.n - 1)
    return (low - 1) / (low + k - 1), (high - 1) / (high + k - 1)


def _absolute_interval(value: float, squares: MeanSquares) -> Interval | None:
    """Return the interval of ICC(A,1) with Satterthwaite's degrees of freedom."""
    n, k = squares.n, squares.k
    msr, msc, mse = squares.cases, squares.readers, squares.residual
    if value >= 1.0 or (mse <= 1e-14 * msr and msc <= 1e-14 * msr):
        return None
    a = k * value / (n * (1 - value))
    b = 1 + k * value * (n - 1) / (n * (1 - value))
    bottom = (a * msc) ** 2 / (k - 1) + (b * mse) ** 2 / ((n - 1) * (k - 1))
    if bottom <= 0.0:
        return None
    free = (a * msc + b * mse) ** 2 / bottom
    if free < 1e-9:
        return None
    f_low, f_high = _f_quantile(n - 1, free), _f_quantile(free, n - 1)
    rest = k * n - k - n
    low = n * (msr - f_low * mse) / (f_low * (k * msc + rest * mse) + n * msr)
    high = n * (f_high * msr - mse) / (k * msc + rest * mse + n * f_high * msr)
    return low, high


@dataclass(frozen=True)
class Measurement:
    """Standard error of measurement (SEM) and smallest detectable change (SDC).

    Parameters
    ----------
    sem, sdc : Estimate
        Consistency form, without the variance between readers.
    agreement, sdc_agreement : float or None
        The same for absolute agreement.
    """

    sem: Estimate
    sdc: Estimate
    agreement: float | None
    sdc_agreement: float | None


def measurement_error(ratings: ArrayLike) -> Measurement:
    """Return SEM = root of the residual mean square, and SDC = 1.96 sqrt(2) SEM.

    The agreement form adds the readers' variance, (MS(readers) - MS(residual)) / n, or 0 if that
    is negative. Intervals use chi-square quantiles with (n - 1)(k - 1) degrees of freedom and
    assume normal errors of equal variance.

    Parameters
    ----------
    ratings : array-like (cases, readers)
        Totals, NaN or None where missing. Only complete cases enter.
    """
    values = complete_rows(ratings)
    n, k = values.shape
    sem_method = f"SEM, root of the residual mean square (consistency); chi-square interval; {RULE}"
    sdc_method = f"smallest detectable change, 1.96 √2 SEM; chi-square interval; {RULE}"
    if n < 2 or k < 2:
        none = undefined(n, FEW_NOTE)
        return Measurement(none.with_method(sem_method), none.with_method(sdc_method), None, None)
    squares = mean_squares(values)
    sem, times = math.sqrt(squares.residual), Z95 * math.sqrt(2)
    agreement = math.sqrt(squares.residual + max(squares.readers - squares.residual, 0.0) / n)
    free = (n - 1) * (k - 1)
    ci = None
    if sem > 0.0:
        low, high = (
            math.sqrt(free * squares.residual / float(special.chdtri(free, tail)))
            for tail in (0.025, 0.975)
        )
        ci = low, high
    note = "" if ci else "the residual variance is 0: no interval"
    return Measurement(
        Estimate(sem, None, ci, n, sem_method, note),
        Estimate(
            times * sem,
            None,
            (times * ci[0], times * ci[1]) if ci else None,
            n,
            sdc_method,
            note,
        ),
        agreement,
        times * agreement,
    )
