"""The assignment of the next batch, drawn for a study without storing it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from django.db.models import Count, Max, Q
from django.utils import timezone

from studies.cases.landmarks.model_counts import BatchWeights, weights_of_batch, weights_of_rows
from studies.cases.models import Case
from studies.errors import StudyError
from studies.protocol.models import Study
from studies.readers.models import Membership, Role
from studies.sessions.assignment.arm_landmarks import (
    ArmLandmarks,
    assignable_cases,
    landmarks_of_arms,
)
from studies.sessions.assignment.case_strata import strata_of_cases
from studies.sessions.assignment.draw import AssignedReading, AssignmentError, draw_assignment
from studies.sessions.assignment.plan import (
    DEFAULT_PACE,
    MAX_PACE,
    PlannedList,
    plan_lists,
)
from studies.sessions.assignment.readiness import check_requirements, count_study
from studies.sessions.assignment.sequences import ReaderSlot, RepeatShare
from studies.sessions.assignment.strata import StratumBalance, balance_of
from studies.sessions.models import Reading, ReadingList

# For the preview only; the reading room estimates from the reader's own times.
MINUTES_PER_READING = 5


@dataclass(frozen=True, slots=True)
class ReaderShare:
    """A reader's readings of a batch, hidden repeats included, and the arms of the periods."""

    reader: Membership
    readings: int
    repeats: int
    sequence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """The assignment that would be stored now; ``left_out`` counts cases that are not ready."""

    batch: int
    cases: int
    left_out: int
    rows: list[AssignedReading]
    readers: list[Membership]
    sequences: dict[int, tuple[str, ...]]
    strata: list[StratumBalance]
    """The balance of each stratum; empty unless the assignment is stratified."""
    landmarks: ArmLandmarks
    """The landmark sets that readings get instead of the current ones of their cases."""
    unconfirmed: int
    """Cases left out because a person neither corrected nor confirmed their corners."""
    weights: BatchWeights
    """The weights that analysed the cases."""

    @property
    def minutes_each(self) -> int:
        """The estimated reading time of the longest list."""
        counts = Counter(row.reader for row in self.rows)
        return MINUTES_PER_READING * max(counts.values(), default=0)

    @property
    def by_reader(self) -> list[ReaderShare]:
        """The share of each reader, also of those who are not assigned anything."""
        readings = Counter(row.reader for row in self.rows)
        repeats = Counter(row.reader for row in self.rows if row.replicate > 1)
        return [
            ReaderShare(r, readings[r.pk], repeats[r.pk], self.sequences.get(r.pk, ()))
            for r in self.readers
        ]


def preview_assignment(study: Study) -> Preview:
    """Draw the next batch without storing it.

    Raises StudyError with what is missing when no case can be assigned.
    """
    numbers = count_study(study)
    check_requirements(study, before="assignment", code="cannot_assign", numbers=numbers)
    readers = list(
        Membership.objects.filter(study=study, role=Role.READER, active=True).select_related(
            "site", "user"
        )
    )
    stored = stored_sequences(study)
    repeats = _missing_repeats(study)
    shares = _repeat_shares(study)
    slots = [
        # The database requires a site of every reader; 0 only satisfies the type.
        ReaderSlot(
            r.pk,
            r.site_id or 0,
            stored.get(r.pk, ()),
            repeats.get(r.pk, study.hidden_repeats),
            shares.get(r.pk, _first_share(study)),
        )
        for r in readers
    ]
    new = Case.objects.of_study(study).filter(readings=None)
    assignable = assignable_cases(study, new).values_list(
        "pk", "landmark_set__model_checksum", "landmark_set__model_name"
    )
    analysed_by = {str(pk): (checksum, name) for pk, checksum, name in assignable}
    cases = list(analysed_by)
    batch = last_batch(study) + 1
    strata = strata_of_cases(study, cases) if study.stratified else None
    try:
        rows = draw_assignment(
            cases=cases,
            readers=slots,
            arms=[arm.code for arm in study.arms.all()],
            readers_per_case=study.readers_per_case,
            seed=study.seed,
            batch=batch,
            parallel=study.design == Study.Design.PARALLEL,
            sequential=study.sequential,
            repeat_spacing=study.repeat_after_readings,
            strata=strata,
        )
    except AssignmentError as error:
        raise StudyError("cannot_assign", str(error), status=409) from error
    pairs = {(row.reader, row.case) for row in rows}
    balance = balance_of(pairs, [slot.reader for slot in slots], strata) if strata else []
    return Preview(
        batch,
        len(cases),
        numbers.not_ready,
        rows,
        readers,
        _sequences(rows),
        balance,
        landmarks_of_arms(study, cases),
        numbers.unconfirmed or 0,
        weights_of_batch(study, weights_of_rows(analysed_by.values()), first=not numbers.assigned),
    )


def plan_preview(
    study: Study, preview: Preview, readings_per_week: int
) -> list[tuple[ReaderShare, list[PlannedList]]]:
    """Return the share of each reader with the planned lists, if reading starts today."""
    planned: dict[int, list[PlannedList]] = {}
    for entry in plan_lists(
        preview.rows,
        starts_on=timezone.localdate(),
        readings_per_week=readings_per_week,
        washout_days=study.washout_days,
        repeat_after_days=study.repeat_after_days,
    ):
        planned.setdefault(entry.reader, []).append(entry)
    return [(share, planned.get(share.reader.pk, [])) for share in preview.by_reader]


def parse_pace(text: str) -> int:
    """Return the readings per week of a plan, the default for an empty text.

    Raises StudyError if the text is no whole number in the range.
    """
    if not text.strip():
        return DEFAULT_PACE
    # Five characters suffice; a longer number need not be converted.
    if text.strip().isdecimal() and 1 <= int(text.strip()[:5]) <= MAX_PACE:
        return int(text.strip()[:5])
    raise StudyError(
        "pace_invalid", f"Enter the readings per week as a whole number from 1 to {MAX_PACE}."
    )


def pace_or_default(text: str) -> tuple[int, str]:
    """Return the readings per week of a plan, and why a text could not be used, "" if it was."""
    try:
        return parse_pace(text), ""
    except StudyError as error:
        return DEFAULT_PACE, error.message


def stored_sequences(study: Study) -> dict[int, tuple[str, ...]]:
    """Return the arms of the periods of each reader who has reading lists, in order."""
    lists = ReadingList.objects.filter(study=study).order_by("reader", "period", "step")
    sequences: dict[int, tuple[str, ...]] = {}
    for reader, arm in lists.values_list("reader_id", "arm"):
        sequences[reader] = (*sequences.get(reader, ()), arm)
    return sequences


def _sequences(rows: list[AssignedReading]) -> dict[int, tuple[str, ...]]:
    """Return the arms of each reader with assigned readings, in the order of periods and steps."""
    arms = {(row.reader, row.period, row.step): row.arm for row in rows}
    sequences: dict[int, tuple[str, ...]] = {}
    for (reader, _, _), arm in sorted(arms.items()):
        sequences[reader] = (*sequences.get(reader, ()), arm)
    return sequences


def _missing_repeats(study: Study) -> dict[int, int]:
    """Return the hidden repeats per list that readers with reading lists do not have yet.

    Repeats of excluded cases do not count, so that the next batch replaces them.
    """
    if not study.hidden_repeats:
        return {}
    return {
        reader: max(0, study.hidden_repeats - repeats)
        for reader, _, repeats in _cases_and_repeats(study)
    }


def _repeat_shares(study: Study) -> dict[int, RepeatShare]:
    """Return the share of hidden repeats of readers with reading lists, where it is a percentage.

    Excluded cases do not count, neither among the cases nor among the repeats.
    """
    if not study.hidden_repeat_share:
        return {}
    return {
        reader: RepeatShare(study.hidden_repeat_share, cases, repeats)
        for reader, cases, repeats in _cases_and_repeats(study)
    }


def _first_share(study: Study) -> RepeatShare | None:
    """Return the share of a reader without reading lists; None where it is no percentage."""
    return RepeatShare(study.hidden_repeat_share) if study.hidden_repeat_share else None


def _cases_and_repeats(study: Study) -> list[tuple[int, int, int]]:
    """Return each reader with the numbers of cases and of hidden repeats per list, in one query."""
    counted = ~Q(readings__case__state=Case.State.EXCLUDED)
    lists = ReadingList.objects.filter(study=study, period=1, step=1).order_by()
    rows = lists.annotate(
        cases=Count("readings", filter=counted & Q(readings__replicate=1)),
        repeats=Count("readings", filter=counted & Q(readings__replicate__gt=1)),
    )
    return list(rows.values_list("reader_id", "cases", "repeats"))


def last_batch(study: Study) -> int:
    """Return the number of the last batch, 0 before the first."""
    readings = Reading.objects.filter(reading_list__study=study)
    return readings.aggregate(last=Max("batch"))["last"] or 0
