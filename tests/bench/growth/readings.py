"""Submitted readings of a locked study, written straight into a version's database.

Grades depend on the labels alone, so both versions and every run have the same readings.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
from django.conf import settings
from django.db import connection

from studies.analytics.scale import CELLS
from studies.cases.models import Case
from studies.protocol.models import Study
from studies.readers.models import Membership
from studies.sessions.models import Reading, ReadingList, Score
from tests.make import Cast, make_reader

from .cases import BATCH, fill_study, update_statistics

READERS = 50
OPENED = datetime(2026, 5, 4, 8, tzinfo=UTC)

# About a third of the cells are calcified. A reader is one grade off in 30 % of the cells without
# guides and in 10 % with them, and 1 % of the cells cannot be read.
SCORES = """
INSERT INTO {score} (reading_id, cell, score, validity, reason, version)
SELECT id, cell,
       CASE WHEN lost THEN NULL
            ELSE GREATEST(0, LEAST(3, truth + CASE WHEN slips THEN step ELSE 0 END)) END,
       CASE WHEN lost THEN 4 ELSE 0 END, '', 1
FROM (
    SELECT r.id, cell.cell,
           (ARRAY[0, 0, 0, 0, 0, 1, 2, 3])
               [1 + (hashtextextended(c.label || cell.cell, 1) & 7)] AS truth,
           (hashtextextended(m.label || c.label || cell.cell || l.arm, 2) & 1023)
               < CASE l.arm WHEN 'guided' THEN 102 ELSE 307 END AS slips,
           CASE (hashtextextended(m.label || c.label || cell.cell || l.arm, 3) & 1)
               WHEN 0 THEN -1 ELSE 1 END AS step,
           (hashtextextended(m.label || c.label || cell.cell || l.arm, 4) & 1023) < 10 AS lost
    FROM {reading} r
    JOIN {reading_list} l ON l.id = r.reading_list_id
    JOIN {membership} m ON m.id = l.reader_id
    JOIN {case} c ON c.id = r.case_id
    CROSS JOIN unnest(%s) AS cell(cell)
    WHERE l.study_id = %s
) AS graded
"""

TABLES = {
    "score": Score._meta.db_table,
    "reading": Reading._meta.db_table,
    "reading_list": ReadingList._meta.db_table,
    "membership": Membership._meta.db_table,
    "case": Case._meta.db_table,
}


def read_and_lock(cases: int, readers_per_case: int, readers: int = READERS) -> None:
    """Create a locked study whose readers submitted every reading, in both arms."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    cast = Cast()
    for number in range(readers - 2):
        make_reader(cast.study, cast.site, f"reader{number}")
    _submit(cast, cases, min(readers, readers_per_case))
    with connection.cursor() as cursor:
        cursor.execute(SCORES.format(**TABLES), [list(CELLS), cast.study.pk])
    Study.objects.filter(pk=cast.study.pk).update(
        state=Study.State.LOCKED, opened_at=OPENED, locked_at=OPENED + timedelta(days=60)
    )
    update_statistics()


def _submit(cast: Cast, cases: int, readers_per_case: int) -> None:
    rows = fill_study(cast, cases)
    members = list(
        Membership.objects.filter(study_id=cast.study.pk, role="reader").order_by("label")
    )
    rng = np.random.default_rng(7)
    everyone = np.tile(np.arange(len(members)), (cases, 1))
    drawn = rng.permuted(everyone, axis=1)[:, :readers_per_case]
    for number, member in enumerate(members):
        mine = np.flatnonzero((drawn == number).any(axis=1))
        for period in (1, 2):
            arm = "guided" if (number + period) % 2 else "unguided"
            reading_list = ReadingList.objects.create(
                study=cast.study, reader=member, period=period, arm=arm, **_guides_of(arm)
            )
            opened = OPENED + timedelta(days=30 * (period - 1))
            Reading.objects.bulk_create(
                [
                    Reading(
                        reading_list=reading_list,
                        case=rows[case],
                        landmark_set=rows[case].landmark_set,
                        position=position,
                        state=Reading.State.SUBMITTED,
                        opened_at=opened + timedelta(minutes=position),
                        submitted_at=opened + timedelta(minutes=position, seconds=50),
                        active_ms=30_000 + 100 * ((position * 37 + number * 11) % 300),
                        idle_ms=2_000,
                        guides_ms=25_000 if arm == "guided" else 0,
                    )
                    for position, case in enumerate(mine, start=1)
                ],
                BATCH,
            )


def _guides_of(arm: str) -> dict[str, bool]:
    """Return whether the list has guides; in 0.1.0 the arm alone decides."""
    names = {field.name for field in ReadingList._meta.get_fields()}
    return {"guides": arm == "guided"} if "guides" in names else {}
