"""Bootstrap intervals of one outcome's kappas, in blocks of resamples so that progress is told.

The resamples are those that ``Bootstrap.draw`` draws at once from the same seed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from studies.analytics.coefficients.kappa import Weights
from studies.analytics.ratings import Ratings
from studies.analytics.resampling.kappa_bootstrap import Draws
from studies.analytics.resampling.patient_bootstrap import Bootstrap, PairSums, jackknives
from studies.analytics.results import Agreement, Result
from studies.analytics.table import ReadingTable

RESAMPLES: Final = 2000
BLOCK: Final = 200

Progress = Callable[[int], None]
MEANS: Final = ("mean_kappa_difference", "light_kappa")


@dataclass(frozen=True)
class Interval:
    """A kappa, a mean or a difference with its intervals; ``arm`` may name two.

    ``readers_too`` is of means alone: readers are drawn as well as patients.
    """

    statistic: str
    arm: str | None
    readers: tuple[str, ...]
    value: float | None
    n: int
    ci: tuple[float, float] | None
    percentile: tuple[float, float] | None
    bca: tuple[float, float] | None
    resamples: int
    note: str = ""
    readers_too: tuple[float, float] | None = None

    def record(self) -> dict[str, Any]:
        return {
            "statistic": self.statistic,
            "arm": self.arm,
            "readers": list(self.readers),
            "value": self.value,
            "n": self.n,
            "ci": self.ci,
            "ci_bootstrap": self.percentile,
            "ci_bca": self.bca,
            "bootstrap_replicates": self.resamples,
            "ci_bootstrap_readers": self.readers_too,
            "note": self.note or None,
        }

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> Interval:
        return cls(
            record["statistic"],
            record["arm"],
            tuple(record["readers"]),
            record["value"],
            record["n"],
            _bounds(record["ci"]),
            _bounds(record["ci_bootstrap"]),
            _bounds(record["ci_bca"]),
            record["bootstrap_replicates"],
            record["note"] or "",
            _bounds(record["ci_bootstrap_readers"]),
        )


def bootstrap_intervals(
    table: ReadingTable,
    found: Agreement,
    *,
    outcome: str,
    weights: Weights,
    seed: int,
    resamples: int = RESAMPLES,
    progress: Progress | None = None,
) -> list[Interval]:
    """Return means over pairs first, then every pair, with percentile and BCa intervals."""
    draws = _draws(table, found, outcome, weights, seed, resamples, progress)
    kept = [
        *found.find("mean_kappa_difference", outcome=outcome, weights=weights),
        *found.find("light_kappa", outcome=outcome, weights=weights),
        *found.find("kappa_difference", outcome=outcome, weights=weights),
        *found.find("cohen_kappa", outcome=outcome, weights=weights),
    ]
    return [_interval(result, found, draws, weights) for result in kept]


def _draws(
    table: ReadingTable,
    found: Agreement,
    outcome: str,
    weights: Weights,
    seed: int,
    resamples: int,
    progress: Progress | None,
) -> Draws:
    """Draw every pair's kappas, block by block: memory holds one number a pair and resample."""
    draws = Draws(Bootstrap(np.empty((resamples, 0)), seed))
    sums: dict[str | None, list[PairSums]] = {}
    for arm in found.arms:
        ratings = Ratings(table, outcome, arm)
        for readers in found.pairs[arm]:
            pair = ratings.pair(readers)
            sums.setdefault(arm, []).append(PairSums.of(pair, [weights]))
            draws.left_out[arm, weights, readers] = jackknives(pair, [weights])[0]
            draws.present[arm, readers] = pair.present
    drawn = {arm: np.empty((len(pairs), resamples)) for arm, pairs in sums.items()}
    done = 0
    for block in _blocks(len(table.patients), seed, resamples):
        now = slice(done, done + len(block.weights))
        for arm, pairs in sums.items():
            kappas = block.kappas_of_sums(pairs, [weights])
            drawn[arm][:, now] = np.concatenate([each[:, 0] for each in kappas])
        done = now.stop
        if progress:
            progress(len(block.weights))
    for arm, values in drawn.items():
        for place, readers in enumerate(found.pairs[arm]):
            draws.kappas[arm, weights, readers] = values[place]
    return draws


def _blocks(patients: int, seed: int, resamples: int) -> Iterator[Bootstrap]:
    rng = np.random.default_rng(seed)
    share = np.full(patients, 1 / patients)
    for start in range(0, resamples, BLOCK):
        yield Bootstrap(rng.multinomial(patients, share, size=min(BLOCK, resamples - start)))


def _interval(result: Result, found: Agreement, draws: Draws, weights: Weights) -> Interval:
    """Add the intervals of a result; means stand on the pairs that are defined in every arm."""
    compared = result.arm is not None and result.arm == found.difference_arm
    arms = list(found.compared or ()) if compared else [result.arm]
    estimate = result.estimate
    first, second = result.readers[:2]
    several = result.statistic in MEANS
    pairs = [
        pair
        for pair in (found.pairs[arms[0]] if several else [(first, second)])
        if set(pair) <= set(result.readers)
        and all(_known(found, pair, arm, result.outcome, weights) for arm in arms)
    ]
    if not pairs or estimate.value is None:
        more: dict[str, Any] = {}
    else:
        more = draws.interval(weights, pairs, arms, estimate.value)
        if result.statistic in MEANS:
            more |= draws.interval_over_readers(weights, pairs, arms)
    return Interval(
        result.statistic,
        result.arm,
        result.readers,
        estimate.value,
        estimate.n,
        estimate.ci,
        _bounds(more.get("ci_bootstrap")),
        _bounds(more.get("ci_bca")),
        more.get("bootstrap_replicates", 0),
        estimate.note,
        _bounds(more.get("ci_bootstrap_readers")),
    )


def _known(
    found: Agreement, pair: tuple[str, str], arm: str | None, outcome: str, weights: Weights
) -> bool:
    result = found.get("cohen_kappa", outcome=outcome, arm=arm, weights=weights, readers=pair)
    return result is not None and result.estimate.value is not None


def _bounds(pair: Any) -> tuple[float, float] | None:
    return (float(pair[0]), float(pair[1])) if pair else None
