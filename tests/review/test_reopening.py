"""Reopening of a locked study by two people, and what later reports and statistics print."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.db.utils import IntegrityError, InternalError
from django.utils import timezone

from studies.audit.models import Event
from studies.errors import Conflict, NotAllowed, NotFound, StudyError
from studies.readers.members import add_member
from studies.readers.models import Membership, Role
from studies.reports.snapshot import current_snapshot
from studies.review.adjudication.versions import create_version, current_version
from studies.review.models import StudyReopening
from studies.review.reopening.actions import (
    confirm_reopening,
    request_reopening,
    withdraw_reopening,
)
from tests.make import Cast
from tests.reports.submitted_study import lock
from tests.review.adjudicated import add_adjudicator, begin, coordinator_of, page_of, score

pytestmark = pytest.mark.django_db


def member(cast: Cast, name: str) -> Membership:
    return Membership.objects.get(study=cast.study, user=getattr(cast, name))


@pytest.mark.parametrize(
    ("first", "second"), [("coordinator", "statistician"), ("statistician", "coordinator")]
)
def test_two_people_reopen_a_study_which_is_then_paused_and_masked(
    locked, client_of, first, second
):
    asking, confirming = client_of(getattr(locked, first)), client_of(getattr(locked, second))
    reason = {"reason": "Wrong image of C0001"}
    page = asking.post(
        page_of(locked, "request-reopening"), reason, format="multipart", follow=True
    )
    assert f"A {second} of the study has to confirm it." in page.content.decode()
    assert asking.post(page_of(locked, "confirm-reopening")).status_code == 403
    locked.study.refresh_from_db()
    assert locked.study.locked
    assert "Wrong image of C0001" in confirming.get(page_of(locked, "reopening")).content.decode()
    assert confirming.post(page_of(locked, "confirm-reopening")).status_code == 302
    locked.study.refresh_from_db()
    assert (locked.study.state, locked.study.locked_at) == ("paused", None)
    page = confirming.get(page_of(locked, "agreement")).content.decode()
    assert "Scores are masked until the study is locked" in page
    event = Event.objects.get(action="study.reopened")
    assert event.actor == getattr(locked, second)
    assert event.data["reason"] == "Wrong image of C0001"


@pytest.mark.parametrize("role", ["reader", "site_coordinator", "outsider"])
def test_others_reach_no_reopening(locked, client_of, role):
    person = getattr(locked, role)
    client = client_of(getattr(person, "user", person))
    assert client.get(page_of(locked, "reopening")).status_code == 404
    for name in ("request-reopening", "confirm-reopening", "withdraw-reopening"):
        answer = client.post(page_of(locked, name), {"reason": "x"}, format="multipart")
        assert answer.status_code == 404


def test_second_coordinator_cannot_confirm(locked):
    by = coordinator_of(locked)
    request_reopening(study=locked.study, by=by, reason="Error found")
    Membership.objects.filter(user=locked.site_coordinator).update(site=None)
    with pytest.raises(NotAllowed, match="A statistician of the study must confirm"):
        confirm_reopening(study=locked.study, by=member(locked, "site_coordinator"))


@pytest.mark.parametrize("reason", ["", "  ", "x" * 501, "a\0b"])
def test_request_needs_a_reason(locked, reason):
    with pytest.raises(StudyError, match="Enter a reason of at most 500 characters"):
        request_reopening(study=locked.study, by=coordinator_of(locked), reason=reason)


def test_one_request_at_a_time_and_only_for_a_locked_study(read):
    with pytest.raises(Conflict, match="not locked"):
        request_reopening(study=read.study, by=coordinator_of(read), reason="Too early")
    lock(read)
    request_reopening(study=read.study, by=coordinator_of(read), reason="Error found")
    with pytest.raises(Conflict, match="already waiting"):
        request_reopening(study=read.study, by=member(read, "statistician"), reason="Again")


def test_declined_request_leaves_the_study_locked(locked):
    request_reopening(study=locked.study, by=coordinator_of(locked), reason="Error found")
    withdraw_reopening(study=locked.study, by=member(locked, "statistician"))
    with pytest.raises(NotFound):
        confirm_reopening(study=locked.study, by=member(locked, "statistician"))
    locked.study.refresh_from_db()
    assert locked.study.locked


def test_database_refuses_one_person_and_one_role_for_both_and_later_changes(locked):
    row = request_reopening(study=locked.study, by=coordinator_of(locked), reason="Error found")
    same = {
        "confirmed_by": row.requested_by,
        "confirmed_at": timezone.now(),
        "confirmed_role": "statistician",
    }
    for values in (
        same,
        same | {"confirmed_by": member(locked, "statistician"), "confirmed_role": "coordinator"},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            StudyReopening.objects.filter(pk=row.pk).update(**values)
    confirm_reopening(study=locked.study, by=member(locked, "statistician"))
    with pytest.raises(InternalError, match="Cannot"), transaction.atomic():
        StudyReopening.objects.update(reason="Another reason")


def test_later_reports_print_the_reopening_and_describe_a_new_snapshot(locked, client_of):
    add_adjudicator(locked)
    round_ = begin(locked)
    score(round_.study.memberships.get(role="adjudicator").user, round_)
    create_version(study=locked.study, by=coordinator_of(locked))
    before = current_snapshot(locked.study)
    request_reopening(study=locked.study, by=coordinator_of(locked), reason="Wrong image")
    locked.study = confirm_reopening(study=locked.study, by=member(locked, "statistician"))
    lock(locked)
    after = current_snapshot(locked.study)
    assert after.key != before.key
    assert after.summary.snapshot_at == locked.study.locked_at > before.summary.snapshot_at
    (printed,) = after.summary.study_reopenings
    assert (printed.requested_by, printed.confirmed_by) == (
        "CO01 (coordinator)",
        "S01 (statistician)",
    )
    assert (printed.reason, printed.locked_at) == ("Wrong image", before.summary.locked_at)
    page = client_of(locked.statistician).get(page_of(locked, "agreement")).content.decode()
    assert "confirmed by S01 (statistician): Wrong image" in page
    # The scores may have changed, so the version from before the reopening is no longer used.
    assert current_version(locked.study) is None
    assert after.summary.reference is None


def test_reopening_masks_on_how_many_cases_the_readers_agreed(locked, client_of):
    add_adjudicator(locked)
    round_ = begin(locked)
    score(round_.study.memberships.get(role="adjudicator").user, round_)
    create_version(study=locked.study, by=coordinator_of(locked))
    clients = [client_of(locked.coordinator), client_of(locked.statistician)]
    for client in clients:
        assert "Scored alike" in client.get(page_of(locked, "adjudication")).content.decode()
    request_reopening(study=locked.study, by=coordinator_of(locked), reason="Wrong image")
    confirm_reopening(study=locked.study, by=member(locked, "statistician"))
    for client in clients:
        page = client.get(page_of(locked, "adjudication")).content.decode()
        assert "are no longer used" in page
        assert "Scored alike" not in page


def test_person_with_two_roles_would_be_refused(locked):
    request_reopening(study=locked.study, by=member(locked, "coordinator"), reason="Wrong image")
    with pytest.raises(StudyError, match="already have a role"):
        add_member(study=locked.study, user=locked.coordinator, role=Role.STATISTICIAN)
    second = Membership(
        study=locked.study, user=locked.coordinator, role=Role.STATISTICIAN, label="S09"
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        second.save()
    # Even without the rule on memberships, the action compares accounts.
    statistician = member(locked, "statistician")
    statistician.user = locked.coordinator
    with pytest.raises(NotAllowed):
        confirm_reopening(study=locked.study, by=statistician)
