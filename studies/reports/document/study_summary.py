"""What a report says about a study beside its readings: plain data, made by whoever has rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import tee
from typing import Any

from studies.reports.files.tidy import csv_lines


@dataclass(frozen=True)
class SiteFact:
    code: str
    name: str


@dataclass(frozen=True)
class ReaderFact:
    label: str
    site: str


@dataclass(frozen=True)
class CaseCount:
    """Cases that did not reach the readers, or were taken out, for one reason."""

    state: str
    reason: str
    count: int


@dataclass(frozen=True)
class InterimLookFact:
    at: datetime
    by: str
    reason: str


@dataclass(frozen=True)
class ReopeningFact:
    """A submitted reading that was reopened; ``reading`` names reader, case and arm."""

    at: datetime
    by: str
    reading: str
    reason: str


@dataclass(frozen=True)
class ModelFact:
    """The network behind the guides; ``training_note`` is printed beside its name."""

    name: str
    checksum: str
    training_note: str


@dataclass(frozen=True)
class StudyFacts:
    """A study as its report needs it.

    Parameters
    ----------
    outcome, weights
        The primary outcome and kappa weights.
    cases_uploaded, cases_dealt, readings_dealt, readings_submitted
        Counts for the flow of cases; ``cases_left_out`` says why some are missing.
    washout_days
        Days between a reader's two periods, enforced by the server.
    boundary
        "lower" or "upper": the grade that a calcification of exactly 1/3 or 2/3 belongs to.
    locked_at
        None at an interim look.
    data_cut
        When the readings of this report were taken.
    data_hash
        SHA-256 of the tidy CSV that the numbers come from.
    guided_without_guides
        Submitted guided readings in which the lines were never in view.
    levels_corrected
        Cases read with corners that a person corrected.
    """

    name: str
    slug: str
    arms: tuple[str, ...]
    sites: tuple[SiteFact, ...]
    readers: tuple[ReaderFact, ...]
    readers_per_case: int
    cases_uploaded: int
    cases_dealt: int
    cases_left_out: tuple[CaseCount, ...]
    readings_dealt: int
    readings_submitted: int
    washout_days: int
    seed: int
    outcome: str
    weights: str
    group_limits: tuple[int, int]
    boundary: str
    interim_looks: tuple[InterimLookFact, ...]
    locked_at: datetime | None
    data_cut: datetime
    data_hash: str
    app_version: str
    models: tuple[ModelFact, ...]
    simulated: bool = False
    demonstration: bool = False
    description: str = ""
    reopenings: tuple[ReopeningFact, ...] = ()
    guided_without_guides: int = 0
    levels_corrected: int = 0


def hashed(rows: Iterable[Mapping[str, Any]], digest: Any) -> Iterator[Mapping[str, Any]]:
    """Yield the rows on, each after its line of the tidy CSV has gone into the digest."""
    own, others = tee(rows)
    lines = csv_lines(others)
    digest.update(next(lines).encode())
    for row, line in zip(own, lines, strict=True):
        digest.update(line.encode())
        yield row
