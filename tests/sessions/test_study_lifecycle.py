"""Assigning, opening, reopening and locking in a study, its overview and its export."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from studies.analytics.scale import CELLS
from studies.errors import Conflict, StudyError
from studies.readers.access import get_membership
from studies.readers.models import Membership
from studies.sessions.export import tidy_rows
from studies.sessions.masking import may_see_scores
from studies.sessions.models import InterimLook, Reading, Score
from studies.sessions.progress import get_study_overview
from studies.sessions.study_lifecycle import (
    assign_cases,
    lock_study,
    open_study,
    pause_study,
    preview_assignment,
)
from tests.make import make_case

pytestmark = pytest.mark.django_db


def read_all(readings) -> None:
    for number, reading in enumerate(readings):
        reading.state = "submitted"
        reading.opened_at = reading.submitted_at = reading.reading_list.assigned_at
        reading.save()
        for cell in CELLS:
            Score.objects.create(reading=reading, cell=cell, score=number % 4, validity=0)


def test_stored_assignment_equals_the_preview(cast):
    for _ in range(5):
        make_case(cast.study, cast.site)
    preview = preview_assignment(cast.study)
    assign_cases(study=cast.study, by=cast.coordinator)
    stored = {
        (r.reading_list.reader_id, str(r.case_id), r.arm, r.reading_list.period, r.position)
        for r in Reading.objects.all()
    }
    assert stored == {(r.reader, r.case, r.arm, r.period, r.position) for r in preview.rows}


def test_case_with_uncertain_levels_is_left_out_of_the_batch(cast):
    make_case(cast.study, cast.site)
    uncertain = make_case(cast.study, cast.site, uncertainty={"reason": "gap", "detail": "a gap"})
    assert preview_assignment(cast.study).left_out == 1
    assign_cases(study=cast.study, by=cast.coordinator)
    assert not Reading.objects.filter(case=uncertain).exists()


def test_same_readers_read_a_case_in_both_arms(cast):
    cast.assign_cases(4)
    pairs = Counter((r.case_id, r.reading_list.reader_id) for r in Reading.objects.all())
    assert set(pairs.values()) == {2}


def test_study_without_assigned_cases_cannot_be_opened(cast):
    with pytest.raises(Conflict, match="Assign cases to the readers"):
        open_study(study=cast.study, by=cast.coordinator)


def test_assignment_with_too_few_readers_is_rejected(cast):
    cast.study.readers_per_case = 3
    cast.study.save()
    make_case(cast.study, cast.site)
    with pytest.raises(StudyError, match="needs 3 readers, but the study has 2"):
        assign_cases(study=cast.study, by=cast.coordinator)


def test_locked_study_cannot_be_opened_or_extended(cast):
    cast.assign_cases()
    lock_study(study=cast.study, by=cast.coordinator)
    with pytest.raises(Conflict):
        open_study(study=cast.study, by=cast.coordinator)
    make_case(cast.study, cast.site)
    with pytest.raises(Conflict):
        assign_cases(study=cast.study, by=cast.coordinator)


def test_scores_are_visible_after_the_lock_or_after_ones_own_interim_look(cast):
    cast.assign_cases()
    slug = cast.study.slug
    statistician = get_membership(cast.statistician, slug)
    coordinator = get_membership(cast.coordinator, slug)
    assert not may_see_scores(statistician)
    InterimLook.objects.create(study=cast.study, by=cast.statistician, reason="safety")
    assert may_see_scores(statistician) and not may_see_scores(coordinator)
    lock_study(study=cast.study, by=cast.coordinator)
    assert may_see_scores(coordinator)
    assert not may_see_scores(get_membership(cast.site_coordinator, slug))
    assert not may_see_scores(get_membership(cast.reader.user, slug))


def test_export_has_one_row_per_cell_of_each_submitted_reading(cast):
    cast.assign_cases(2)
    mine = Reading.objects.filter(reading_list__reader=cast.reader).in_order()
    read_all(mine[:2])
    rows = list(tidy_rows(cast.study))
    assert len(rows) == 16
    first = rows[0]
    assert (first["reader"], first["reader_site"], first["level"], first["wall"]) == (
        "R01",
        "A",
        "L1",
        "posterior",
    )
    assert first["score"] == 0 and rows[8]["score"] == 1
    assert first["landmark_set"].endswith("-v1")


def test_excluded_case_is_not_exported(cast):
    case = cast.assign_cases(2)[0]
    read_all(Reading.objects.all())
    case.state, case.reason_text = "excluded", "hip"
    case.save()
    assert case.label not in {row["case"] for row in tidy_rows(cast.study)}


def test_overview_counts_without_a_score_and_names_the_next_step(cast):
    coordinator = get_membership(cast.coordinator, cast.study.slug)
    assert get_study_overview(coordinator).next_page == "upload"
    cast.assign_cases(2)
    read_all(Reading.objects.filter(reading_list__reader=cast.reader))
    overview = get_study_overview(get_membership(cast.coordinator, cast.study.slug))
    assert (overview.uploaded, overview.assigned, overview.readings, overview.submitted) == (
        2,
        2,
        8,
        4,
    )
    assert [(r.label, r.read, r.total) for r in overview.readers] == [("R01", 4, 4), ("R02", 0, 4)]
    assert [(s.site, s.read, s.total) for s in overview.sites] == [
        ("Hospital A", 4, 4),
        ("Hospital B", 0, 4),
    ]
    assert overview.next_page == "progress"
    site = get_study_overview(get_membership(cast.site_coordinator, cast.study.slug))
    assert [reader.label for reader in site.readers] == ["R01"]
    assert site.next_page != "people", "the other reader is at another site"


def test_study_without_sites_needs_sites_before_images(cast):
    overview = get_study_overview(get_membership(cast.outsider, cast.outside_study.slug))
    assert overview.next_page == "setup"
    client = Client()
    client.force_login(cast.outsider)
    page = client.get(f"/studies/{cast.outside_study.slug}/").content.decode()
    assert f'href="/studies/{cast.outside_study.slug}/setup">Add sites' in page


def page_of(cast, name: str = "") -> str:
    client = Client()
    client.force_login(cast.coordinator)
    return client.get(f"/studies/{cast.study.slug}/{name}").content.decode()


def shown_in(moment, zone: str) -> str:
    return f"{moment.astimezone(ZoneInfo(zone)):%-d %b %Y, %H:%M}"


def at(monkeypatch, moment) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: moment)


def test_paused_study_shows_since_when_it_is_paused(cast, monkeypatch):
    opened = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
    at(monkeypatch, opened)
    cast.assign_cases(1)
    at(monkeypatch, opened + timedelta(days=2))
    pause_study(study=cast.study, by=cast.coordinator)
    at(monkeypatch, opened + timedelta(days=3))
    assert "since 3 Mar 2026, 09:30" in page_of(cast)
    assert "Paused on 3 Mar 2026, 09:30" in page_of(cast, "assignment")
    open_study(study=cast.study, by=cast.coordinator)
    assert "since 4 Mar 2026, 09:30" in page_of(cast)


def test_case_with_uncertain_levels_is_not_counted_as_ready(cast):
    make_case(cast.study, cast.site)
    make_case(cast.study, cast.site, uncertainty={"reason": "gap", "detail": "a gap"})
    overview = get_study_overview(get_membership(cast.coordinator, cast.study.slug))
    assert (overview.uploaded, overview.ready, overview.uncertain) == (2, 1, 1)
    assert "1 of 2" in page_of(cast)


def test_times_of_pages_and_scripts_are_in_the_zone_of_the_account(cast):
    cast.assign_cases(1)
    read_all(Reading.objects.filter(reading_list__reader=cast.reader)[:1])
    cast.coordinator.time_zone = "Pacific/Auckland"
    cast.coordinator.save()
    submitted = Reading.objects.submitted().get().submitted_at
    page = page_of(cast, "progress")
    assert 'data-time-zone="Pacific/Auckland"' in page
    # In the table and in the choice; other times of the page may be in the same minute.
    assert page.count(shown_in(submitted, "Pacific/Auckland")) >= 2
    opened = shown_in(cast.study.opened_at, "Pacific/Auckland")
    assert f"Opened on {opened}" in page_of(cast, "assignment")


def test_readings_of_a_deactivated_reader_are_not_counted_as_left(cast):
    cast.assign_cases(2)
    read_all(Reading.objects.filter(reading_list__reader=cast.reader))
    Membership.objects.filter(label="R02").update(active=False)
    overview = get_study_overview(get_membership(cast.coordinator, cast.study.slug))
    assert (overview.readings, overview.submitted, overview.left) == (8, 4, 0)
    assert overview.next_step.startswith("Invite 1 more reader")


def test_coordinator_reopens_a_submitted_reading_on_the_readers_page(cast):
    cast.assign_cases(2)
    mine = Reading.objects.filter(reading_list__reader=cast.reader)
    read_all(mine.in_order()[:1])
    reading = Reading.objects.submitted().get()
    client = Client()
    client.force_login(cast.coordinator)
    address = f"/studies/{cast.study.slug}/progress"
    assert f"{reading.case.label}, {reading.arm}" in client.get(address).content.decode()
    answer = client.post(address, {"reading": reading.pk, "reason": ""})
    assert "This field is required" in answer.content.decode()
    answer = client.post(address, {"reading": reading.pk, "reason": "wrong side"}, follow=True)
    assert "Reading 1, period 1 of R01 was reopened" in answer.content.decode()
    reading.refresh_from_db()
    assert reading.state == Reading.State.OPEN
    reopening = reading.reopenings.get()
    assert (reopening.by, reopening.reason) == (cast.coordinator, "wrong side")


def test_reading_is_not_reopened_once_the_case_was_opened_again(cast):
    cast.assign_cases(1)
    read_all(Reading.objects.filter(reading_list__reader=cast.reader))
    client = Client()
    client.force_login(cast.coordinator)
    address = f"/studies/{cast.study.slug}/progress"
    reading = Reading.objects.submitted().first()
    answer = client.post(address, {"reading": reading.pk, "reason": "wrong side"})
    assert "has since opened this case" in answer.content.decode()


@pytest.mark.parametrize("role", ["site_coordinator", "statistician", "reader_user"])
def test_only_study_coordinators_can_reopen_a_reading(cast, role):
    cast.assign_cases(2)
    read_all(Reading.objects.filter(reading_list__reader=cast.reader))
    reading = Reading.objects.submitted().first()
    client = Client()
    client.force_login(cast.reader.user if role == "reader_user" else getattr(cast, role))
    client.post(
        f"/studies/{cast.study.slug}/progress", {"reading": reading.pk, "reason": "wrong side"}
    )
    reading.refresh_from_db()
    assert reading.state == Reading.State.SUBMITTED


def test_reading_is_not_reopened_once_the_study_is_locked(cast):
    cast.assign_cases(2)
    read_all(Reading.objects.all())
    lock_study(study=cast.study, by=cast.coordinator)
    client = Client()
    client.force_login(cast.coordinator)
    address = f"/studies/{cast.study.slug}/progress"
    reading = Reading.objects.first()
    page = client.post(address, {"reading": reading.pk, "reason": "wrong side"})
    assert "Reopen a submitted reading" not in page.content.decode()
    reading.refresh_from_db()
    assert reading.state == Reading.State.SUBMITTED


def test_comment_of_a_reader_is_in_the_export(cast):
    cast.assign_cases(1)
    read_all(Reading.objects.all())
    Reading.objects.filter(reading_list__reader=cast.reader).update(comment="implant at L3")
    comments = {row["comment"] for row in tidy_rows(cast.study) if row["reader"] == "R01"}
    assert comments == {"implant at L3"}


def test_overview_names_the_next_action_on_its_button(cast):
    assert ">Upload images</a>" in page_of(cast)
    make_case(cast.study, cast.site)
    assert ">Open assignment</a>" in page_of(cast)


def test_overview_of_the_api_has_its_published_keys(cast, client_of):
    cast.assign_cases(1)
    make_case(cast.study, cast.site, uncertainty={"reason": "gap", "detail": "a gap"})
    make_case(cast.study, cast.site)
    address = f"/api/v1/studies/{cast.study.slug}/overview"
    counts = client_of(cast.coordinator).get(address).json()
    case_keys = ("uploaded", "pending_review", "ready", "uncertain", "unassigned", "assigned")
    keys = (*case_keys, "readings")
    assert [counts[key] for key in keys] == [3, 0, 2, 1, 1, 1, 4]
