"""The bootstrap of the report as files: the resampled patients, and the intervals from them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import chain

from studies.reports.document.bootstrap_intervals import RESAMPLES, Interval
from studies.reports.document.pair_resamples import blocks_of_resamples
from studies.reports.document.summary.study import StudySummary
from studies.reports.files.tidy import lines_of_columns


def resample_lines(patients: Sequence[str], *, seed: int) -> Iterator[str]:
    """Yield a CSV with one row per resample: how often each patient was drawn.

    The header names the patients. The draws are those of the report with the same seed.
    """
    yield from lines_of_columns(patients, ())
    blocks = blocks_of_resamples(len(patients), seed, RESAMPLES)
    for drawn in chain.from_iterable(block.weights.tolist() for block in blocks):
        yield ",".join(map(str, drawn)) + "\r\n"


def bootstrap_pieces(summary: StudySummary, intervals: Sequence[Interval]) -> Iterator[str]:
    """Yield the intervals of the primary outcome as JSON, one per line."""
    metadata = {
        "outcome": summary.outcome,
        "weights": summary.weights,
        "seed": summary.seed,
        "resamples": RESAMPLES,
        "primary_interval": summary.primary_interval,
    }
    records = ",\n".join(json.dumps(one.record(), allow_nan=False) for one in intervals)
    yield f'{json.dumps(metadata)[:-1]}, "intervals": [\n{records}\n]}}\n'
