"""A crossover of four arms with hidden repeats, of any size; runs in this checkout."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import connection
from django.db.models import DurationField, ExpressionWrapper, F, Value
from django.db.models.functions import Mod

from studies.analytics.scale import CELLS
from studies.protocol.models import Study
from studies.sessions.models import Reading
from tests.make import Cast, make_reader

from .cases import fill_study, update_statistics
from .readings import OPENED, SCORES, TABLES
from .study import READERS, SLUG

ARMS = ["unguided", "guided", "measured", "guided measured"]
REPEATS = 20


def fill(cases: int) -> None:
    """Create a study of four arms with readers and analysed cases, none of which is assigned."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    cast = Cast(arms=ARMS, hidden_repeats=REPEATS, repeat_after_readings=10)
    for number in range(READERS - 2):
        make_reader(cast.study, cast.site, f"reader{number}")
    fill_study(cast, cases)


def submit_and_lock() -> None:
    """Submit every reading, repeats included, with scores, and lock the study."""
    study = Study.objects.get(slug=SLUG)
    readings = Reading.objects.filter(reading_list__study=study)
    for period in range(1, len(ARMS) + 1):
        opened = ExpressionWrapper(
            Value(OPENED + timedelta(days=30 * (period - 1)))
            + F("position") * Value(timedelta(minutes=1)),
            output_field=DurationField(),
        )
        readings.filter(reading_list__period=period).update(
            state=Reading.State.SUBMITTED,
            opened_at=opened,
            submitted_at=opened,
            active_ms=30_000 + 100 * Mod(F("position") * 37, 300),
            idle_ms=2_000,
        )
    with connection.cursor() as cursor:
        cursor.execute(SCORES.format(**TABLES), [list(CELLS), study.pk])
    Study.objects.filter(pk=study.pk).update(
        state=Study.State.LOCKED, locked_at=OPENED + timedelta(days=150)
    )
    update_statistics()
