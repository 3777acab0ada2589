"""Reassign the cases that a deactivated reader has not finished to other readers."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Count, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from studies.audit.record import record
from studies.cases.models import Case
from studies.errors import Conflict
from studies.protocol.models import Study
from studies.readers.models import Membership, Role, User
from studies.sessions.assignment.batches import add_batch
from studies.sessions.assignment.case_strata import strata_of_cases
from studies.sessions.assignment.draw import AssignedReading, draw_lists, draw_pairs
from studies.sessions.assignment.preview import last_batch, stored_sequences
from studies.sessions.assignment.replacements import draw_replacements
from studies.sessions.assignment.sequences import ArmSequence, ReaderSlot
from studies.sessions.assignment.storage import store_readings
from studies.sessions.assignment.strata import Strata
from studies.sessions.models import Reading, ReadingQuerySet

ALL_READERS: Final = "all"
"""In place of a label: the cases are divided among all active readers."""


@dataclass(frozen=True, slots=True)
class Reassigned:
    """The number of reassigned cases, of their readings, and the labels of the new readers."""

    cases: int
    readings: int
    to: str


def readers_with_unread(study: Study) -> list[tuple[Membership, int]]:
    """Return the deactivated readers with the number of cases that they have not finished."""
    unread = Q(reading_lists__readings__in=_unread().filter(reading_list__study=study))
    readers = Membership.objects.filter(study=study, role=Role.READER, active=False)
    counted = readers.select_related("user").annotate(
        unread=Count("reading_lists__readings__case", filter=unread, distinct=True)
    )
    rows = counted.filter(unread__gt=0).order_by("label")
    return [(reader, getattr(reader, "unread")) for reader in rows]  # noqa: B009 - annotated


@transaction.atomic
def reassign_cases(*, study: Study, reader: str, to: str, by: User) -> Reassigned:
    """Assign the unfinished cases of a deactivated reader to others, as a new batch.

    The new readers read these cases in every arm. Readings that the deactivated reader has opened
    are kept; the others are removed. Cases that every new reader already has are left out.

    Parameters
    ----------
    reader, to
        Labels of the deactivated reader and of the new reader. If ``to`` is "all", the cases are
        divided among the active readers, within each stratum if the assignment is stratified.

    Raises
    ------
    Conflict
        The study is locked, a label is not that of such a reader, the two read in different
        groups, or there is nothing to reassign.
    """
    study = Study.objects.select_for_update().get(pk=study.pk)
    if study.locked:
        raise Conflict("locked", "The study is locked. Cases can no longer be reassigned.")
    source = _get_reader(study, reader, active=False)
    sequences = stored_sequences(study)
    targets = _get_targets(study, source, to, sequences)
    unread = _unread().filter(reading_list__reader=source)
    # Read before the new readings are stored, which change the conditions above.
    cases_by_reading = {pk: str(case) for pk, case in unread.order_by().values_list("pk", "case")}
    cases = sorted(set(cases_by_reading.values()))
    batch = last_batch(study) + 1
    strata = strata_of_cases(study, cases) if study.stratified else None
    # A separate generator, because orders of lists must not depend on the number of readers.
    rng = random.Random(f"{study.seed}/{batch}/readers")
    new_readers = draw_replacements(
        cases, [target.pk for target in targets], _readers_of_cases(cases), rng, strata
    )
    if not new_readers:
        whom = f"{targets[0].label} does" if len(targets) == 1 else "the other readers do"
        raise Conflict(
            "nothing_to_reassign",
            f"{source.label} has no unread cases that {whom} not already have.",
        )
    rows = _draw_rows(study, source, targets, new_readers, batch, strata)
    store_readings(study=study, rows=rows, batch=batch)
    add_batch(
        study=study,
        number=batch,
        by=by,
        cases=len(new_readers),
        readings=len(rows),
        reassigned_from=source,
    )
    _keep_landmarks(study, batch)
    removed, _ = Reading.objects.filter(
        pk__in=[pk for pk, case in cases_by_reading.items() if case in new_readers]
    ).delete()
    labels = [target.label for target in targets if target.pk in new_readers.values()]
    record(
        "cases.reassigned",
        actor=by,
        study=study,
        subject=source.label,
        to=", ".join(labels),
        batch=batch,
        cases=len(new_readers),
        readings=len(rows),
        removed=removed,
    )
    return Reassigned(len(new_readers), len(rows), ", ".join(labels))


def _get_targets(
    study: Study, source: Membership, to: str, sequences: Mapping[int, ArmSequence]
) -> list[Membership]:
    """Return the readers who may take over cases, by primary key."""
    parallel, group = study.design == Study.Design.PARALLEL, sequences.get(source.pk)

    def in_another_group(reader: Membership) -> bool:
        # A reader without a reading list takes over the group.
        return parallel and sequences.get(reader.pk, group) != group

    if to != ALL_READERS:
        target = _get_reader(study, to, active=True)
        if in_another_group(target):
            raise Conflict(
                "other_group",
                f"{target.label} reads in a different group from {source.label}. Select a reader "
                "in the same group, or one without a reading list.",
            )
        return [target]
    active = Membership.objects.filter(study=study, role=Role.READER, active=True).order_by("pk")
    targets = [reader for reader in active if not in_another_group(reader)]
    if not targets:
        raise Conflict(
            "no_such_reader",
            "No active reader can take over these cases. Invite or reactivate a reader first.",
        )
    return targets


def _draw_rows(
    study: Study,
    source: Membership,
    targets: Sequence[Membership],
    new_readers: Mapping[str, int],
    batch: int,
    strata: Strata | None,
) -> list[AssignedReading]:
    """Draw the order in which each reader reads the cases taken over."""
    draw = draw_pairs if study.sequential else draw_lists
    sequences, rng = stored_sequences(study), random.Random(f"{study.seed}/{batch}")
    rows: list[AssignedReading] = []
    for target in targets:
        if cases := sorted(case for case, reader in new_readers.items() if reader == target.pk):
            slot = ReaderSlot(target.pk, target.site_id or 0)
            sequence = sequences.get(target.pk) or sequences.get(source.pk, ())
            rows += draw(slot, sequence, cases, study.repeat_after_readings, rng, strata)
    return rows


def _readers_of_cases(cases: Sequence[str]) -> dict[str, set[int]]:
    """Return the readers who already have each case."""
    rows = Reading.objects.filter(case__in=[UUID(case) for case in cases]).order_by()
    readers: dict[str, set[int]] = {}
    for case, reader in rows.values_list("case", "reading_list__reader").distinct():
        readers.setdefault(str(case), set()).add(reader)
    return readers


def _unread() -> ReadingQuerySet:
    """Return the readings that were never opened, of cases that are not excluded."""
    readings = Reading.objects.filter(state=Reading.State.WAITING, opened_at=None)
    return readings.exclude(case__state=Case.State.EXCLUDED)


def _get_reader(study: Study, label: str, *, active: bool) -> Membership:
    readers = Membership.objects.filter(study=study, role=Role.READER, active=active)
    # Compared here, because PostgreSQL rejects texts with a NUL character.
    reader = next((reader for reader in readers if reader.label == label), None)
    if reader is None:
        kind = "an active" if active else "a deactivated"
        raise Conflict("no_such_reader", f"“{label[:20]}” is not {kind} reader of this study.")
    return reader


def _keep_landmarks(study: Study, batch: int) -> None:
    """Give the new readings the landmarks with which the cases were assigned in the same arm."""
    # One statement per arm, because an update cannot refer to a joined table, which has the arm.
    for arm in study.arms.values_list("code", flat=True):
        of_arm = Reading.objects.filter(reading_list__arm=arm)
        earlier = of_arm.filter(case=OuterRef("case"), batch__lt=batch).order_by("batch", "pk")
        of_arm.filter(reading_list__study=study, batch=batch).update(
            landmark_set=Coalesce(Subquery(earlier.values("landmark_set")[:1]), F("landmark_set"))
        )
