"""The de-identification review: release, undo until the case is assigned, reject."""

from __future__ import annotations

import pytest

from studies.audit.models import Event
from studies.cases.landmarks.analysis import begin_analysis, store_analysis
from studies.cases.models import Case, Image
from studies.cases.review import release_case, undo_release
from studies.errors import Conflict
from studies.jobs.claims import ClaimLost
from studies.sessions.study_lifecycle import assign_cases, lock_study
from tests.make import make_case

pytestmark = pytest.mark.django_db


@pytest.fixture
def pending(cast):
    return make_case(cast.study, cast.site, state="pending_review")


def call(client, case, path, **body):
    return client.post(f"/api/v1/cases/{case.pk}/{path}", body)


def listed(client, cast, state):
    answer = client.get(f"/api/v1/studies/{cast.study.slug}/cases", {"state": state})
    return {case["label"]: case["actions"] for case in answer.json()["results"]}


def test_release_can_be_undone_until_the_case_is_assigned(cast, client_of, pending):
    client = client_of(cast.coordinator)
    released = call(client, pending, "release").json()
    assert released["state"] == "ready"
    assert "undo_release" in released["actions"]
    assert list(listed(client, cast, "released")) == [pending.label]
    undone = call(client, pending, "undo-release").json()
    assert (undone["state"], undone["actions"]) == ("pending_review", ["release", "reject"])
    assert undone["reason"]["text"] == "The release was undone. Review the image again."
    assert list(listed(client, cast, "pending_review")) == [pending.label]
    assert not listed(client, cast, "released")
    actions = Event.objects.filter(subject=pending.label).order_by("pk")
    assert [event.action for event in actions][-2:] == ["case.released", "case.release_undone"]


def test_release_of_an_assigned_case_is_not_undone(cast, client_of, pending):
    client = client_of(cast.coordinator)
    call(client, pending, "release")
    assign_cases(study=cast.study, by=cast.coordinator)
    answer = call(client, pending, "undo-release")
    assert answer.status_code == 409
    assert "assigned to readers" in answer.json()["error"]["message"]
    assert not listed(client, cast, "released")
    pending.refresh_from_db()
    assert pending.state == Case.State.READY
    actions = client.get(f"/api/v1/cases/{pending.pk}").json()["actions"]
    assert "undo_release" not in actions


def test_case_that_nobody_released_is_not_returned_to_the_queue(cast, pending):
    for state in ("pending_review", "ready"):
        case = make_case(cast.study, cast.site, state=state)
        with pytest.raises(Conflict):
            undo_release(case=case, actor=cast.coordinator)


@pytest.mark.parametrize("state", ["excluded", "rejected"])
def test_case_that_left_the_study_is_not_returned_to_the_queue(cast, pending, state):
    Case.objects.filter(pk=pending.pk).update(released=True, state=state)
    with pytest.raises(Conflict):
        undo_release(case=pending, actor=cast.coordinator)


def test_release_is_not_undone_after_the_lock(cast, client_of):
    cast.assign_cases()
    case = make_case(cast.study, cast.site, state="pending_review")
    release_case(case=case, actor=cast.coordinator)
    lock_study(study=cast.study, by=cast.coordinator)
    assert call(client_of(cast.coordinator), case, "undo-release").status_code == 409


def test_analysis_that_ends_after_the_undo_is_dropped(cast, pending):
    Case.objects.filter(pk=pending.pk).update(landmark_set=None)
    release_case(case=pending, actor=cast.coordinator)
    running = begin_analysis(case_id=pending.pk)
    undo_release(case=running, actor=cast.coordinator)
    with pytest.raises(ClaimLost):
        store_analysis(case=running, analysis=None)
    assert begin_analysis(case_id=pending.pk) is None
    pending.refresh_from_db()
    assert pending.state == Case.State.PENDING_REVIEW
    assert release_case(case=pending, actor=cast.coordinator).state == Case.State.RECEIVED


def test_image_whose_release_was_undone_can_be_rejected(cast, client_of, pending):
    client = client_of(cast.coordinator)
    call(client, pending, "release")
    call(client, pending, "undo-release")
    assert call(client, pending, "reject", reason="shows a name").json()["state"] == "rejected"
    assert not Image.objects.filter(case=pending).exists()


def test_no_browser_keeps_an_image_after_the_undo(cast, client_of, pending):
    client = client_of(cast.coordinator)
    call(client, pending, "release")
    call(client, pending, "undo-release")
    assert client.get(f"/api/v1/cases/{pending.pk}/pixels")["Cache-Control"] == "private, no-store"


def test_site_coordinator_undoes_no_release_of_another_site(cast, client_of):
    case = make_case(cast.study, cast.other_site, state="pending_review")
    release_case(case=case, actor=cast.coordinator)
    assert call(client_of(cast.site_coordinator), case, "undo-release").status_code == 404


def test_pages_use_the_words_of_the_review(cast, client_of, pending):
    client = client_of(cast.coordinator)
    slug = cast.study.slug
    assert (
        "pending de-identification review" in client.get(f"/studies/{slug}/cases").content.decode()
    )
    overview = client.get(f"/studies/{slug}/").content.decode()
    assert "Review 1 image for identifying text, and release or reject it." in overview
    assert f"/studies/{slug}/deidentification" in overview
    page = client.get(f"/studies/{slug}/deidentification").content.decode()
    assert "<h1>De-identification review</h1>" in page
