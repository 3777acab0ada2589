"""The address of an account is used only after its owner has opened a link."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.utils import timezone

from studies.audit.models import Event
from studies.errors import Conflict
from studies.mail.models import OutgoingMail
from studies.mail.sending import send_mail
from studies.readers.account_mail.addresses import (
    VALID_FOR,
    ConfirmationNotValid,
    confirm_address,
    find_unconfirmed,
    request_confirmation,
)
from studies.readers.invitations import create_invitation
from studies.readers.models import Role, User
from tests.mail.mail_settings import ADDRESS
from tests.mail.smtp_server import Inbox, body
from tests.make import PASSWORD, make_user

pytestmark = pytest.mark.django_db


def link_in(inbox: Inbox) -> str:
    """Send what is queued and return the path of the link in the latest email."""
    for pk in OutgoingMail.objects.waiting().values_list("pk", flat=True):
        send_mail(pk=str(pk))
    link = re.search(rf"{ADDRESS}(/\S+)", body(inbox.messages[-1], "plain"))
    assert link is not None
    return link[1]


def enter(client: Any, email: str, password: str = PASSWORD) -> Any:
    return client.post("/profile/address", {"email": email, "password": password}, follow=True)


def test_address_is_confirmed_with_the_link_of_the_mail(cast, client, inbox):
    user = cast.reader.user
    client.force_login(user)
    page = enter(client, "rita@example.org").content.decode()
    assert "A link was sent to rita@example.org" in page
    assert "not confirmed" in page
    link = link_in(inbox)
    assert inbox.recipients == ["rita@example.org"]
    client.logout()
    # Opening the link alone changes nothing: mail servers open links to check them.
    assert "Confirm email address" in client.get(link).content.decode()
    user.refresh_from_db()
    assert user.confirmed_email == ""
    assert client.post(link).status_code == 302
    user.refresh_from_db()
    assert user.confirmed_email == "rita@example.org"
    actions = Event.objects.filter(actor=user).values_list("action", flat=True)
    assert {"account.address_entered", "account.address_confirmed"} <= set(actions)
    assert "rita@example.org" not in str(list(Event.objects.values()))


@pytest.mark.parametrize("too_long", ["a" * 250 + "@example.org", "a@" + "b.c." * 70 + "org"])
def test_address_that_cannot_be_stored_is_explained(cast, client, inbox, too_long):
    client.force_login(cast.reader.user)
    assert "at most 254 characters" in enter(client, too_long).content.decode()
    client.force_login(cast.coordinator)
    form = {"role": "reader", "site": cast.site.pk, "note": "", "address": too_long}
    page = client.post(f"/studies/{cast.study.slug}/people", form).content.decode()
    assert "at most 254 characters" in page
    assert not OutgoingMail.objects.exists()


def test_address_needs_the_password(cast, client, inbox):
    client.force_login(cast.reader.user)
    page = enter(client, "eve@example.org", "wrong").content.decode()
    assert "This is not your current password" in page
    assert not OutgoingMail.objects.exists()


def test_earlier_address_stays_in_use_until_the_new_one_is_confirmed(cast, inbox):
    user = cast.reader.user
    User.objects.filter(pk=user.pk).update(email="old@example.org", confirmed_email="old@x.org")
    request_confirmation(user=user, address="new@example.org")
    user.refresh_from_db()
    assert (user.email, user.confirmed_email) == ("new@example.org", "old@x.org")


def test_link_of_an_earlier_address_does_not_confirm_a_later_one(cast, inbox):
    request_confirmation(user=cast.reader.user, address="first@example.org")
    token = link_in(inbox).rsplit("/", 1)[1]
    request_confirmation(user=cast.reader.user, address="second@example.org")
    with pytest.raises(ConfirmationNotValid):
        confirm_address(token=token)


def test_expired_or_altered_link_confirms_nothing(cast, client, inbox, monkeypatch):
    request_confirmation(user=cast.reader.user, address="rita@example.org")
    link = link_in(inbox)
    assert client.get(f"{link}x").status_code == 404
    later = timezone.now().timestamp() + VALID_FOR.total_seconds() + 1
    monkeypatch.setattr("django.core.signing.time.time", lambda: later)
    page = client.post(link)
    assert page.status_code == 404
    assert "Enter the address again" in page.content.decode()
    cast.reader.user.refresh_from_db()
    assert cast.reader.user.confirmed_email == ""


def test_address_belongs_to_one_account_whatever_its_case(cast, inbox):
    other = make_user("nina", email="A@Example.org", confirmed_email="A@Example.org")
    request_confirmation(user=cast.reader.user, address="a@example.org")
    with pytest.raises(Conflict, match="Another account uses this address"):
        confirm_address(token=link_in(inbox).rsplit("/", 1)[1])
    assert User.objects.get(confirmed_email__iexact="a@example.org") == other


def test_address_can_be_removed(cast, client):
    user = cast.reader.user
    User.objects.filter(pk=user.pk).update(email="r@example.org", confirmed_email="r@example.org")
    client.force_login(user)
    client.post("/profile/address/remove")
    user.refresh_from_db()
    assert (user.email, user.confirmed_email) == ("", "")


def test_links_cannot_be_sent_without_limit(cast, client, inbox):
    client.force_login(cast.reader.user)
    for number in range(10):
        enter(client, f"a{number}@example.org")
    assert "Too many requests" in enter(client, "another@example.org").content.decode()
    assert OutgoingMail.objects.count() == 10


def test_without_a_mail_server_the_profile_offers_no_address(cast, client):
    client.force_login(cast.reader.user)
    assert "address" not in client.get("/profile").content.decode().replace("mailing address", "")
    page = client.get("/profile/address")
    assert page.status_code == 409
    assert "no mail server is configured" in page.content.decode()


def test_link_of_a_deactivated_account_confirms_nothing(cast, inbox):
    request_confirmation(user=cast.reader.user, address="rita@example.org")
    token = link_in(inbox).rsplit("/", 1)[1]
    User.objects.filter(pk=cast.reader.user.pk).update(is_active=False)
    with pytest.raises(ConfirmationNotValid):
        find_unconfirmed(token)


def test_address_of_a_new_account_is_confirmed_in_the_same_way(cast, client, inbox):
    _, token = create_invitation(
        study=cast.study, role=Role.READER, site=cast.site, note="", by=cast.coordinator
    )
    account = {"username": "nina", "email": "nina@example.org", "time_zone": "UTC"}
    passwords = {"password1": "seven large herons", "password2": "seven large herons"}
    client.post(f"/invitations/{token}", account | passwords)
    link = link_in(inbox)
    assert User.objects.get(username="nina").confirmed_email == ""
    client.post(link)
    assert User.objects.get(username="nina").confirmed_email == "nina@example.org"


def test_earlier_address_is_notified_of_the_change(cast, client, inbox):
    user = cast.reader.user
    User.objects.filter(pk=user.pk).update(
        email="old@example.org", confirmed_email="old@example.org"
    )
    request_confirmation(user=user, address="new@example.org")
    client.post(link_in(inbox))
    link_in(inbox)
    assert inbox.recipients == ["new@example.org", "old@example.org"]
    assert inbox.messages[1]["Subject"] == "Your email address was changed"
    assert "new@example.org" not in str(inbox.messages[1])


@pytest.mark.parametrize("token", ["x", "a:b:c", "é:é:é", "%ff", "\u202e" * 40, "9" * 3000])
def test_altered_links_of_every_kind_are_not_found(db, client, token):
    for path in ("/mail/confirm/", "/mail/unsubscribe/", "/accounts/password/reset/"):
        for method in (client.get, client.post):
            answer = method(path + token)
            assert answer.status_code == 404, path
            assert answer["Referrer-Policy"] == "strict-origin"
