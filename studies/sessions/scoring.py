"""Save the score of one cell, or the AAC-8 of one wall: the most frequent request of readers.

It takes three SQL statements, compiled once per process, independent of the study's size. The first
locks, so that the second reads what a concurrent request has committed; the third writes.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Annotated, Any, TypedDict
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Count, FilteredRelation, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from studies.analytics.scale import (
    AAC8_CELLS,
    AAC8_SCORES,
    Validity,
    cells_to_score,
    scores_of_cell,
)
from studies.compiled_query import CompiledQuery
from studies.errors import Conflict, NotFound, StudyError
from studies.openapi import Keyword
from studies.protocol.models import Study
from studies.readers.models import User
from studies.sessions.models import Change, Reading, Score
from studies.sessions.reading.checks import check_states
from studies.sessions.reading.stored_changes import check_same_change

CellValue = tuple[int | None, int | None, str]
MAX_REASON_LENGTH = 200


class CellJSON(TypedDict):
    """The value of a cell: a score, or the NHANES code of the reason why it is not readable.

    An empty cell has neither. Only the AAC-8 of a wall can be 4. ``version`` counts the changes.
    """

    score: Annotated[int | None, Keyword("enum", (*AAC8_SCORES, None))]
    validity: int | None
    reason: str
    version: int


class ScoredReadingJSON(TypedDict):
    """The state of a reading after a score was saved, and the number of cells with a value."""

    state: Annotated[str, Reading.State]
    scored: int
    complete: bool


class SavedCellJSON(TypedDict):
    """The stored cell and the state of its reading."""

    cell: CellJSON
    reading: ScoredReadingJSON


@dataclass(frozen=True, slots=True)
class LockedState:
    """The state of a locked reading and of its study."""

    reading: str
    study: str
    aac8: bool
    """Whether AAC-8 is scored in the study."""


@dataclass(frozen=True, slots=True)
class StoredState:
    """The stored state before the change: the cell, and the change with the same id."""

    case_state: str
    cell: CellJSON
    other_cells: int
    """The number of other cells that have a score or a reason why they are not readable."""
    change: tuple[str, dict[str, Any], SavedCellJSON] | None
    """Kind, value and answer of the stored change with the same id."""


@transaction.atomic
def save_cell(
    *,
    user: User,
    pk: UUID,
    cell: str,
    change_id: UUID,
    version: int,
    score: int | None = None,
    validity: int | None = None,
    reason: str = "",
) -> SavedCellJSON:
    """Store a score or a reason, or clear the cell; return the answer for the client.

    A repeated ``change_id`` returns the stored answer. Raises NotFound unless the reading is the
    reader's own; Conflict with the stored cell when ``version`` is not the stored one, and when
    ``change_id`` belongs to another change.
    """
    if cell not in cells_to_score(aac8=True):
        raise NotFound(f"No cell is named {cell}.")
    locked = _lock(user, pk)
    if cell in AAC8_CELLS and not locked.aac8:
        raise aac8_not_scored()
    # After the lock, because another person's reading is a 404 whatever the body says.
    value = check_cell(cell, score, validity, reason)
    stored = _read_stored(pk, cell, change_id)
    # Before the checks below: a repeated request gets its answer even in a closed study.
    if stored.change is not None:
        kind, change, previous = stored.change
        sent = dict(zip(("score", "validity", "reason"), value, strict=True))
        check_same_change(kind, change, cell, sent)
        return previous
    check_states(reading=locked.reading, study=locked.study, case=stored.case_state)
    # Safe without another lock: the locked reading keeps other windows from writing.
    if version != stored.cell["version"]:
        raise Conflict(
            "stale",
            "This cell was changed in another window. The stored value is shown now.",
            cell=stored.cell,
        )
    saved = _cell_values(*value, version + 1)
    scored = stored.other_cells + (saved["validity"] is not None)
    answer: SavedCellJSON = {
        "cell": saved,
        "reading": {
            "state": locked.reading,
            "scored": scored,
            "complete": scored == len(cells_to_score(aac8=locked.aac8)),
        },
    }
    _write(pk, cell, change_id, saved, answer)
    return answer


def aac8_not_scored() -> StudyError:
    """Return the error of a score of AAC-8 in a study that scores the eight cells alone."""
    return StudyError("aac8_not_scored", "AAC-8 is not scored in this study.", status=409)


def cell_json(score: Score | None) -> CellJSON:
    """Return the JSON value of a cell; None gives that of an empty cell."""
    if score is None:
        return _cell_values(None, None, "", 0)
    return _cell_values(score.score, score.validity, score.reason, score.version)


def _cell_values(score: int | None, validity: int | None, reason: str, version: int) -> CellJSON:
    return {"score": score, "validity": validity, "reason": reason, "version": version}


def check_cell(cell: str, score: int | None, validity: int | None, reason: str) -> CellValue:
    """Return score, validity and reason as stored. Raises StudyError for an invalid combination."""
    scores = scores_of_cell(cell)
    if score is not None:
        if validity not in (None, Validity.VALID):
            raise StudyError("invalid", "A cell has either a score or a reason, not both.")
        if score not in scores:
            text = f"The score must be a whole number from 0 to {max(scores)}."
            raise StudyError("invalid", text)
        return score, Validity.VALID, ""
    if validity == Validity.VALID:
        raise StudyError("invalid", f"A readable cell needs a score from 0 to {max(scores)}.")
    if validity not in (None, *Validity):
        raise StudyError("invalid", f"No reason has the code {validity}.")
    if len(reason) > MAX_REASON_LENGTH:
        raise StudyError("invalid", f"A reason has at most {MAX_REASON_LENGTH} characters.")
    return None, validity, reason if validity is not None else ""


def _own_reading_query(user: int, pk: UUID) -> QuerySet[Reading, Any]:
    readings = Reading.objects.of_reader(user).filter(pk=pk).order_by()
    return readings.values_list(
        "state", "reading_list__study__state", "reading_list__study__scores"
    )


# Django cannot combine two kinds of row lock in one query, so the suffix is written in SQL.
LOCK = CompiledQuery(
    _own_reading_query,
    user=int,
    pk=UUID,
    suffix=f' FOR UPDATE OF "{Reading._meta.db_table}" FOR SHARE OF "{Study._meta.db_table}"',
)
"""Lock the reading against other windows, and the study against a change of its state."""


def _lock(user: User, pk: UUID) -> LockedState:
    """Lock the reader's own reading; return its state and the study's. Raises NotFound."""
    # The reader is part of the query, so that the id of another person's reading answers 404.
    row = LOCK.first(user=user.pk, pk=pk)
    if row is None:
        raise NotFound
    reading, study, scores = row
    return LockedState(reading, study, scores == Study.Scores.AAC24_AAC8)


def _stored_query(pk: UUID, cell: str, change_id: UUID) -> QuerySet[Reading, Any]:
    scored = Score.objects.filter(reading=OuterRef("pk"), validity__isnull=False)
    # Counted in the same statement, so that the answer needs no further query.
    others = scored.exclude(cell=cell).order_by().values("reading").annotate(cells=Count("pk"))
    return (
        Reading.objects.filter(pk=pk)
        .order_by()
        .annotate(
            stored=FilteredRelation("scores", condition=Q(scores__cell=cell)),
            change=FilteredRelation("changes", condition=Q(changes__change_id=change_id)),
        )
        .values_list(
            "case__state",
            *("stored__score", "stored__validity", "stored__reason", "stored__version"),
            Subquery(others.values("cells")),
            *("change__kind", "change__value", "change__answer"),
        )
    )


STORED = CompiledQuery(_stored_query, pk=UUID, cell=str, change_id=UUID)


def _read_stored(pk: UUID, cell: str, change_id: UUID) -> StoredState:
    """Return the stored state of a locked reading. Raises NotFound.

    This needs a second statement: the locking one sees the rows from before it waited.
    """
    row = STORED.first(pk=pk, cell=cell, change_id=change_id)
    if row is None:
        raise NotFound
    state, score, validity, reason, version, others, kind, value, answer = row
    # A compiled query returns JSON columns as text.
    change = None if kind is None else (kind, json.loads(value), json.loads(answer))
    return StoredState(
        state, _cell_values(score, validity, reason or "", version or 0), others or 0, change
    )


WRITE = f"""
WITH saved AS (
    INSERT INTO "{Score._meta.db_table}" (reading_id, cell, score, validity, reason, version)
    VALUES (%(reading)s, %(cell)s, %(score)s, %(validity)s, %(reason)s, %(version)s)
    ON CONFLICT (reading_id, cell) DO UPDATE SET
        score = EXCLUDED.score, validity = EXCLUDED.validity, reason = EXCLUDED.reason,
        version = EXCLUDED.version
)
INSERT INTO "{Change._meta.db_table}" (reading_id, change_id, kind, value, answer, at)
VALUES (%(reading)s, %(change_id)s, %(cell)s, %(value)s, %(answer)s, %(at)s)
"""


def _write(pk: UUID, cell: str, change_id: UUID, saved: CellJSON, answer: SavedCellJSON) -> None:
    """Write the cell, and the change by which a repeated request is recognised, together."""
    change = {"change_id": change_id, "value": json.dumps(saved), "answer": json.dumps(answer)}
    parameters: dict[str, Any] = {
        **saved,
        **change,
        "reading": pk,
        "cell": cell,
        "at": timezone.now(),
    }
    # Values are parameters; only the names of the tables are part of the text.
    with connection.cursor() as cursor:
        cursor.execute(WRITE, parameters)
