"""Reassign the cases that a deactivated reader has not finished to another reader."""

from __future__ import annotations

import random
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from studies.audit.record import record
from studies.cases.models import Case
from studies.errors import Conflict
from studies.protocol.models import Study
from studies.readers.models import Membership, Role, User
from studies.sessions.assignment.draw import draw_lists, draw_pairs
from studies.sessions.assignment.preview import last_batch, stored_sequences
from studies.sessions.assignment.sequences import ReaderSlot
from studies.sessions.assignment.storage import store_readings
from studies.sessions.models import Reading, ReadingQuerySet


@dataclass(frozen=True, slots=True)
class Reassigned:
    """How many cases another reader was assigned, and how many readings that makes."""

    cases: int
    readings: int


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
    """Assign the unfinished cases of a deactivated reader to another one, as a new batch.

    The other reader reads these cases in every arm. Readings that the deactivated reader has opened
    are kept; the others are removed. Cases that the other reader has already are left out.

    Parameters
    ----------
    reader, to
        Labels of the deactivated and of the other reader.

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
    target = _get_reader(study, to, active=True)
    sequences = stored_sequences(study)
    sequence = sequences.get(target.pk) or sequences.get(source.pk, ())
    if study.design == Study.Design.PARALLEL and sequence != sequences.get(source.pk):
        raise Conflict(
            "other_group",
            f"{target.label} reads in a different group from {source.label}. Select a reader in "
            "the same group, or one without a reading list.",
        )
    unread = _unread().filter(reading_list__reader=source)
    taken = Reading.objects.filter(reading_list__reader=target).order_by().values("case")
    unread = unread.exclude(case__in=taken)
    # Read before the new readings are stored, which change the conditions above.
    cases_by_reading = dict(unread.order_by().values_list("pk", "case"))
    cases = sorted({str(case) for case in cases_by_reading.values()})
    if not cases:
        raise Conflict(
            "nothing_to_reassign",
            f"{source.label} has no unread cases that {target.label} does not already have.",
        )
    batch = last_batch(study) + 1
    draw = draw_pairs if study.sequential else draw_lists
    rows = draw(
        ReaderSlot(target.pk, target.site_id or 0),
        sequence,
        cases,
        study.repeat_after_readings,
        random.Random(f"{study.seed}/{batch}"),
    )
    store_readings(study=study, rows=rows, batch=batch)
    _keep_landmarks(study, batch)
    removed, _ = Reading.objects.filter(pk__in=list(cases_by_reading)).delete()
    record(
        "cases.reassigned",
        actor=by,
        study=study,
        subject=source.label,
        to=target.label,
        batch=batch,
        cases=len(cases),
        readings=len(rows),
        removed=removed,
    )
    return Reassigned(len(cases), len(rows))


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
    # One statement per arm, because an update cannot refer to the arm of another table.
    for arm in study.arms.values_list("code", flat=True):
        of_arm = Reading.objects.filter(reading_list__arm=arm)
        earlier = of_arm.filter(case=OuterRef("case"), batch__lt=batch).order_by("batch", "pk")
        of_arm.filter(reading_list__study=study, batch=batch).update(
            landmark_set=Coalesce(Subquery(earlier.values("landmark_set")[:1]), F("landmark_set"))
        )
