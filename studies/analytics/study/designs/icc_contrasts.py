"""Contrasts between arms of the intraclass correlation of totals, with bootstrap intervals.

Within each arm, the ICC of single ratings is averaged over pairs of readers, so that studies in
which each case is read by some of the readers are covered. Two arms with pairs of readers in common
are compared within these pairs; two arms without a common reader between their groups of readers.
The influence of a patient on a contrast is the difference of the patient's influences, and every
replicate of the bootstrap draws each patient for both arms at once.

References
----------
McGraw and Wong 1996, Psychol Methods 1:30 (ICC). Efron 1982, The Jackknife, the Bootstrap and Other
Resampling Plans (infinitesimal jackknife).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from studies.analytics.coefficients.intraclass import Form
from studies.analytics.estimate import Estimate, clustered_estimate, clustered_se, undefined
from studies.analytics.ratings import Pairs, Ratings, reader_pairs
from studies.analytics.resampling.intervals import bootstrap_intervals
from studies.analytics.resampling.patient_bootstrap import Bootstrap
from studies.analytics.result import Result
from studies.analytics.study.pairs.iccs import PairIccs
from studies.analytics.table import FloatArray, ReadingTable

Arms = tuple[str, str]
Side = tuple[str, NDArray[np.bool_]]
"""An arm, and which of its pairs of readers enter."""

ICC_CONTRAST: Final = "mean_icc_contrast"
NO_READERS_NOTE: Final = (
    "no two readers read in both arms, and the arms do not have separate groups of readers"
)


def icc_contrasts(
    table: ReadingTable,
    outcome: str,
    contrasts: Sequence[Arms],
    bootstrap: Bootstrap | None = None,
    form: Form = "A,1",
) -> Iterator[Result]:
    """Yield the difference in mean pairwise ICC of each contrast.

    Parameters
    ----------
    table : ReadingTable
        The readings.
    outcome : str
        A total: "aac24" or "aac8".
    contrasts : sequence of (str, str)
        Minuend and subtrahend of each contrast.
    bootstrap : Bootstrap, optional
        Adds ``ci_bootstrap``, ``ci_bootstrap_expanded`` and ``ci_bca``.
    form : {"A,1", "C,1"}
        Absolute agreement or consistency.

    Yields
    ------
    Result
        ``n`` counts patients that contribute to both arms, ``n_arms`` those of each. Without a
        value, the note gives the reason.
    """
    names = dict.fromkeys(arm for arms in contrasts for arm in arms)
    pairs = {arm: reader_pairs(table, arm) for arm in names}
    iccs = {arm: PairIccs(Ratings(table, outcome, arm), pairs[arm], form) for arm in names}
    compared = [_compared_pairs(pairs, arms) for arms in contrasts]
    sides = [_sides(iccs, arms, of) for arms, of in zip(contrasts, compared, strict=True)]
    drawn = _replicates(iccs, sides, bootstrap) if bootstrap else {}
    for index, (arms, of) in enumerate(zip(contrasts, compared, strict=True)):
        readers = tuple(sorted({name for side in of for pair in side for name in pair}))
        method = (
            f"{arms[0]} minus {arms[1]}, mean over pairs of readers of ICC({form}); complete cases "
            "of each pair and arm; SE from influence values summed per patient; n counts patients "
            "read in both arms"
        )
        more: dict[str, Any] = {"arms": list(arms), "form": form}
        if not all(of):
            estimate = undefined(0, NO_READERS_NOTE, method)
        elif not all(mask.any() for _, mask in sides[index]):
            estimate = undefined(0, "no pair of readers has an ICC in both arms", method)
        else:
            estimate, fields = _contrast(iccs, sides[index], method, drawn.get(index))
            more |= fields
        yield Result(ICC_CONTRAST, None, outcome, "-".join(arms), readers, estimate, more)


def _compared_pairs(pairs: dict[str, Pairs], arms: Arms) -> tuple[Pairs, Pairs]:
    """Return the pairs of each arm: the same ones, or those of two groups without common reader."""
    first, second = (pairs[arm] for arm in arms)
    in_second = set(second)
    shared = tuple(pair for pair in first if pair in in_second)
    if shared:
        return shared, shared
    readers = [{name for pair in side for name in pair} for side in (first, second)]
    return (first, second) if not readers[0] & readers[1] else ((), ())


def _sides(
    iccs: dict[str, PairIccs], arms: Arms, compared: tuple[Pairs, Pairs]
) -> tuple[Side, Side]:
    """Return the pairs of each arm; those in common enter only if both ICCs are defined."""
    known: list[set[tuple[str, str]]] = []
    for arm, pairs in zip(arms, compared, strict=True):
        of_arm, wanted = iccs[arm], set(pairs)
        defined = ~np.isnan(of_arm.values)
        known.append({pair for pair, is_defined in zip(of_arm.pairs, defined, strict=True)
                      if is_defined and pair in wanted})  # fmt: skip
    if compared[0] == compared[1]:
        known = [known[0] & known[1]] * 2
    first, second = (
        (arm, np.array([pair in entering for pair in iccs[arm].pairs], dtype=np.bool_))
        for arm, entering in zip(arms, known, strict=True)
    )
    return first, second


def _replicates(
    iccs: dict[str, PairIccs], sides: Sequence[tuple[Side, Side]], bootstrap: Bootstrap
) -> dict[int, FloatArray]:
    """Return the replicates of every contrast that is defined, by its number.

    The pairs of an arm are resampled once for all contrasts that the arm is part of.
    """
    wanted = [k for k, both in enumerate(sides) if all(mask.any() for _, mask in both)]
    means: dict[tuple[int, int], FloatArray] = {}
    for arm, of_arm in iccs.items():
        entering = [(k, side) for k in wanted for side in (0, 1) if sides[k][side][0] == arm]
        masks = [sides[k][side][1] for k, side in entering]
        if masks:
            drawn = of_arm.mean_of_replicates(bootstrap, masks)
            means |= dict(zip(entering, drawn, strict=True))
    return {k: means[k, 0] - means[k, 1] for k in wanted}


def _contrast(
    iccs: dict[str, PairIccs],
    sides: tuple[Side, Side],
    method: str,
    replicates: FloatArray | None,
) -> tuple[Estimate, dict[str, Any]]:
    both = [(iccs[arm], mask) for arm, mask in sides]
    present = [of_arm.present(mask) for of_arm, mask in both]
    values = [of_arm.mean(mask) for of_arm, mask in both]
    influence = [of_arm.mean_influence(mask) for of_arm, mask in both]
    n, patients = int((present[0] & present[1]).sum()), int((present[0] | present[1]).sum())
    estimate = clustered_estimate(
        values[0] - values[1], clustered_se(influence[0] - influence[1]), n, patients, "", method
    )
    fields: dict[str, Any] = {"n_arms": [int(side.sum()) for side in present], "iccs": values}
    if replicates is not None:
        left_out = [of_arm.mean_without_each_patient(mask) for of_arm, mask in both]
        fields |= bootstrap_intervals(
            replicates, (left_out[0] - left_out[1])[present[0] | present[1]], estimate.value
        )
    return estimate, fields
