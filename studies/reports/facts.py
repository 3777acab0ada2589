"""What a report says about a study beside its readings: plain data, made by whoever has rows."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from studies.reports.tidy import csv_lines


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


def hash_of_rows(rows: Iterable[Mapping[str, Any]]) -> str:
    """Return the SHA-256 of the tidy CSV that the rows make."""
    digest = hashlib.sha256()
    for line in csv_lines(rows):
        digest.update(line.encode())
    return digest.hexdigest()
