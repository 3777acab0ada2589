"""Means over pairs of readers, and differences of dependent kappas between two arms.

The influence of a patient on a difference is the difference between the patient's influences on the
two kappas: patients read in both arms carry the covariance, and patients read in only one arm
contribute to that arm alone (delta method, independent patients). The influence on a mean is the
mean influence. Intervals are normal, value ± 1.96 SE, and not clipped. ``n`` of a mean counts
patients with a pair of readings, ``n`` of a difference those with a pair of readings in both arms.

References
----------
Light 1971, Psychol Bull 76:365 (mean kappa). Vanbelle 2017, Biom J 59:1016 (differences).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from studies.analytics.coefficients.kappa import KappaFit
from studies.analytics.estimate import (
    Estimate,
    Status,
    clustered_estimate,
    clustered_se,
    join_arm_notes,
    undefined,
)

NO_KAPPA_NOTE: Final = "kappa is undefined for every pair"
NO_KAPPA_IN_BOTH_NOTE: Final = "no pair has a defined kappa in both arms"

ArmPair = tuple[KappaFit, KappaFit]


def kappa_difference(
    minuend: KappaFit, subtrahend: KappaFit, *, names: tuple[str, str], method: str = ""
) -> Estimate:
    """Return the difference between two dependent kappas of the same pair of readers.

    Parameters
    ----------
    minuend, subtrahend : KappaFit
        Fits over the patients of the same study, for example guided and unguided.
    names : (str, str)
        Names of the two arms, for the note.
    method : str
        Description of the method.
    """
    fits = (minuend, subtrahend)
    arm_notes = tuple((name, fit.note) for name, fit in zip(names, fits, strict=True) if fit.status)
    note = join_arm_notes(arm_notes)
    status = difference_status(minuend.status, subtrahend.status)
    n = int((minuend.present & subtrahend.present).sum())
    if minuend.value is None or subtrahend.value is None:
        return undefined(n, note, method, status).with_arm_notes(arm_notes)
    value = minuend.value - subtrahend.value
    se = clustered_se(minuend.influence - subtrahend.influence)
    patients = int((minuend.present | subtrahend.present).sum())
    estimate = clustered_estimate(value, se, n, patients, note, method, status)
    return estimate.with_arm_notes(arm_notes)


def difference_status(minuend: Status, subtrahend: Status) -> Status:
    """Return the status of the difference of two kappas with these statuses."""
    if Status.ONE_SCORE in (minuend, subtrahend):
        return Status.ONE_SCORE_IN_ARM
    return Status.UNDEFINED if minuend or subtrahend else Status.ESTIMATED


def mean_kappa(fits: Sequence[KappaFit], *, method: str = "") -> Estimate:
    """Return the mean of pairwise kappas (Light 1971).

    Undefined kappas are excluded and counted in the note.
    """
    known = [fit for fit in fits if fit.value is not None]
    if not known:
        return undefined(0, NO_KAPPA_NOTE, method)
    value = float(np.mean([fit.value for fit in known]))
    influence = np.mean([fit.influence for fit in known], axis=0)
    n = int(np.any([fit.present for fit in known], axis=0).sum())
    one_score = sum(fit.status is Status.ONE_SCORE for fit in known)
    pairs = len(fits), len(known), one_score
    note, status = pairs_note(*pairs), pairs_status(*pairs)
    return clustered_estimate(value, clustered_se(influence), n, n, note, method, status)


def mean_kappa_difference(pairs: Sequence[ArmPair], *, method: str = "") -> Estimate:
    """Return the mean of kappa differences over pairs of readers.

    Parameters
    ----------
    pairs : sequence of (KappaFit, KappaFit)
        Minuend and subtrahend of each pair of readers. Pairs whose kappa is undefined in one of
        the arms are excluded from both, and counted in the note.
    method : str
        Description of the method.
    """
    known = [(up, down) for up, down in pairs if up.value is not None and down.value is not None]
    if not known:
        return undefined(0, NO_KAPPA_IN_BOTH_NOTE, method)
    # ``or 0.0`` is for the type checker: undefined kappas were left out above.
    value = float(np.mean([(up.value or 0.0) - (down.value or 0.0) for up, down in known]))
    influence = np.mean([up.influence - down.influence for up, down in known], axis=0)
    n = int(np.any([up.present & down.present for up, down in known], axis=0).sum())
    patients = int(np.any([up.present | down.present for up, down in known], axis=0).sum())
    one_score = sum(Status.ONE_SCORE in (up.status, down.status) for up, down in known)
    counts = len(pairs), len(known), one_score
    note, status = pairs_note(*counts), pairs_status(*counts)
    return clustered_estimate(value, clustered_se(influence), n, patients, note, method, status)


def pairs_status(pairs: int, known: int, one_score: int) -> Status:
    """Return the status of a mean over ``known`` of ``pairs`` pairs, some with one score only."""
    return Status.SOME_PAIRS if pairs > known or one_score else Status.ESTIMATED


def pairs_note(pairs: int, known: int, one_score: int) -> str:
    """Return how many pairs a mean excludes, and in how many a reader used one score only.

    The pairs are two readers, a reader and the reference standard, or two readings of one reader.
    """
    parts = []
    if pairs > known:
        parts.append(f"{pairs - known} of {pairs} pairs excluded because kappa is undefined")
    if one_score:
        parts.append(f"in {one_score} of {pairs} pairs a reader used one score only (kappa 0)")
    return "; ".join(parts)
