"""The preview of an assignment as JSON."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, TypedDict

from studies.openapi import Keyword
from studies.protocol.models import Arm, Study
from studies.sessions.assignment.batches import BatchProgress
from studies.sessions.assignment.plan import PlannedList
from studies.sessions.assignment.preview import Preview, ReaderShare, plan_preview
from studies.sessions.models import Batch


class PlannedListJSON(TypedDict):
    """The readings of one period, with the expected first and last day at the pace of the plan."""

    period: int
    arm: Annotated[str, Arm.Code]
    readings: int
    repeats: int
    starts_on: date
    ends_on: date


class AssignedReaderJSON(TypedDict):
    """One reader's share of an assignment; the site is empty where the reader has none.

    ``readings`` includes the hidden ``repeats``. ``sequence`` lists the arms of the reader's
    periods, and ``first_arm`` is the first of them.
    """

    label: str
    site: str
    readings: int
    repeats: int
    first_arm: Annotated[str, Keyword("enum", (*Arm.Code.values, ""))]
    sequence: list[Annotated[str, Arm.Code]]
    plan: list[PlannedListJSON]


class StratumJSON(TypedDict):
    """A stratum of the batch: its cases, and the fewest and the most of them that one reader reads.

    ``aac_group`` is empty without a reference standard.
    """

    scanner: str
    site: str
    aac_group: str
    cases: int
    fewest: int
    most: int


class WeightsJSON(TypedDict):
    """The weights that analysed the cases of the batch.

    ``name`` and ``checksum`` are those of the study's model, which the first assignment fixes, or
    empty if it is not registered. ``other_cases`` were analysed with other weights; ``text`` states
    this and what to do. If ``to_confirm``, the assignment has to confirm it.
    """

    name: str
    checksum: str
    other_cases: int
    to_confirm: bool
    text: str


class AssignmentPreviewJSON(TypedDict):
    """The assignment that would be stored now.

    ``left_out`` counts cases that are not ready, and ``unconfirmed`` those whose corners would have
    to be corrected or confirmed first, because an arm shows guides from corrected landmarks.
    ``strata`` is empty unless the assignment is stratified.
    """

    batch: int
    cases: int
    left_out: int
    unconfirmed: int
    minutes_each: int
    readings_per_week: int
    readers: list[AssignedReaderJSON]
    strata: list[StratumJSON]
    weights: WeightsJSON


class BatchJSON(TypedDict):
    """A batch as it was assigned, and how many of its readings have been read and are left.

    ``reassigned_from`` is the label of the reader whose cases others took over, or empty.
    """

    number: int
    kind: Annotated[str, Batch.Kind]
    assigned_at: datetime
    assigned_by: str
    reassigned_from: str
    cases: int
    readings: int
    read: int
    left: int


class BatchPageJSON(TypedDict):
    """One page of the batches, newest first."""

    results: list[BatchJSON]
    count: int
    page: int
    pages: int


def batch_json(entry: BatchProgress) -> BatchJSON:
    """Return one batch."""
    batch = entry.batch
    return {
        "number": batch.number,
        "kind": batch.kind,
        "assigned_at": batch.assigned_at,
        "assigned_by": batch.assigned_by.shown_name if batch.assigned_by else "",
        "reassigned_from": batch.reassigned_from.label if batch.reassigned_from else "",
        "cases": batch.cases,
        "readings": batch.readings,
        "read": entry.read,
        "left": entry.left,
    }


def preview_json(study: Study, preview: Preview, readings_per_week: int) -> AssignmentPreviewJSON:
    """Return a preview with the dates at a pace of reading."""
    plan = plan_preview(study, preview, readings_per_week)
    return {
        "batch": preview.batch,
        "cases": preview.cases,
        "left_out": preview.left_out,
        "unconfirmed": preview.unconfirmed,
        "minutes_each": preview.minutes_each,
        "readings_per_week": readings_per_week,
        "readers": [_share_json(share, planned) for share, planned in plan],
        "strata": [
            {
                "scanner": entry.stratum.scanner,
                "site": entry.stratum.site,
                "aac_group": entry.stratum.group,
                "cases": entry.cases,
                "fewest": entry.fewest,
                "most": entry.most,
            }
            for entry in preview.strata
        ],
        "weights": {
            "name": preview.weights.model.name if preview.weights.model else "",
            "checksum": preview.weights.model.checksum if preview.weights.model else "",
            "other_cases": preview.weights.other_cases,
            "to_confirm": preview.weights.to_confirm,
            "text": preview.weights.text,
        },
    }


def _share_json(share: ReaderShare, planned: list[PlannedList]) -> AssignedReaderJSON:
    return {
        "label": share.reader.label,
        "site": share.reader.site.code if share.reader.site else "",
        "readings": share.readings,
        "repeats": share.repeats,
        "first_arm": share.sequence[0] if share.sequence else "",
        "sequence": list(share.sequence),
        "plan": [
            {
                "period": entry.period,
                "arm": entry.arm,
                "readings": entry.readings,
                "repeats": entry.repeats,
                "starts_on": entry.starts_on,
                "ends_on": entry.ends_on,
            }
            for entry in planned
        ],
    }
