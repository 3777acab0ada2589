"""Means over pairs of readers, and differences of dependent kappas between two arms.

The influence of a patient on a difference is the difference of its influences on the two kappas, so
patients read in both arms carry the covariance, and patients read in one arm still count in that
arm (delta method; Vanbelle 2017, Psychometrika 82:399). ``n`` of a mean counts patients with a pair
of readings, ``n`` of a difference those that have one in both arms.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from studies.analytics.coefficients.kappa import (
    ONE_PATIENT_NOTE,
    ONE_SCORE_NOTE,
    ZERO_SE_NOTE,
    KappaFit,
    clustered_se,
)
from studies.analytics.estimate import Estimate, normal_interval, undefined
from studies.analytics.table import FloatArray

ArmPair = tuple[KappaFit, KappaFit]


def kappa_difference(
    minuend: KappaFit, subtrahend: KappaFit, *, names: tuple[str, str], method: str = ""
) -> Estimate:
    """Return the difference of two kappas of the same pair of readers.

    Parameters
    ----------
    minuend, subtrahend
        Fits over the same study's patients, for example guided and unguided.
    names
        What to call the two in a note.
    """
    gaps = [
        f"{name}: {fit.note}"
        for name, fit in zip(names, (minuend, subtrahend), strict=True)
        if fit.value is None or fit.note == ONE_SCORE_NOTE
    ]
    note = "; ".join(gaps)
    n = int((minuend.present & subtrahend.present).sum())
    if minuend.value is None or subtrahend.value is None:
        return undefined(n, note, method)
    value = minuend.value - subtrahend.value
    patients = int((minuend.present | subtrahend.present).sum())
    return estimate_by_patient(
        value, minuend.influence - subtrahend.influence, n, patients, note, method
    )


def mean_kappa(fits: Sequence[KappaFit], *, method: str = "") -> Estimate:
    """Return the mean of pairwise kappas (Light 1971) with the mean of their influences."""
    known = [fit for fit in fits if fit.value is not None]
    if not known:
        return undefined(0, "no pair of readers has a kappa", method)
    value = float(np.mean([fit.value for fit in known]))
    influence = np.mean([fit.influence for fit in known], axis=0)
    n = int(np.any([fit.present for fit in known], axis=0).sum())
    one_score = sum(fit.note == ONE_SCORE_NOTE for fit in known)
    return estimate_by_patient(
        value, influence, n, n, pairs_note(len(fits), len(known), one_score), method
    )


def mean_kappa_difference(pairs: Sequence[ArmPair], *, method: str = "") -> Estimate:
    """Return the mean over pairs of readers of (minuend, subtrahend) kappa differences.

    Pairs without a kappa in one of the arms are left out of both, and counted in the note.
    """
    known = [(up, down) for up, down in pairs if up.value is not None and down.value is not None]
    if not known:
        return undefined(0, "no pair of readers has a kappa in both arms", method)
    value = float(np.mean([(up.value or 0.0) - (down.value or 0.0) for up, down in known]))
    influence = np.mean([up.influence - down.influence for up, down in known], axis=0)
    n = int(np.any([up.present & down.present for up, down in known], axis=0).sum())
    patients = int(np.any([up.present | down.present for up, down in known], axis=0).sum())
    one_score = sum(ONE_SCORE_NOTE in (up.note, down.note) for up, down in known)
    note = pairs_note(len(pairs), len(known), one_score)
    return estimate_by_patient(value, influence, n, patients, note, method)


def estimate_by_patient(
    value: float, influence: FloatArray, n: int, patients: int, note: str, method: str
) -> Estimate:
    """Return a value with the standard error of patients' influence (patients,) on it."""
    if patients < 2:
        return Estimate(value, None, None, n, method, note or ONE_PATIENT_NOTE)
    se = clustered_se(influence)
    note = note or (ZERO_SE_NOTE if se == 0.0 else "")
    return Estimate(value, se, normal_interval(value, se), n, method, note)


def pairs_note(pairs: int, known: int, one_score: int) -> str:
    """Say how many of the pairs a mean leaves out, and in how many a reader used one score."""
    parts = []
    if pairs > known:
        parts.append(f"{pairs - known} of {pairs} pairs of readers left out: no kappa")
    if one_score:
        parts.append(f"in {one_score} of {pairs} pairs a reader used one score only (kappa 0)")
    return "; ".join(parts)
