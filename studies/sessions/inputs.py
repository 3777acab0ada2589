"""Request bodies, parameters and conflicts of the endpoints on readings, also those of practice."""

from __future__ import annotations

from typing import Any, NotRequired

from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from studies.analytics.scale import AAC8_SCORES, Validity, cells_to_score
from studies.errors import ErrorJSON
from studies.sessions.reading_sessions.requests import ClientInput
from studies.sessions.scoring import CellJSON
from studies.sessions.viewing.inputs import ViewInput

# The largest smallint of PostgreSQL: a larger number is a 400 instead of a database error.
MAX_PERIOD = 32767
# One request reports the time since the last one; a day bounds what a tab left open can send.
MAX_INTERVAL_MS = 24 * 3600 * 1000


class StaleCellJSON(ErrorJSON):
    """An error; with ``stale``, ``cell`` is the stored one."""

    cell: NotRequired[CellJSON]


class StaleCommentJSON(ErrorJSON):
    """An error; with ``stale``, the comment is the stored one."""

    comment: NotRequired[str]
    comment_version: NotRequired[int]


CELL_PARAMETER = OpenApiParameter(
    "cell", str, OpenApiParameter.PATH, enum=cells_to_score(aac8=True)
)


class ChangeInput(serializers.Serializer[Any]):
    """A change with its id, by which a repeated request is recognised."""

    change_id = serializers.UUIDField()


class CellInput(ChangeInput):
    """The score of a cell or of the AAC-8 of a wall, or the reason why it is not readable."""

    version = serializers.IntegerField(min_value=0)
    # A cell has at most 3, which `check_cell` enforces.
    score = serializers.IntegerField(
        min_value=0, max_value=max(AAC8_SCORES), allow_null=True, required=False
    )
    # NHANES validity codes, among which there is no 2.
    validity = serializers.ChoiceField(
        choices=[int(code) for code in Validity], allow_null=True, required=False
    )
    reason = serializers.CharField(max_length=200, allow_blank=True, required=False, default="")


class CommentInput(ChangeInput):
    """The comment on a reading."""

    version = serializers.IntegerField(min_value=0)
    text = serializers.CharField(max_length=2000, allow_blank=True)


class TimeInput(ChangeInput, ClientInput):
    """Intervals that the reading room measured, in milliseconds, and the view at that time."""

    active_ms = serializers.IntegerField(min_value=0, max_value=MAX_INTERVAL_MS)
    idle_ms = serializers.IntegerField(min_value=0, max_value=MAX_INTERVAL_MS)
    guides_ms = serializers.IntegerField(min_value=0, max_value=MAX_INTERVAL_MS, default=0)
    view = ViewInput(required=False, allow_null=True)


class SubmitInput(ChangeInput, ClientInput):
    """The submission of a reading."""


class PeriodInput(serializers.Serializer[Any]):
    """The period whose announcement the reader acknowledges."""

    period = serializers.IntegerField(min_value=1, max_value=MAX_PERIOD)


# Shared by all requests: copying a serializer's fields takes longer than validating them.
OPEN, CELL, COMMENT = ClientInput(), CellInput(), CommentInput()
TIME, SUBMIT = TimeInput(), SubmitInput()
