"""A reader's own readings: which can be fetched, and locking one for a change."""

from __future__ import annotations

from uuid import UUID

from studies.errors import NotFound
from studies.readers.models import User
from studies.sessions.models import Reading
from studies.sessions.queue import get_queue


def get_own_reading(*, user: User, pk: UUID) -> Reading:
    """Return a reading of this reader in any state. Raises NotFound."""
    reading = Reading.objects.of_reader(user).with_case().filter(pk=pk).first()
    if reading is None:
        raise NotFound
    return reading


def get_fetchable_reading(*, user: User, pk: UUID) -> Reading:
    """Return the reader's current or next reading. Raises NotFound for any other."""
    reading = get_own_reading(user=user, pk=pk)
    if not get_queue(reading.reading_list.reader).contains(reading):
        raise NotFound
    return reading


def get_guided_reading(*, user: User, pk: UUID) -> Reading:
    """Return a fetchable reading of an arm with guides. Raises NotFound for any other.

    In a sequential study, the reader must have opened it: opening freezes the first reading of the
    case, which must not change once the reader can have seen the guides.
    """
    reading = get_fetchable_reading(user=user, pk=pk)
    if not reading.guided or (reading.follows and reading.state == Reading.State.WAITING):
        raise NotFound
    return reading


def lock_reading(user: User, pk: UUID, *, with_case: bool = False) -> Reading:
    """Return the reader's own reading with its row locked, so that two windows write in turn.

    ``with_case`` also fetches the image and the landmarks, which changes do not need.
    Raises NotFound.
    """
    readings = Reading.objects.of_reader(user)
    if with_case:
        readings = readings.with_case()
    else:
        readings = readings.select_related("reading_list__study", "case")
    # Only the reading: a lock on the case or the study would make other readers wait.
    reading = readings.select_for_update(of=("self",)).filter(pk=pk).first()
    if reading is None:
        raise NotFound
    return reading
