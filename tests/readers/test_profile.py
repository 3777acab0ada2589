"""People change their own time zone, in which pages then show times."""

from __future__ import annotations

import pytest

from studies.audit.models import Event

pytestmark = pytest.mark.django_db


def test_time_zone_is_changed_and_pages_show_it(cast, client):
    client.force_login(cast.reader.user)
    assert b'value="UTC"' in client.get("/profile").content
    page = client.post("/profile", {"time_zone": "Australia/Perth"}, follow=True)
    assert b"Times are now shown in Australia/Perth." in page.content
    assert b'data-time-zone="Australia/Perth"' in client.get("/").content
    cast.reader.user.refresh_from_db()
    assert cast.reader.user.time_zone == "Australia/Perth"
    event = Event.objects.get(action="account.time_zone_changed")
    assert event.actor == cast.reader.user
    assert event.data == {"before": "UTC", "after": "Australia/Perth"}


@pytest.mark.parametrize("name", ["", "Perth", "../../etc/passwd", "a" * 60])
def test_unknown_time_zone_is_rejected(cast, client, name):
    client.force_login(cast.reader.user)
    page = client.post("/profile", {"time_zone": name})
    assert page.status_code == 200
    assert b'class="errors"' in page.content
    cast.reader.user.refresh_from_db()
    assert cast.reader.user.time_zone == "UTC"


def test_other_people_are_not_affected(cast, client):
    client.force_login(cast.reader.user)
    client.post("/profile", {"time_zone": "Asia/Tokyo"})
    cast.other_reader.user.refresh_from_db()
    assert cast.other_reader.user.time_zone == "UTC"
