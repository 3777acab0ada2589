"""Announcements: to whom, how often, and what can still be changed."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import transaction
from django.db.utils import DatabaseError

from studies.audit.models import Event
from studies.correspondence.announcements import (
    acknowledge_announcement,
    publish_announcement,
    withdraw_announcement,
)
from studies.correspondence.inbox import MAX_PENDING, get_inbox
from studies.correspondence.models import Announcement, AnnouncementAcknowledgement
from studies.errors import Conflict, NotAllowed, NotFound, StudyError
from tests.correspondence.conftest import announce, lock
from tests.make import make_reader

pytestmark = pytest.mark.django_db


def pending(reader) -> list[str]:
    return [row.text for row in get_inbox(reader).announcements]


def test_announcement_is_pending_until_its_reader_acknowledges_it(written):
    row = announce(written.coordinator)
    assert pending(written.reader) == pending(written.other_reader) == [row.text]
    for _ in range(2):
        acknowledge_announcement(pk=row.pk, reader=written.reader)
    assert pending(written.reader) == []
    assert pending(written.other_reader) == [row.text]
    assert AnnouncementAcknowledgement.objects.count() == 1
    assert Event.objects.filter(action="announcement.acknowledged").count() == 1


def test_announcement_to_a_site_is_for_its_readers_alone(written):
    row = announce(written.site_coordinator, site=written.cast.site)
    assert pending(written.reader) == [row.text]
    assert pending(written.other_reader) == []
    with pytest.raises(NotFound):
        acknowledge_announcement(pk=row.pk, reader=written.other_reader)


def test_site_coordinator_can_address_only_readers_of_their_site(written):
    with pytest.raises(NotAllowed):
        announce(written.site_coordinator)
    with pytest.raises(NotFound):
        announce(written.site_coordinator, site=written.cast.other_site)


def test_reader_who_joins_later_does_not_have_to_acknowledge_earlier_ones(written):
    row = announce(written.coordinator)
    late = make_reader(written.study, written.cast.site, "lars")
    assert pending(late) == []
    assert list(Announcement.objects.seen_by(late)) == [row]


def test_pending_announcements_are_shown_few_at_a_time_the_oldest_first(written):
    texts = [f"number {number}" for number in range(MAX_PENDING + 1)]
    for text in texts:
        announce(written.coordinator, text)
    assert pending(written.reader) == texts[:MAX_PENDING]


def test_withdrawn_announcement_is_hidden_from_readers_and_kept_with_its_reason(written):
    row = announce(written.coordinator)
    withdraw_announcement(pk=row.pk, by=written.coordinator, reason="wrong date")
    assert pending(written.reader) == []
    assert not Announcement.objects.seen_by(written.reader).exists()
    row = Announcement.objects.seen_by(written.coordinator).get()
    assert (row.text, row.withdrawal_reason) == ("Pause on Friday.", "wrong date")
    with pytest.raises(Conflict, match="already been withdrawn"):
        withdraw_announcement(pk=row.pk, by=written.coordinator, reason="again")


def test_withdrawal_needs_a_reason(written):
    row = announce(written.coordinator)
    with pytest.raises(StudyError, match="reason of 1 to 500"):
        withdraw_announcement(pk=row.pk, by=written.coordinator, reason=" ")


def test_site_coordinator_sees_but_cannot_withdraw_what_all_readers_see(written):
    row = announce(written.coordinator)
    assert list(Announcement.objects.seen_by(written.site_coordinator)) == [row]
    with pytest.raises(NotFound):
        withdraw_announcement(pk=row.pk, by=written.site_coordinator, reason="mine")


def test_database_keeps_text_date_and_withdrawal(written):
    row = announce(written.coordinator)
    withdraw_announcement(pk=row.pk, by=written.coordinator, reason="wrong date")
    rows = Announcement.objects.filter(pk=row.pk)
    fresh = Announcement.objects.filter(pk=announce(written.coordinator).pk)
    for change in (
        lambda: fresh.update(text="other"),
        lambda: rows.update(withdrawn_at=None, withdrawn_by=None, withdrawal_reason=""),
        lambda: fresh.delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_repeated_form_publishes_once(written):
    key = uuid4()
    for _ in range(2):
        publish_announcement(author=written.coordinator, site=None, message_id=key, text="Once")
    with pytest.raises(Conflict, match="used before"):
        publish_announcement(author=written.coordinator, site=None, message_id=key, text="Twice")
    assert Announcement.objects.count() == 1


def test_audit_trail_has_no_text(written):
    row = announce(written.coordinator, "secret text")
    withdraw_announcement(pk=row.pk, by=written.coordinator, reason="secret reason")
    events = Event.objects.filter(action__startswith="announcement.").order_by("pk")
    assert [event.action for event in events] == [
        "announcement.published",
        "announcement.withdrawn",
    ]
    assert "secret" not in str([(event.subject, event.data) for event in events])


def test_nothing_is_published_or_withdrawn_once_the_study_is_locked(written):
    row = announce(written.coordinator)
    lock(written.study)
    with pytest.raises(Conflict, match="locked"):
        announce(written.coordinator)
    with pytest.raises(Conflict, match="locked"):
        withdraw_announcement(pk=row.pk, by=written.coordinator, reason="late")
    # Reading it is still possible.
    acknowledge_announcement(pk=row.pk, reader=written.reader)
