"""Accounts: deactivation, and password reset links that work once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from studies.audit.models import Event
from studies.errors import Conflict
from studies.readers.accounts import (
    ResetNotValid,
    create_reset_link,
    deactivate_account,
    find_reset_user,
    reactivate_account,
    reset_password,
)
from studies.readers.models import PasswordReset
from tests.make import PASSWORD, make_user

pytestmark = pytest.mark.django_db
NEW = "seven large herons"


@pytest.fixture
def ada(db):
    return make_user("ada", is_staff=True, is_superuser=True)


@pytest.fixture
def rita(db):
    return make_user("rita")


def test_deactivated_account_is_signed_out_and_cannot_sign_in(ada, rita, client):
    client.force_login(rita)
    assert client.get("/").status_code == 200
    deactivate_account(user=rita, by=ada)
    assert client.get("/").status_code == 302
    # A separate address: failed attempts of other tests count against the usual one.
    visitor = Client(REMOTE_ADDR="192.0.2.44")
    answer = visitor.post("/accounts/login/", {"login": "rita", "password": PASSWORD})
    assert "/inactive/" in answer["Location"]
    event = Event.objects.get(action="account.deactivated")
    assert (event.actor, event.subject) == (ada, "rita")
    reactivate_account(user=rita, by=ada)
    assert Client().login(username="rita", password=PASSWORD)


def test_last_administrator_cannot_be_deactivated(ada, rita):
    with pytest.raises(Conflict, match="last administrator"):
        deactivate_account(user=ada, by=rita)
    other = make_user("abel", is_staff=True, is_superuser=True)
    with pytest.raises(Conflict, match="your own account"):
        deactivate_account(user=ada, by=ada)
    deactivate_account(user=other, by=ada)
    with pytest.raises(Conflict, match="last administrator"):
        deactivate_account(user=ada, by=ada)


def test_deactivating_twice_is_recorded_once(ada, rita):
    deactivate_account(user=rita, by=ada)
    deactivate_account(user=rita, by=ada)
    assert Event.objects.filter(action="account.deactivated").count() == 1


def test_reset_link_ends_all_sessions_and_the_old_password(ada, rita):
    sessions = [Client(), Client()]
    for session in sessions:
        session.force_login(rita)
    create_reset_link(user=rita, by=ada)
    assert [session.get("/").status_code for session in sessions] == [302, 302]
    assert not Client().login(username="rita", password=PASSWORD)


def test_reset_link_works_once(ada, rita, client):
    token = create_reset_link(user=rita, by=ada)
    url = f"/accounts/password/reset/{token}"
    assert "rita" in client.get(url).content.decode()
    answer = client.post(url, {"new_password1": NEW, "new_password2": NEW})
    assert answer["Location"] == "/accounts/login/"
    assert client.get(url).status_code == 404
    assert client.post(url, {"new_password1": NEW, "new_password2": NEW}).status_code == 404
    assert Client().login(username="rita", password=NEW)
    assert Event.objects.get(action="account.password_reset").actor == rita


def test_weak_password_does_not_use_up_the_link(ada, rita, client):
    token = create_reset_link(user=rita, by=ada)
    answer = client.post(
        f"/accounts/password/reset/{token}", {"new_password1": "short", "new_password2": "short"}
    )
    assert "too short" in answer.content.decode()
    assert find_reset_user(token) == rita


def test_later_link_replaces_an_earlier_one(ada, rita):
    first, second = create_reset_link(user=rita, by=ada), create_reset_link(user=rita, by=ada)
    with pytest.raises(ResetNotValid):
        find_reset_user(first)
    assert find_reset_user(second) == rita


def test_link_expires_after_24_hours_and_with_the_account(ada, rita):
    token = create_reset_link(user=rita, by=ada)
    reset = PasswordReset.objects.get()
    assert reset.expires_at - reset.created_at == pytest.approx(
        timedelta(hours=24), abs=timedelta(minutes=1)
    )
    PasswordReset.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    with pytest.raises(ResetNotValid):
        reset_password(token=token, password=NEW)
    token = create_reset_link(user=rita, by=ada)
    deactivate_account(user=rita, by=ada)
    reactivate_account(user=rita, by=ada)
    with pytest.raises(ResetNotValid):
        find_reset_user(token)


def test_only_the_hash_of_the_link_is_stored_and_its_address_is_not_passed_on(ada, rita, client):
    token = create_reset_link(user=rita, by=ada)
    assert token not in str(list(PasswordReset.objects.values()))
    assert token not in str(list(Event.objects.values("data", "subject")))
    answer = client.get(f"/accounts/password/reset/{token}")
    assert answer["Referrer-Policy"] == "strict-origin"


def test_administrators_change_their_own_password_elsewhere(ada):
    with pytest.raises(Conflict, match="profile"):
        create_reset_link(user=ada, by=ada)
    ada.refresh_from_db()
    assert ada.has_usable_password()
