"""Invitations: joining with and without an account, expiry, withdrawal, and sign-in limits."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from studies.audit.models import Event
from studies.errors import Conflict, NotFound, StudyError
from studies.readers.invitations import accept_invitation, create_invitation, find_invitation
from studies.readers.models import Invitation, Membership, Role, User
from studies.sessions.study_lifecycle import lock_study
from tests.make import make_user

pytestmark = pytest.mark.django_db

ACCOUNT = {
    "username": "nina",
    "first_name": "Nina",
    "last_name": "New",
    "email": "",
    "time_zone": "Europe/Berlin",
    "password1": "seven large herons",
    "password2": "seven large herons",
}


@pytest.fixture
def token(cast):
    _, token = create_invitation(
        study=cast.study, role=Role.READER, site=cast.site, note="Nina", by=cast.coordinator
    )
    return token


def test_link_creates_an_account_with_a_membership(cast, client, token):
    answer = client.post(f"/invitations/{token}", ACCOUNT)
    assert answer.status_code == 302
    member = Membership.objects.get(user__username="nina")
    assert (member.role, member.site, member.study) == ("reader", cast.site, cast.study)
    assert client.session["_auth_user_id"] == str(member.user_id)


def test_joining_with_a_new_account_is_in_the_audit_trail(cast, client, token):
    last = Event.objects.latest("pk").pk
    client.post(f"/invitations/{token}", ACCOUNT)
    events = Event.objects.filter(pk__gt=last).order_by("pk")
    assert list(events.values_list("action", "actor__username", "study")) == [
        ("account.created", "nina", ""),
        ("member.added", "clara", cast.study.slug),
        ("invitation.accepted", "nina", cast.study.slug),
        ("account.signed_in", "nina", ""),
    ]
    assert "herons" not in str(list(events.values()))


def test_joining_with_an_existing_account_is_in_the_audit_trail(client_of, token):
    user = make_user("nils")
    client_of(user).post(f"/invitations/{token}")
    assert Event.objects.filter(action="invitation.accepted", actor=user).count() == 1


def test_reader_does_not_join_a_locked_study(cast, token):
    cast.assign_cases()
    cast.study = lock_study(study=cast.study, by=cast.coordinator)
    with pytest.raises(Conflict, match="Readers can no longer join"):
        accept_invitation(token=token, user=make_user("nina"))
    with pytest.raises(Conflict, match="Readers can no longer be invited"):
        create_invitation(
            study=cast.study, role=Role.READER, site=cast.site, note="", by=cast.coordinator
        )
    late = create_invitation(
        study=cast.study, role=Role.STATISTICIAN, site=None, note="", by=cast.coordinator
    )
    accept_invitation(token=late[1], user=make_user("stella"))


def test_link_works_once(cast, token):
    accept_invitation(token=token, user=make_user("nina"))
    with pytest.raises(NotFound):
        accept_invitation(token=token, user=make_user("nils"))


def test_expired_link_names_whom_to_ask(client, token):
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    answer = client.get(f"/invitations/{token}")
    text = answer.content.decode()
    assert answer.status_code == 404
    assert "<h1>Invitation no longer valid</h1>" in text
    assert "Ask the person who sent it" in text


def test_withdrawn_link_does_not_work(cast, client_of, client, token):
    pk = Invitation.objects.get().pk
    client_of(cast.coordinator).post(f"/studies/{cast.study.slug}/invitations/{pk}/revoke")
    assert client.get(f"/invitations/{token}").status_code == 404


def test_only_the_hash_of_the_link_is_stored(token):
    assert token not in str(Invitation.objects.values())
    assert find_invitation(token) == Invitation.objects.get()


def test_weak_password_creates_no_account(client, token):
    weak = {**ACCOUNT, "password1": "password", "password2": "password"}
    answer = client.post(f"/invitations/{token}", weak)
    assert "too short" in answer.content.decode()
    assert not User.objects.filter(username="nina").exists()


def test_member_of_the_study_gets_no_second_role(cast, token):
    with pytest.raises(StudyError, match="already have a role"):
        accept_invitation(token=token, user=cast.statistician)
    assert Invitation.objects.usable().exists()


def test_reader_without_a_site_is_not_invited(cast, client_of):
    page = client_of(cast.coordinator).post(
        f"/studies/{cast.study.slug}/people", {"role": "reader", "site": ""}, format="multipart"
    )
    assert "A reader needs a site" in page.content.decode()
    assert not Invitation.objects.exists()


def test_invitation_of_a_reader_starts_without_a_site(cast, client_of):
    page = client_of(cast.coordinator).get(f"/studies/{cast.study.slug}/people").content.decode()
    assert '<option value="" selected>Select a site</option>' in page
    assert 'data-other-label="Whole study"' in page


def test_page_shows_the_whole_link_once(cast, client_of):
    client = client_of(cast.coordinator)
    url = f"/studies/{cast.study.slug}/people"
    page = client.post(url, {"role": "statistician", "site": ""}, format="multipart")
    assert re.search(r"http://testserver/invitations/[\w-]{30,}", page.content.decode())
    assert "http://testserver/invitations/" not in client.get(url).content.decode()


def test_sign_in_is_throttled(client, db):
    make_user("rita")
    wrong = {"login": "rita", "password": "wrong"}
    pages = [client.post("/accounts/login/", wrong) for _ in range(7)]
    assert "Too many failed" in pages[-1].content.decode()
    right = {"login": "rita", "password": "a long enough password"}
    assert client.post("/accounts/login/", right).status_code == 200
    assert "_auth_user_id" not in client.session


def test_signing_up_without_an_invitation_is_impossible(client, db):
    page = client.post("/accounts/signup/", ACCOUNT)
    assert page.status_code == 404
    assert not User.objects.filter(username="nina").exists()
