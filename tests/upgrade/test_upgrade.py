"""The upgrade of a database of version 0.1.0 to the current migrations."""

from __future__ import annotations

import csv
import io
import json
import math
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from rest_framework.test import APIClient

from studies.analytics.scale import CELLS
from studies.cases.models import Case, Image, Upload
from studies.protocol.models import Study
from studies.readers.models import Membership, Role, User
from studies.reports.models import BootstrapRun, ReportRun
from studies.reports.snapshot import current_snapshot
from studies.sessions.models import InterimLook, Reading, Reopening
from tests.upgrade.conftest import Row, Upgraded

# The database is filled by the code of 0.1.0.
pytestmark = pytest.mark.slow

RUNNING, PAUSED, LOCKED = "guides-trial", "paused-trial", "locked-trial"

# Tables, columns and values that are known to differ. Everything else must be unchanged.
TABLES = {"reports_truegrades": "reports_referencegrades"}
# The platform has neither mail addresses nor groups.
UNUSED = {
    "account_emailaddress",
    "account_emailconfirmation",
    "readers_user_groups",
    "readers_user_user_permissions",
}
VALUES: dict[tuple[str, str], dict[Any, Any]] = {
    ("cases_case", "state"): {"held": "pending_review", "refused": "rejected"},
    ("cases_case", "reason_code"): {"refused_by_person": "rejected_by_person"},
    ("cases_upload", "status"): {"held": "pending_review", "refused": "rejected"},
    ("readers_membership", "label"): {"K01": "CO01", "K02": "CO02"},
}


def client_of(user: User) -> APIClient:
    client = APIClient(SERVER_NAME="localhost")
    client.default_format = "json"
    client.force_login(user)
    return client


def person(username: str) -> APIClient:
    return client_of(User.objects.get(username=username))


def expected(table: str, row: Row) -> Row:
    """Return a row of 0.1.0 as the current migrations must leave it."""
    return {
        column: VALUES.get((table, column), {}).get(value, value)
        if not isinstance(value, dict | list)
        else value
        for column, value in row.items()
    }


def test_study_of_every_state_was_filled(upgraded: Upgraded) -> None:
    def values(table: str, column: str) -> set[Any]:
        return {row[column] for row in upgraded.before[table].values()}

    assert values("protocol_study", "state") == {"draft", "open", "paused", "locked"}
    assert values("cases_case", "state") == {
        "received", "held", "analysing", "ready", "failed", "excluded", "refused",
    }  # fmt: skip
    assert values("cases_upload", "status") == {"accepted", "held", "duplicate", "refused"}
    assert values("cases_landmarkset", "source") == {"model", "shifted", "flipped", "taken"}
    reading = "reading_sessions_reading"
    assert values(reading, "state") == {"waiting", "open", "submitted"}
    assert values("reports_reportrun", "state") == {"queued", "making", "done", "failed"}
    assert values("reports_bootstraprun", "state") == {"queued", "computing", "done", "failed"}
    assert {"K01", "K02", "R01", "S01"} <= values("readers_membership", "label")
    empty = {table for table, rows in upgraded.before.items() if not rows}
    assert empty <= UNUSED, "0.1.0 stored nothing in these tables"


def test_every_row_is_kept_with_its_values(upgraded: Upgraded) -> None:
    for table, rows in upgraded.before.items():
        after = upgraded.after[TABLES.get(table, table)]
        assert rows.keys() == after.keys(), table
        for pk, row in rows.items():
            wanted = expected(table, row)
            migrated = {column: after[pk].get(column, "no such column") for column in wanted}
            assert migrated == wanted, (table, pk)


def test_reopenings_and_state_times_come_from_the_audit_trail(upgraded: Upgraded) -> None:
    events = upgraded.before["audit_event"].values()
    recorded = [
        (row["subject"], row["actor_id"], row["data"]["reason"], row["at"])
        for row in events
        if row["action"] == "reading.reopened"
    ]
    assert len(recorded) == 2
    rows = Reopening.objects.values_list("reading_id", "by_id", "reason", "at")
    assert sorted((str(pk), *rest) for pk, *rest in rows) == sorted(recorded)
    paused = next(row["at"] for row in events if row["action"] == "study.paused")
    times = dict(Study.objects.values_list("state", "state_changed_at"))
    assert times["paused"] == paused
    assert times["locked"] == Study.objects.get(slug=LOCKED).locked_at
    assert times["draft"] is None and times["open"] is not None
    summary = current_snapshot(Study.objects.get(slug=LOCKED)).summary
    assert [row.reason for row in summary.reopenings] == ["wrong side"]
    assert summary.reopenings[0].by == "clara"


@pytest.mark.parametrize("model", [InterimLook, Reopening])
def test_recorded_looks_and_reopenings_cannot_be_deleted(upgraded: Upgraded, model: Any) -> None:
    row = model.objects.first()
    assert row is not None
    with pytest.raises(DatabaseError), transaction.atomic():
        row.delete()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal",
            [model._meta.db_table],
        )
        assert cursor.fetchone() == (1,)


def test_statistics_equal_those_of_0_1_0(upgraded: Upgraded) -> None:
    client = person("stan")
    answer = client.get(f"/api/v1/studies/{LOCKED}/agreement").json()
    before = upgraded.shown["locked"]["agreement"]
    same_numbers(answer["results"], before["results"])
    assert answer["answer"]["verdict"] == before["answer"]["verdict"]
    assert {name: answer[name] for name in ("outcome", "weights", "readers", "interim")} == {
        name: before[name] for name in ("outcome", "weights", "readers", "interim")
    }
    address = f"/studies/{LOCKED}/downloads/agreement.json?outcomes=all"
    everything = json.loads(b"".join(client.get(address).streaming_content))
    same_numbers(everything["results"], upgraded.shown["locked"]["statistics"]["results"])


def same_numbers(now: list[dict[str, Any]], before: list[dict[str, Any]]) -> None:
    """Compare the records of two versions; only their explanations may differ."""
    assert before
    by_key = {record_key(record): record for record in now}
    assert len(by_key) == len(now)
    for record in before:
        other = by_key[record_key(record)]
        for name in ("value", "se", "ci", "n"):
            difference = (record_key(record), name, other[name], record[name])
            assert near(other[name], record[name]), difference


def record_key(record: dict[str, Any]) -> tuple[Any, ...]:
    """Return what a record describes: all its fields that are neither numbers nor explanations."""
    numbers = {"value", "se", "ci", "n", "n_arms", "method", "note"}
    return tuple(
        (name, str(value))
        for name, value in sorted(record.items())
        if name not in numbers and not isinstance(value, float | None)
    )


def near(one: Any, other: Any) -> bool:
    if isinstance(one, list) and isinstance(other, list):
        return all(near(*pair) for pair in zip(one, other, strict=True))
    if one is None or other is None:
        return one is other
    return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-12)


def test_readings_are_exported_with_the_same_values(upgraded: Upgraded) -> None:
    answer = person("stan").get(f"/studies/{LOCKED}/downloads/readings.csv")
    now = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))
    before = list(csv.DictReader(io.StringIO(upgraded.shown["locked"]["csv"])))
    assert len(now) == len(before) == 6 * 2 * 2 * len(CELLS)
    columns = before[0].keys() - {"app_version"}
    exported = [{column: row.get(column) for column in columns} for row in now]
    assert exported == [{column: row[column] for column in columns} for row in before]


PAGES = {
    "clara": ("study", "setup", "people", "cases", "upload", "deidentification-review",
              "assignment", "progress", "agreement", "downloads", "precision"),
    "stan": ("agreement", "downloads", "precision"),
}  # fmt: skip


@pytest.mark.parametrize("username", PAGES)
@pytest.mark.parametrize("slug", [RUNNING, PAUSED, LOCKED])
def test_pages_answer(upgraded: Upgraded, username: str, slug: str) -> None:
    client = person(username)
    assert client.get("/").status_code == 200
    for name in PAGES[username]:
        answer = client.get(reverse(name, args=[slug]))
        assert answer.status_code == 200, (name, answer.status_code)


def test_every_case_is_shown_with_its_history(upgraded: Upgraded) -> None:
    client = person("clara")
    for case in Case.objects.filter(study__slug=RUNNING):
        assert client.get(reverse("case", args=[case.pk])).status_code == 200, case.state
        answer = client.get(f"/api/v1/cases/{case.pk}")
        assert answer.status_code == 200
        history = [version["version"] for version in answer.json()["history"]]
        assert history == list(range(1, 1 + case.landmark_sets.count()))
        if Image.objects.filter(case=case).exists():
            assert client.get(f"/api/v1/cases/{case.pk}/pixels").status_code == 200
    assert Upload.objects.count() == len(upgraded.before["cases_upload"])
    listed = client.get(f"/api/v1/studies/{RUNNING}/uploads").json()
    assert {entry["status"] for entry in listed["results"]} == {
        "accepted", "pending_review", "duplicate", "rejected",
    }  # fmt: skip


def test_finished_report_and_intervals_are_kept(upgraded: Upgraded) -> None:
    client = person("stan")
    done = ReportRun.objects.get(state="done")
    answer = client.get(f"/studies/{LOCKED}/downloads/reports/{done.pk}.pdf")
    assert b"".join(answer.streaming_content) == b"%PDF-1.7 of 0.1.0"
    assert client.get(f"/studies/{LOCKED}/downloads/reports/{done.pk}-pairs.csv").status_code == 404
    before = upgraded.shown["locked"]["agreement"]["bootstrap"]
    stored = BootstrapRun.objects.get(pk=before["id"])
    assert stored.records == before["results"]


def test_work_that_0_1_0_left_unfinished_can_be_claimed(upgraded: Upgraded) -> None:
    unfinished = [
        *Case.objects.filter(state__in=["received", "analysing"]),
        *ReportRun.objects.filter(state__in=["queued", "making"]),
        *BootstrapRun.objects.filter(state__in=["queued", "computing"]),
    ]
    assert len(unfinished) >= 6
    assert all(row.attempts < row.last_attempt for row in unfinished)


def test_readers_read_on_where_they_stopped(upgraded: Upgraded) -> None:
    shown = upgraded.shown["running"]
    rita, rolf = person("rita"), person("rolf")
    assert rita.get("/api/v1/me/preferences").json()["keys"] == {"next": "n"}
    for client, pk, scored in ((rita, shown["reopened"], 8), (rolf, shown["started"], 3)):
        assert client.get(f"/studies/{RUNNING}/read").status_code == 200
        status = client.get(f"/api/v1/studies/{RUNNING}/reading").json()
        assert status["current"]["id"] == pk
        # Options of later versions ask nothing of a reader in the middle of a period.
        assert (status["announcement"], status["waiting"], status["submitted"]) == (
            None,
            None,
            None,
        )
        assert status["current"]["display"]["minimum_image_px"] == 0
        reading = client.get(f"/api/v1/readings/{pk}").json()
        cells = reading["cells"]
        assert sum(cell["validity"] is not None for cell in cells.values()) == scored
        assert reading["comment"] == "scoliosis"
        assert client.post(f"/api/v1/readings/{pk}/open").status_code == 200
        for name in CELLS:
            version = cells.get(name, {}).get("version", 0)
            change = {"change_id": str(uuid4()), "version": version, "score": 1}
            saved = client.put(f"/api/v1/readings/{pk}/cells/{name}", change)
            assert saved.status_code == 200, saved.content
        sent = {"change_id": str(uuid4())}
        assert client.post(f"/api/v1/readings/{pk}/submit", sent).status_code == 200
        assert Reading.objects.get(pk=pk).state == "submitted"
        following = client.get(f"/api/v1/studies/{RUNNING}/reading").json()
        assert following["current"] is None or following["current"]["id"] != pk
        if following["current"] is not None:
            same_period = following["current"]["period"] == status["current"]["period"]
            assert (following["announcement"] is None) == same_period


def test_coordinator_can_go_on_with_the_study(upgraded: Upgraded) -> None:
    clara = person("clara")
    label = Membership.objects.get(study__slug=RUNNING, user__username="clara").label
    assert label == "CO01"
    assert Membership.objects.filter(role=Role.COORDINATOR, label__startswith="K").count() == 0
    case = Case.objects.get(study__slug=RUNNING, state=Case.State.PENDING_REVIEW)
    assert clara.post(f"/api/v1/cases/{case.pk}/release").json()["state"] == "received"
    assert clara.post(f"/api/v1/studies/{PAUSED}/open").json()["state"] == "open"
    assert clara.post(f"/api/v1/studies/{PAUSED}/lock").json()["state"] == "locked"
