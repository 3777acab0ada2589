"""Display checks through the API: storing, requiring, waiving, export and report."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from studies.errors import Conflict
from studies.protocol.design import change_study
from studies.protocol.models import Study
from studies.reports.document.tables.display_table import display_table
from studies.reports.files.sessions import SESSION_COLUMNS, session_lines
from studies.reports.snapshot import summarise_study
from studies.sessions.display.checks import waive_display_check
from studies.sessions.models import DisplayCheck, ReadingSession
from studies.sessions.reading_sessions.export import session_rows
from studies.sessions.study_lifecycle import lock_study, pause_study
from tests.make import Cast
from tests.sessions.reading_room import Room

pytestmark = pytest.mark.django_db

SHOWN = ["CD", "HK", "NO", "RS", "VZ"]
WINDOW = {"viewport_width": 1366, "viewport_height": 768, "device_pixel_ratio": 1.5}


def letters(read: int) -> dict[str, list[str]]:
    """The letters of one end, of which the first ``read`` rows were typed."""
    return {"shown": SHOWN, "typed": SHOWN[:read] + [""] * (5 - read)}


def send_check(room: Room, read: tuple[int, int] = (5, 5), **values: Any) -> Any:
    """Send a check in which so many rows were read at the dark and at the bright end."""
    dark, bright = map(letters, read)
    body = {"check_id": str(uuid4()), "dark": dark, "bright": bright}
    return room.client.post(address(room), {**body, **WINDOW, **values})


def address(room: Room) -> str:
    return room.start.removesuffix("reading") + "display-check"


def first_reading(room: Room) -> str:
    pk: str = room.status()["current"]["id"]
    return pk


def open_reading(room: Room, pk: str, **values: Any) -> Any:
    return room.client.post(f"/api/v1/readings/{pk}/open", values)


@pytest.fixture
def study_of(db):
    """Return a function that makes an open study with an option, and the cast's room."""

    def make(client_of: Any, option: str, contrast: int = 16) -> tuple[Cast, Room]:
        cast = Cast(display_check=option, display_contrast=contrast)
        cast.assign_cases(2)
        return cast, Room(client_of(cast.reader.user), cast.study.slug)

    return make


def test_studies_have_no_check_by_default(cast, client_of):
    cast.assign_cases(1)
    room = Room(client_of(cast.reader.user), cast.study.slug)
    status = room.client.get(address(room)).json()
    assert (status["option"], status["due"]) == ("off", False)
    refused = send_check(room)
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "no_display_check")
    assert not DisplayCheck.objects.exists()
    assert not ReadingSession.objects.exists()


def test_check_is_stored_in_the_session_that_the_reading_continues(client_of, study_of):
    _, room = study_of(client_of, "recommended")
    assert room.client.get(address(room)).json()["due"]
    answer = send_check(room, (4, 2)).json()
    assert answer == {
        "dark_contrast": 4,
        "bright_contrast": 16,
        "letters_correct": 12,
        "letters_shown": 20,
        "required_contrast": 16,
        "passed": True,
    }
    check = DisplayCheck.objects.get()
    assert (check.viewport_width, check.viewport_height) == (1366, 768)
    assert check.device_pixel_ratio == 1.5
    assert not room.client.get(address(room)).json()["due"]
    room.read()
    session = ReadingSession.objects.get()
    assert check.session == session
    assert session.intervals.count() == 1


def test_repeated_request_stores_one_check_and_another_content_is_refused(client_of, study_of):
    cast, room = study_of(client_of, "recommended")
    check_id = str(uuid4())
    assert send_check(room, check_id=check_id).status_code == 200
    assert send_check(room, check_id=check_id).status_code == 200
    assert send_check(room, (1, 5), check_id=check_id).status_code == 409
    other = Room(client_of(cast.other_reader.user), cast.study.slug)
    assert send_check(other, check_id=check_id).status_code == 409
    assert DisplayCheck.objects.count() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"dark": {"shown": SHOWN[:4], "typed": [""] * 5}},
        {"dark": {"shown": ["XX", *SHOWN[1:]], "typed": [""] * 5}},
        {"dark": {"shown": ["C", *SHOWN[1:]], "typed": [""] * 5}},
        {"dark": {"shown": ["CD\n", *SHOWN[1:]], "typed": [""] * 5}},
        {"bright": {"shown": SHOWN, "typed": ["C" * 11, "", "", "", ""]}},
        {"bright": None},
        {"check_id": "no id"},
    ],
)
def test_invalid_letters_are_rejected(client_of, study_of, wrong):
    _, room = study_of(client_of, "recommended")
    assert send_check(room, **wrong).status_code == 400
    assert not DisplayCheck.objects.exists()


def test_recommended_check_never_keeps_a_reader_from_reading(client_of, study_of):
    _, room = study_of(client_of, "recommended")
    room.read()
    assert send_check(room, (0, 0)).json()["passed"] is False
    room.read()


def test_required_check_is_enforced_until_it_is_passed(client_of, study_of):
    _, room = study_of(client_of, "required", 8)
    pk = first_reading(room)
    refused = open_reading(room, pk)
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "display_check")
    assert send_check(room, (2, 5)).json()["passed"] is False
    assert room.client.get(address(room)).json()["due"]
    assert open_reading(room, pk).status_code == 409
    assert send_check(room, (3, 3)).json()["passed"] is True
    assert not room.client.get(address(room)).json()["due"]
    room.read()
    room.read()


def test_required_check_applies_to_each_session_and_each_reader(client_of, study_of):
    cast, room = study_of(client_of, "required")
    send_check(room)
    pk = room.read()
    other = Room(client_of(cast.other_reader.user), cast.study.slug)
    assert open_reading(other, first_reading(other)).status_code == 409
    # Another sign-in starts another session.
    second = Room(client_of(cast.reader.user), cast.study.slug)
    assert second.client.get(address(second)).json()["due"]
    assert open_reading(second, first_reading(second)).status_code == 409
    send_check(second)
    assert open_reading(second, first_reading(second)).status_code == 200
    assert first_reading(second) != pk


def test_reading_that_is_open_continues_without_another_check(client_of, study_of):
    cast, room = study_of(client_of, "required")
    send_check(room)
    pk = room.open()
    second = Room(client_of(cast.reader.user), cast.study.slug)
    assert open_reading(second, pk).status_code == 200
    assert second.put(pk, "L1_anterior", score=1).status_code == 200


def test_reading_opened_offline_after_a_passed_check_is_accepted_later(client_of, study_of):
    _, room = study_of(client_of, "required")
    send_check(room)
    room.read()
    session = ReadingSession.objects.get()
    hours = timedelta(hours=5)
    ReadingSession.objects.update(
        started_at=session.started_at - hours, last_activity_at=session.last_activity_at - hours
    )
    pk = first_reading(room)
    assert open_reading(room, pk).status_code == 409
    assert open_reading(room, pk, age_ms=2 * 3600 * 1000).status_code == 200


def test_waiver_needs_a_reason_and_lets_the_reader_read(client_of, study_of):
    cast, room = study_of(client_of, "required")
    page = f"/studies/{cast.study.slug}/progress"
    path = f"{page}/{cast.reader.pk}/waive-display-check"
    coordinator = client_of(cast.coordinator)
    coordinator.post(path, {"reason": " "}, format="multipart")
    assert open_reading(room, first_reading(room)).status_code == 409
    for role in (cast.statistician, cast.site_coordinator, cast.reader.user, cast.outsider):
        refused = client_of(role).post(path, {"reason": "old screen"}, format="multipart")
        assert refused.status_code in {403, 404}
    assert open_reading(room, first_reading(room)).status_code == 409
    reason = {"reason": "Diagnostic display, checked by hand"}
    coordinator.post(path, reason, format="multipart")
    status = room.client.get(address(room)).json()
    assert (status["due"], status["waived"]) == (False, True)
    room.read()
    shown = coordinator.get(page).content.decode()
    assert "Diagnostic display, checked by hand" in shown
    with pytest.raises(Conflict):
        waive_display_check(reader=cast.reader, by=cast.coordinator, reason="again")


def test_coordinator_sees_the_results_on_the_progress_page(client_of, study_of):
    cast, room = study_of(client_of, "required")
    send_check(room, (1, 5))
    send_check(room, (3, 4))
    page = client_of(cast.coordinator).get(f"/studies/{cast.study.slug}/progress")
    section = page.content.decode().split('id="display-checks"')[1]
    assert "16 of 255 grey levels" in section
    row = section.split("<tr>")[2].split("</tr>")[0]
    assert "1 of 1" in row
    assert '<td class="number">8</td>' in row
    assert '<td class="number">4</td>' in row
    assert ">passed<" in row
    sessions = f"/studies/{cast.study.slug}/progress/{cast.reader.label}"
    assert "dark 8, bright 4" in client_of(cast.coordinator).get(sessions).content.decode()
    api = client_of(cast.coordinator).get(f"/api/v1/studies/{cast.study.slug}/reading-sessions")
    (session,) = api.json()["results"]
    assert (session["display_checks"], session["display_check"]["dark_contrast"]) == (2, 8)


def test_progress_page_without_the_option_has_no_display_checks(cast, client_of):
    cast.assign_cases(1)
    page = client_of(cast.coordinator).get(f"/studies/{cast.study.slug}/progress")
    assert "display-checks" not in page.content.decode()


def test_checks_are_exported_with_the_sessions_and_described_in_the_report(client_of, study_of):
    cast, room = study_of(client_of, "required")
    send_check(room, (2, 5))
    room.read()
    waive_display_check(reader=cast.other_reader, by=cast.coordinator, reason="Checked by hand")
    Room(client_of(cast.other_reader.user), cast.study.slug).read()
    rows = list(csv.DictReader(io.StringIO("".join(session_lines(session_rows(cast.study))))))
    assert set(rows[0]) == set(SESSION_COLUMNS)
    first, second = rows
    assert (first["display_checks"], first["display_dark_contrast"]) == ("1", "16")
    assert (first["display_bright_contrast"], first["display_letters_correct"]) == ("2", "14")
    assert (first["display_check_passed"], first["display_viewport_width"]) == ("true", "1366")
    assert (second["display_checks"], second["display_check_at"]) == ("0", "")
    assert second["display_check_waived"] == "Checked by hand"
    summary = summarise_study(cast.study, snapshot_at=timezone.now(), data_hash="")
    display = summary.display
    assert display is not None
    assert (display.minimum_image_px, display.check, display.contrast) == (500, "required", 16)
    assert [(r.checked, r.passed, r.dark, r.waiver) for r in display.readers] == [
        (1, 1, 16, ""),
        (0, 0, None, "Checked by hand"),
    ]
    waiver = display_table(display).rows[1][-1]
    assert waiver.endswith(" UTC: Checked by hand")


def test_no_check_is_stored_while_the_study_is_not_open(client_of, study_of):
    cast, room = study_of(client_of, "required")
    pause_study(study=cast.study, by=cast.coordinator)
    assert send_check(room).status_code == 409
    lock_study(study=cast.study, by=cast.coordinator)
    assert send_check(room).status_code == 409
    with pytest.raises(Conflict):
        waive_display_check(reader=cast.reader, by=cast.coordinator, reason="late")
    assert not ReadingSession.objects.exists()


def test_options_are_fixed_when_cases_are_assigned(cast):
    study = Study.objects.get(pk=cast.study.pk)
    arms = [arm.code for arm in study.arms.all()]
    change_study(study=study, actor=cast.coordinator, arms=arms, minimum_image_px=0)
    cast.assign_cases(1)
    for change in ({"minimum_image_px": 600}, {"display_check": "required"}):
        with pytest.raises(Conflict):
            change_study(study=study, actor=cast.coordinator, arms=arms, **change)


def test_reading_states_the_minimum_and_opening_costs_no_query_without_a_check(cast, client_of):
    cast.assign_cases(2)
    room = Room(client_of(cast.reader.user), cast.study.slug)
    current = room.status()["current"]
    assert current["display"]["minimum_image_px"] == 500
    with CaptureQueriesContext(connection) as queries:
        open_reading(room, current["id"])
    assert not any("displaycheck" in query["sql"] for query in queries)
