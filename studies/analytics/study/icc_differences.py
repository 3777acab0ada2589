r"""Differences of dependent intraclass correlations between two arms.

A two-way ICC is a smooth function of n, :math:`\sum x` and :math:`\sum x x^T` over the complete
cases. Its gradient, computed by complex steps, gives the influence
:math:`\partial F/\partial n + \partial F/\partial s \cdot x + \partial F/\partial S \cdot x x^T`
of a case, which is summed per patient as for kappas. Standard errors assume independent patients;
intervals are normal, value ± 1.96 SE. The same sums over resampled patients give the bootstrap
replicates.

References
----------
Efron 1982, The Jackknife, the Bootstrap and Other Resampling Plans (infinitesimal jackknife).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from studies.analytics.coefficients.intraclass import (
    FEW_NOTE,
    NO_SPREAD_NOTE,
    Form,
    icc_of,
    mean_squares,
)
from studies.analytics.estimate import Estimate, clustered_estimate, clustered_se, undefined
from studies.analytics.ratings import Ratings
from studies.analytics.resampling.intervals import (
    bootstrap_intervals,
)
from studies.analytics.resampling.patient_bootstrap import (
    Bootstrap,
)
from studies.analytics.result import Result
from studies.analytics.table import FloatArray, IntArray, ReadingTable

# A complex step has no cancellation error, so it can be far below the precision of a float.
STEP: Final = 1e-30
ICC_FORMS: Final[tuple[Form, ...]] = ("A,1", "C,1")


@dataclass(frozen=True)
class IccFit:
    """An ICC of single ratings with every patient's influence on it.

    Parameters
    ----------
    value : float or None
        None where undefined; ``note`` gives the reason.
    influence : float array (patients,)
        Influence of each patient of the study, 0 where absent.
    present : bool array (patients,)
        Which patients have a complete case.
    note : str
        Why there is no value, "" otherwise.
    form : {"A,1", "C,1"}
        Form of the ICC (McGraw and Wong 1996).
    readers : int
        Number of readers.
    sums : float array (patients, terms)
        Sums by patient that the ICC is a function of: n, the readers' totals, their products.
    """

    value: float | None
    influence: FloatArray
    present: NDArray[np.bool_]
    note: str
    form: Form
    readers: int
    sums: FloatArray

    def of(self, weights: FloatArray) -> FloatArray:
        """Return the ICC with patients weighted (replicates, patients), NaN where undefined."""
        return icc_values((weights @ self.sums).T, self.readers, self.form)

    def leave_one_out(self) -> FloatArray:
        """Return the ICC with each patient left out (patients,), NaN where undefined."""
        return icc_values((self.sums.sum(axis=0) - self.sums).T, self.readers, self.form)


def fit_icc(totals: FloatArray, patient: IntArray, patients: int, form: Form) -> IccFit:
    """Fit ICC(A,1) or ICC(C,1) to the totals of all readers.

    Parameters
    ----------
    totals : float array (cases, readers)
        NaN where missing; only complete cases enter.
    patient : int array (cases,)
        The patient of each case.
    patients : int
        Number of patients in the study.
    form : {"A,1", "C,1"}
        Absolute agreement or consistency.
    """
    complete = ~np.isnan(totals).any(axis=1)
    x, patient_of_case = totals[complete], patient[complete]
    zeros, present = np.zeros(patients), np.zeros(patients, dtype=np.bool_)
    present[patient_of_case] = True
    k = x.shape[1]
    upper = _products(k)
    # ICCs do not depend on the origin; centring keeps the sums of squares exact.
    x = x - np.rint(x.mean()) if len(x) else x
    terms = np.column_stack([np.ones(len(x)), x, *[x[:, i] * x[:, j] for i, j in upper]])
    by_patient = np.zeros((patients, terms.shape[1]))
    np.add.at(by_patient, patient_of_case, terms)
    if len(x) < 2 or icc_of(mean_squares(x), form).value is None:
        note = FEW_NOTE if len(x) < 2 else NO_SPREAD_NOTE
        return IccFit(None, zeros, present, note, form, k, by_patient)
    sums = terms.sum(axis=0)
    above, below = _icc(sums, k, form)
    influence = by_patient @ icc_gradients(sums, k, form)
    return IccFit(float(above / below), influence, present, "", form, k, by_patient)


def icc_values(sums: FloatArray, readers: int, form: Form) -> FloatArray:
    """Return ICCs from sums (terms, ...), NaN where undefined.

    The terms are those of `IccFit.sums`: n, the readers' totals, the products of two readers'
    totals, and the squares.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        above, below = _icc(sums, readers, form)
        floor = 1e-12 * np.abs(sums[-readers:]).sum(axis=0)
        values: FloatArray = np.where((sums[0] > 1) & (below > floor), above / below, np.nan)
    return values


def icc_gradients(sums: FloatArray, readers: int, form: Form) -> FloatArray:
    """Return the derivatives of ICCs with respect to each of their sums (terms, ...)."""
    gradients = np.empty_like(sums)
    for term in range(len(sums)):
        moved = sums.astype(complex)
        moved[term] += 1j * STEP
        above, below = _icc(moved, readers, form)
        gradients[term] = (above / below).imag / STEP
    return gradients


def _products(readers: int) -> list[tuple[int, int]]:
    """Return the pairs of readers whose totals are multiplied, squares last."""
    return list(combinations(range(readers), 2)) + [(j, j) for j in range(readers)]


def _icc(sums: NDArray[Any], k: int, form: Form) -> tuple[Any, Any]:
    """Return numerator and denominator of an ICC from sums (terms, ...)."""
    n, s = sums[0], sums[1 : k + 1]
    products = dict(zip(_products(k), sums[k + 1 :], strict=True))
    squares = sum(products[j, j] for j in range(k))
    grand = s.sum(axis=0) ** 2 / (n * k)
    cases = (squares + 2 * sum(products[i, j] for i, j in combinations(range(k), 2))) / k - grand
    readers = (s * s).sum(axis=0) / n - grand
    msr, msc = cases / (n - 1), readers / (k - 1)
    mse = (squares - grand - cases - readers) / ((n - 1) * (k - 1))
    shift = k * (msc - mse) / n if form == "A,1" else 0.0
    return msr - mse, msr + (k - 1) * mse + shift


def icc_difference_results(
    table: ReadingTable,
    outcome: str,
    compared: tuple[str, str],
    pairs: dict[str | None, tuple[tuple[str, str], ...]],
    bootstrap: Bootstrap | None = None,
) -> Iterator[Result]:
    """Yield the differences in ICC between two arms for every pair, and their mean over pairs."""
    arm, arms = "-".join(compared), {"arms": list(compared)}
    shared = [readers for readers in pairs[compared[0]] if readers in pairs[compared[1]]]
    ratings = {name: Ratings(table, outcome, name) for name in compared}
    for form in ICC_FORMS:
        rule = (
            f"ICC({form}), {compared[0]} minus {compared[1]}; complete cases of each arm; SE "
            "from influence values summed per patient; 95 % CI: value ± 1.96 SE; n counts patients "
            "read in both arms"
        )
        more = {**arms, "form": form}
        both = {
            readers: tuple(
                fit_icc(
                    arm_ratings.as_numbers(readers), arm_ratings.patient, arm_ratings.patients, form
                )
                for arm_ratings in ratings.values()
            )
            for readers in shared
        }
        for readers, (up, down) in both.items():
            estimate = _difference([(up, down)], rule)
            fields = more | _bootstrap_fields([(up, down)], estimate, bootstrap)
            yield Result("icc_difference", None, outcome, arm, readers, estimate, fields)
        if both:
            names = tuple(sorted({name for readers in both for name in readers}))
            known = [(up, down) for up, down in both.values()]
            mean = _difference(known, f"mean over pairs of readers; {rule}")
            fields = more | _bootstrap_fields(known, mean, bootstrap)
            yield Result("mean_icc_difference", None, outcome, arm, names, mean, fields)


def mean_icc(fits: Sequence[IccFit], method: str) -> Estimate:
    """Return the mean of ICCs over the same patients; ``n`` counts patients.

    Undefined ICCs are excluded and counted in the note.
    """
    known = [fit for fit in fits if fit.value is not None]
    if not known:
        return undefined(0, "; ".join(sorted({fit.note for fit in fits})), method)
    value = float(np.mean([fit.value for fit in known]))
    influence = np.mean([fit.influence for fit in known], axis=0)
    n = int(np.any([fit.present for fit in known], axis=0).sum())
    lost = len(fits) - len(known)
    note = f"{lost} of {len(fits)} ICCs excluded because they are undefined" if lost else ""
    return clustered_estimate(value, clustered_se(influence), n, n, note, method)


def bootstrap_mean_icc(
    fits: Sequence[IccFit], estimate: Estimate, bootstrap: Bootstrap | None
) -> dict[str, Any]:
    """Return percentile and BCa intervals of a mean of ICCs over patients."""
    known = [fit for fit in fits if fit.value is not None]
    if not bootstrap or estimate.value is None:
        return {}
    drawn = np.mean([fit.of(bootstrap.weights) for fit in known], axis=0)
    left_out = np.mean([fit.leave_one_out() for fit in known], axis=0)
    present = np.any([fit.present for fit in known], axis=0)
    return bootstrap_intervals(drawn, left_out[present], estimate.value)


def _difference(pairs: list[Any], method: str) -> Estimate:
    known = [(up, down) for up, down in pairs if up.value is not None and down.value is not None]
    if not known:
        return undefined(0, "; ".join(fit.note for fit in pairs[0] if fit.note), method)
    value = float(np.mean([up.value - down.value for up, down in known]))
    influence = np.mean([up.influence - down.influence for up, down in known], axis=0)
    n = int(np.any([up.present & down.present for up, down in known], axis=0).sum())
    patients = int(np.any([up.present | down.present for up, down in known], axis=0).sum())
    return clustered_estimate(value, clustered_se(influence), n, patients, "", method)


def _bootstrap_fields(
    pairs: list[Any], estimate: Estimate, bootstrap: Bootstrap | None
) -> dict[str, Any]:
    """Return percentile and BCa intervals of the mean difference over patients."""
    if not bootstrap or estimate.value is None:
        return {}
    known = [(up, down) for up, down in pairs if up.value is not None and down.value is not None]
    drawn = [up.of(bootstrap.weights) - down.of(bootstrap.weights) for up, down in known]
    left_out = [up.leave_one_out() - down.leave_one_out() for up, down in known]
    present = np.any([up.present | down.present for up, down in known], axis=0)
    left_out_mean = np.mean(left_out, axis=0)[present]
    return bootstrap_intervals(np.mean(drawn, axis=0), left_out_mean, estimate.value)
