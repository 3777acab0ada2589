"""Invitations by email: the link is sent once, and the page still offers it to copy."""

from __future__ import annotations

import re
from typing import Any

import pytest

from studies.errors import Conflict
from studies.mail.models import OutgoingMail
from studies.mail.sending import send_mail
from studies.readers import invitations
from studies.readers.invitations import create_invitation, find_invitation, revoke_invitation
from studies.readers.models import Invitation, Role
from tests.mail.conftest import inbox  # noqa: F401
from tests.mail.mail_settings import ADDRESS
from tests.mail.smtp_server import body

pytestmark = pytest.mark.django_db
State = OutgoingMail.State


def invite(cast: Any, address: str = "nina@example.org") -> tuple[Invitation, str]:
    return create_invitation(
        study=cast.study,
        role=Role.READER,
        site=cast.site,
        note="Nina",
        by=cast.coordinator,
        address=address,
    )


def send(mail: OutgoingMail) -> OutgoingMail:
    send_mail(pk=str(mail.pk))
    mail.refresh_from_db()
    return mail


def people_page(cast: Any, client_of: Any, **form: str) -> str:
    client = client_of(cast.coordinator)
    address = f"/studies/{cast.study.slug}/people"
    if not form:
        return client.get(address).content.decode()
    return client.post(address, form, format="multipart").content.decode()


def test_mailed_link_joins_the_study(cast, client, inbox):  # noqa: F811
    invitation, token = invite(cast)
    assert send(invitation.mail).state == State.SENT
    [message] = inbox.messages
    link = re.search(rf"{ADDRESS}(/invitations/\S+)", body(message, "plain"))
    assert link is not None
    assert link[1] == f"/invitations/{token}"
    assert find_invitation(token) == invitation
    assert client.get(link[1]).status_code == 200


def test_token_of_a_mailed_invitation_is_stored_nowhere(cast, inbox):  # noqa: F811
    invitation, token = invite(cast)
    for _ in range(2):
        assert token not in str([*Invitation.objects.values(), *OutgoingMail.objects.values()])
        send(invitation.mail)


def test_withdrawn_invitation_is_not_mailed(cast, inbox):  # noqa: F811
    invitation, _ = invite(cast)
    revoke_invitation(invitation=invitation, by=cast.coordinator)
    assert send(invitation.mail).state == State.CANCELLED
    assert inbox.messages == []


def test_invitation_names_study_and_role_and_no_other_person(cast, inbox):  # noqa: F811
    cast.study.description = "Guided reading is expected to be better."
    cast.study.save()
    invitation, _ = invite(cast)
    send(invitation.mail)
    for kind in ("plain", "html"):
        text = body(inbox.messages[0], kind)
        assert "Guides trial" in text
        assert "as a reader" in text
        for hidden in ("Hospital", "clara", "rita", "rolf", "expected to be better", "Nina"):
            assert hidden not in text


def test_page_sends_the_link_and_shows_it_once(
    cast, client_of, inbox, django_capture_on_commit_callbacks, monkeypatch  # noqa: F811
):  # fmt: skip
    sent: list[Any] = []
    monkeypatch.setattr("studies.mail.queueing.send", lambda task, pk: sent.append(pk))
    form = {"role": "statistician", "site": "", "address": "stella@example.org"}
    with django_capture_on_commit_callbacks(execute=True):
        page = people_page(cast, client_of, **form)
    mail = OutgoingMail.objects.get()
    assert sent == [mail.pk]
    assert "It is being sent to stella@example.org" in page
    assert re.search(r'value="http://testserver/invitations/[\w-]{43}"', page)
    assert "http://testserver/invitations/" not in people_page(cast, client_of)


@pytest.mark.parametrize(
    ("answer", "shown"),
    [("250 OK", "sent"), ("550 No such user", "rejected the address (code 550)")],
)
def test_page_shows_whether_the_mail_was_sent(cast, client_of, inbox, answer, shown):  # noqa: F811
    inbox.recipient_answer = answer
    invitation, _ = invite(cast)
    assert "waiting" in people_page(cast, client_of)
    send(invitation.mail)
    page = people_page(cast, client_of)
    assert "nina@example.org" in page
    assert shown in page


def test_invalid_address_creates_no_invitation(cast, client_of, inbox):  # noqa: F811
    form = {"role": "statistician", "site": "", "address": "stella@example.org\nBcc: x@y.org"}
    page = people_page(cast, client_of, **form)
    assert "Enter a valid email address" in page
    assert not Invitation.objects.exists()


def test_without_a_mail_server_the_page_offers_link_and_text_to_copy(cast, client_of):
    page = people_page(cast, client_of, role="statistician", site="", address="s@example.org")
    assert 'name="address"' not in page
    assert not OutgoingMail.objects.exists()
    link = re.search(r'value="(http://testserver/invitations/[\w-]+)"', page)
    assert link is not None
    text = page[page.index("<textarea") : page.index("</textarea>")]
    assert link[1] in text
    assert "Subject: Invitation to Guides trial" in text
    with pytest.raises(Conflict, match="no mail server is configured"):
        invite(cast)


def test_coordinator_cannot_send_any_number_of_mails(cast, inbox, monkeypatch):  # noqa: F811
    monkeypatch.setattr(invitations, "MAX_MAILS_A_DAY", 2)
    invite(cast)
    invite(cast)
    with pytest.raises(Conflict, match="in the last 24 hours"):
        invite(cast)
    assert invite(cast, address="")[0].mail is None


def test_number_of_queries_of_the_page_does_not_grow(
    cast, client_of, inbox, django_assert_max_num_queries  # noqa: F811
):  # fmt: skip
    for _ in range(8):
        invite(cast)
    client = client_of(cast.coordinator)
    with django_assert_max_num_queries(12):
        client.get(f"/studies/{cast.study.slug}/people")


def test_without_a_mail_server_the_page_offers_texts_of_other_mails(cast, client_of):
    page = people_page(cast, client_of)
    for text in ("Subject: Cases are waiting in Guides trial", "Subject: Period 2 is open in"):
        assert text in page
    assert "http://testserver/studies/guides-trial/read" in page
    assert "unguided" not in page
    assert "Save reminders" not in page


def test_with_a_mail_server_the_page_offers_no_texts_but_reminders(
    cast, client_of, inbox  # noqa: F811
):  # fmt: skip
    page = people_page(cast, client_of)
    assert "Cases are waiting" not in page
    assert "Save reminders" in page
