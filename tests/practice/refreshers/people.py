"""A study with refreshers and its readers, through the API."""

from __future__ import annotations

from typing import Any

from studies.practice.models import PracticeReading
from studies.practice.practice_set import add_phantoms
from studies.practice.refreshers.rules import set_refreshers
from studies.sessions.models import Reading
from tests.make import Cast
from tests.sessions.reading_room import Room


def set_up_refreshers(cast: Cast, *, phantoms: int = 2, **rules: Any) -> None:
    """Mix practice cases in, after every two readings unless ``rules`` say otherwise."""
    if phantoms:
        add_phantoms(study=cast.study, by=cast.coordinator, number=phantoms)
    set_refreshers(study=cast.study, by=cast.coordinator, **{"interval": 2, **rules})


def is_refresher(pk: str) -> bool:
    """Return whether a reading belongs to a refresher."""
    refresher = PracticeReading.objects.filter(pk=pk).exists()
    assert refresher != Reading.objects.filter(pk=pk).exists()
    return refresher


def read_kinds(room: Room, count: int) -> str:
    """Read some cases; return "s" for each study reading and "r" for each refresher reading."""
    return "".join("r" if is_refresher(room.read()) else "s" for _ in range(count))
