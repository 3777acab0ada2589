"""The plan of a study as rows: who reads which case, in which order, and on which expected day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from itertools import groupby
from typing import Any, Final

from django.utils import timezone

from studies.cases.models import Case
from studies.conduct.plan.dates import PlanRules, PlanSlot, expected_dates
from studies.protocol.models import Study
from studies.sessions.assignment.draw import AssignedReading
from studies.sessions.assignment.preview import Preview
from studies.sessions.assignment.storage import last_positions
from studies.sessions.models import Reading

ROWS_PER_FETCH: Final = 2000
EXCLUDED: Final = "excluded"
PLANNED: Final = "planned"
"""The state of a reading that has not been assigned yet."""
COLUMNS: Final = (
    *("batch", "reader", "reader_site", "period", "reading_of_case", "arm", "position"),
    *("case", "case_site", "hidden_repeat", "state", "submitted_on", "expected_on"),
)


def preview_rows(
    study: Study, preview: Preview, readings_per_week: int
) -> Iterator[dict[str, Any]]:
    """Yield the readings that would be assigned now, with the positions that they would get.

    The days are those of the plan on the assignment page: readers start today with this batch.
    """
    rules = _rules(study, readings_per_week)
    readers = {reader.pk: reader for reader in preview.readers}
    rows = Case.objects.filter(pk__in={row.case for row in preview.rows})
    cases = {
        str(pk): (label, site) for pk, label, site in rows.values_list("pk", "label", "site__code")
    }
    last = last_positions(study)
    ordered = sorted(
        preview.rows, key=lambda row: (readers[row.reader].label, row.period, row.position)
    )
    for reader_key, of_reader in groupby(ordered, key=lambda row: row.reader):
        readings, reader = list(of_reader), readers[reader_key]
        slots = [_planned_slot(row, preview.batch) for row in readings]
        expected = expected_dates(slots, rules)
        for row, slot in zip(readings, slots, strict=True):
            label, site = cases[row.case]
            yield {
                "batch": preview.batch,
                "reader": reader.label,
                "reader_site": reader.site.code if reader.site else "",
                "period": row.period,
                "reading_of_case": row.step if study.sequential else None,
                "arm": row.arm,
                "position": last.get((row.reader, row.period), 0) + row.position,
                "case": label,
                "case_site": site,
                "hidden_repeat": _yes_no(row.replicate > 1),
                "state": PLANNED,
                "expected_on": expected[slot.key].isoformat(),
            }


def stored_rows(study: Study, readings_per_week: int) -> Iterator[dict[str, Any]]:
    """Yield all assigned readings, from one query.

    Readings that are left have an expected day, except those of deactivated readers and of a
    locked study.
    """
    rules = _rules(study, readings_per_week)
    rows = (
        Reading.objects.filter(reading_list__study=study)
        .order_by(
            *("reading_list__reader__label", "reading_list__reader", "batch"),
            *("reading_list__period", "position"),
        )
        .values(
            *("pk", "batch", "position", "replicate", "state", "opened_at", "submitted_at"),
            *("previous_submission_at", "case__label", "case__site__code", "case__state"),
            *("reading_list__period", "reading_list__step", "reading_list__arm"),
            *("reading_list__reader__label", "reading_list__reader__site__code"),
            *("reading_list__reader__active", "reading_list__reader"),
        )
    )
    fetched = rows.iterator(chunk_size=ROWS_PER_FETCH)
    for _, of_reader in groupby(fetched, key=lambda row: row["reading_list__reader"]):
        readings = list(of_reader)
        planned = not study.locked and readings[0]["reading_list__reader__active"]
        expected = expected_dates([_stored_slot(row) for row in readings], rules) if planned else {}
        for row in readings:
            submitted_on, expected_on = _day(row["submitted_at"]), expected.get(row["pk"])
            excluded = row["case__state"] == Case.State.EXCLUDED
            yield {
                "batch": row["batch"],
                "reader": row["reading_list__reader__label"],
                "reader_site": row["reading_list__reader__site__code"],
                "period": row["reading_list__period"],
                "reading_of_case": row["reading_list__step"] if study.sequential else None,
                "arm": row["reading_list__arm"],
                "position": row["position"],
                "case": row["case__label"],
                "case_site": row["case__site__code"],
                "hidden_repeat": _yes_no(row["replicate"] > 1),
                "state": EXCLUDED if excluded else row["state"],
                "submitted_on": submitted_on.isoformat() if submitted_on else "",
                "expected_on": expected_on.isoformat() if expected_on else "",
            }


def _rules(study: Study, readings_per_week: int) -> PlanRules:
    return PlanRules(
        starts_on=timezone.localdate(),
        readings_per_week=readings_per_week,
        washout_days=study.washout_days,
        repeat_after_days=study.repeat_after_days,
    )


def _planned_slot(row: AssignedReading, batch: int) -> PlanSlot:
    key = (row.period, row.position)
    return PlanSlot(key, row.case, batch, row.period, row.position, row.replicate)


def _stored_slot(row: dict[str, Any]) -> PlanSlot:
    excluded = row["case__state"] == Case.State.EXCLUDED
    return PlanSlot(
        key=row["pk"],
        case=row["case__label"],
        batch=row["batch"],
        period=row["reading_list__period"],
        position=row["position"],
        replicate=row["replicate"],
        to_read=row["submitted_at"] is None and not excluded,
        opened_on=_day(row["opened_at"]),
        seen_on=_day(row["submitted_at"] or row["previous_submission_at"]),
    )


def _day(at: datetime | None) -> date | None:
    """Return the day in the time zone of the viewer."""
    return timezone.localdate(at) if at else None


def _yes_no(value: bool) -> str:
    return "true" if value else "false"
