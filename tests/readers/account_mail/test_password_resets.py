"""A forgotten password is reset by email, without revealing who has an account."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from studies.audit.models import Event
from studies.mail.models import OutgoingMail
from studies.readers.account_mail.addresses import (
    confirm_address,
    remove_address,
    request_confirmation,
)
from studies.readers.account_mail.password_resets import request_password_reset
from studies.readers.accounts import (
    ResetNotValid,
    create_reset_link,
    find_reset_user,
    reset_password,
)
from studies.readers.models import PasswordReset, User
from tests.make import PASSWORD
from tests.readers.account_mail.test_addresses import link_in

pytestmark = pytest.mark.django_db
NEW = "seven large herons"
REQUEST = "/accounts/password/reset/"


@pytest.fixture
def user(cast: Any) -> User:
    account: User = cast.reader.user
    account.email = account.confirmed_email = "rita@example.org"
    account.save()
    return account


def token_of(inbox: Any) -> str:
    return link_in(inbox).rsplit("/", 1)[1]


def test_forgotten_password_is_reset_with_the_link(client, inbox, user):
    assert REQUEST in client.get("/accounts/login/").content.decode()
    page = client.post(REQUEST, {"email": "Rita@Example.org"}).content.decode()
    assert "has been sent to it" in page
    link = link_in(inbox)
    assert inbox.recipients == ["rita@example.org"]
    assert "rita" in client.get(link).content.decode()
    form = {"new_password1": NEW, "new_password2": NEW}
    assert client.post(link, form)["Location"] == "/accounts/login/"
    assert client.login(username="rita", password=NEW)
    assert client.get(link).status_code == 404
    assert Event.objects.filter(action="account.password_reset", actor=user).count() == 1


def test_reset_ends_every_session_of_the_account(client, inbox, user):
    signed_in = Client()
    signed_in.force_login(user)
    assert signed_in.get("/profile").status_code == 200
    request_password_reset(address="rita@example.org")
    reset_password(token=token_of(inbox), password=NEW)
    assert signed_in.get("/profile").status_code == 302


def test_link_works_once_and_ends_earlier_links(inbox, user):
    request_password_reset(address="rita@example.org")
    first = token_of(inbox)
    request_password_reset(address="rita@example.org")
    second = token_of(inbox)
    reset_password(token=second, password=NEW)
    for token in (first, second):
        with pytest.raises(ResetNotValid):
            find_reset_user(token)


def test_link_ends_when_the_password_changes_in_another_way(inbox, user):
    request_password_reset(address="rita@example.org")
    user.set_password(NEW)
    user.save()
    with pytest.raises(ResetNotValid):
        find_reset_user(token_of(inbox))


def test_link_expires_after_an_hour(inbox, user):
    request_password_reset(address="rita@example.org")
    token = token_of(inbox)
    PasswordReset.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    with pytest.raises(ResetNotValid):
        find_reset_user(token)


def test_weak_password_is_refused(client, inbox, user):
    request_password_reset(address="rita@example.org")
    link = link_in(inbox)
    page = client.post(link, {"new_password1": "password", "new_password2": "password"})
    assert "too short" in page.content.decode()
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


@pytest.mark.parametrize("address", ["unknown@example.org", "unconfirmed@example.org"])
def test_answer_and_work_are_the_same_without_an_account(client, inbox, user, address):
    User.objects.filter(username="rolf").update(email="unconfirmed@example.org")
    pages, queries = [], []
    for entered in ("rita@example.org", address):
        with CaptureQueriesContext(
            connection,
        ) as captured:
            pages.append(client.post(REQUEST, {"email": entered}).content)
        # Names of tables and verbs: parameters and savepoints differ from request to request.
        queries.append(
            [query["sql"].split(" ")[:3] for query in captured if "SAVEPOINT" not in query["sql"]]
        )
    assert pages[0] == pages[1]
    assert queries[0] == queries[1]
    assert OutgoingMail.objects.exclude(state="cancelled").count() == 1


def test_decoy_is_no_usable_link_and_sends_nothing(inbox, user):
    request_password_reset(address="unknown@example.org")
    mail = OutgoingMail.objects.get()
    assert (mail.state, mail.address, mail.text) == ("cancelled", "", "")
    assert "unknown@example.org" not in str(list(OutgoingMail.objects.values()))
    assert PasswordReset.objects.get().user is None


def test_deactivated_account_gets_no_link(inbox, user):
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert request_password_reset(address="rita@example.org").state == "cancelled"


def test_token_is_not_stored(inbox, user):
    request_password_reset(address="rita@example.org")
    stored = str([*OutgoingMail.objects.values(), *PasswordReset.objects.values()])
    assert token_of(inbox) not in stored


@pytest.mark.parametrize("address", ["rita@example.org", "unknown@example.org"])
def test_requests_for_one_address_are_limited(client, inbox, user, address):
    for _ in range(5):
        assert b"has been sent" in client.post(REQUEST, {"email": address}).content
    page = client.post(REQUEST, {"email": address.upper()})
    assert b"Too many requests" in page.content
    assert OutgoingMail.objects.count() == 5


def test_address_of_the_page_does_not_leave_in_a_referrer(client, inbox, user):
    request_password_reset(address="rita@example.org")
    assert client.get(link_in(inbox))["Referrer-Policy"] == "strict-origin"


def test_old_requests_are_removed(inbox, user):
    request_password_reset(address="rita@example.org")
    PasswordReset.objects.update(expires_at=timezone.now() - timedelta(days=2))
    request_password_reset(address="rita@example.org")
    assert PasswordReset.objects.count() == 1


def test_without_a_mail_server_the_administrator_resets_passwords(client, user):
    page = client.get("/accounts/login/").content.decode()
    assert REQUEST not in page
    assert "Ask the administrator for a reset link" in page
    assert client.get(REQUEST).status_code == 409


def test_link_sent_to_an_earlier_address_ends_with_the_change(client, inbox, user):
    request_password_reset(address="rita@example.org")
    token = token_of(inbox)
    request_confirmation(user=user, address="new@example.org")
    confirm_address(token=token_of(inbox))
    with pytest.raises(ResetNotValid):
        find_reset_user(token)


def test_link_sent_to_a_removed_address_ends(inbox, user):
    request_password_reset(address="rita@example.org")
    token = token_of(inbox)
    remove_address(user=user)
    with pytest.raises(ResetNotValid):
        find_reset_user(token)


def test_link_of_an_administrator_survives_the_confirmation_of_an_address(cast, inbox, user):
    link = create_reset_link(user=user, by=cast.coordinator)
    request_confirmation(user=user, address="new@example.org")
    confirm_address(token=token_of(inbox))
    assert find_reset_user(link) == user
