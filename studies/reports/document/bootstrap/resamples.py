"""Kappas of pairs of readers in blocks of resampled patients."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import numpy as np

from studies.analytics.coefficients.kappa import Weights
from studies.analytics.ratings import Ratings
from studies.analytics.resampling.kappa_bootstrap import Draws
from studies.analytics.resampling.pair_sums import PairSums, StackedSums, stack_sums
from studies.analytics.resampling.patient_bootstrap import Bootstrap, jackknives_of_sums
from studies.analytics.results import Agreement
from studies.analytics.table import FloatArray, ReadingTable

# Resamples per block: frequent progress, and a few MB of weights with several hundred patients.
BLOCK_RESAMPLES: Final = 200


def sums_of_pairs(
    table: ReadingTable,
    results: Agreement,
    outcome: str,
    weights: Weights,
    draws: Draws,
    *,
    jackknife: bool,
) -> dict[str | None, list[PairSums]]:
    """Return the sums by patient of every pair, and add what does not depend on the resamples."""
    sums: dict[str | None, list[PairSums]] = {}
    for arm in results.arms:
        ratings = Ratings(table, outcome, arm)
        of_first: Ratings | None = None
        for number, readers in enumerate(results.pairs[arm]):
            # Pairs are sorted, so that those with the same first reader follow one another.
            if of_first is None or readers[0] != results.pairs[arm][number - 1][0]:
                of_first = ratings.rated_by(readers[0])
            pair = of_first.pair(readers)
            pair_sums = PairSums.of(pair, [weights])
            sums.setdefault(arm, []).append(pair_sums)
            draws.present[arm, readers] = pair.present
            if jackknife:
                left_out = jackknives_of_sums(pair_sums, [weights], pair.patients)
                draws.left_out[arm, weights, readers] = left_out[0]
    return sums


def stacks_of_arms(
    sums: Mapping[str | None, Sequence[PairSums]], patients: int
) -> dict[str | None, list[StackedSums]]:
    """Return the sums of the pairs of each arm, stacked once for all blocks of resamples."""
    return {
        arm: stack_sums(pairs, replicates=BLOCK_RESAMPLES, patients=patients)
        for arm, pairs in sums.items()
    }


def kappas_of_block(
    block: Bootstrap, stacks: Mapping[str | None, Sequence[StackedSums]], weights: Weights
) -> Iterator[tuple[str | None, FloatArray]]:
    """Yield each arm with the kappas of its pairs (pairs, resamples) in one block."""
    # All arms use the same block: a difference needs the same patients in both.
    for arm, of_arm in stacks.items():
        kappas = [block.kappas_of_stack(stack, [weights])[:, 0] for stack in of_arm]
        yield arm, np.concatenate(kappas)


def blocks_of_resamples(patients: int, seed: int, resamples: int) -> Iterator[Bootstrap]:
    """Yield the resampled patients in blocks that are identical to a single draw."""
    # One generator for all blocks, so that together they give the draws of a single step.
    rng = np.random.default_rng(seed)
    share = np.full(patients, 1 / patients)
    for start in range(0, resamples, BLOCK_RESAMPLES):
        size = min(BLOCK_RESAMPLES, resamples - start)
        yield Bootstrap(rng.multinomial(patients, share, size=size))
