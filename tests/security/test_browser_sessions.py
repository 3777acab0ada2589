"""Signing in and out, shared computers, and the idle limit."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from studies.audit.models import Event
from studies.sessions.models import Reading
from tests.make import PASSWORD, make_user

pytestmark = pytest.mark.django_db


def test_signing_in_or_failing_to_stands_in_the_audit_trail():
    client = Client(REMOTE_ADDR="203.0.113.9")
    name = f"rita-{uuid4().hex[:8]}"  # the limits on guesses outlive a test
    make_user(name)
    for typed in (name, f"my secret password {uuid4()}"):
        client.post("/accounts/login/", {"login": typed, "password": "wrong"})
    client.post("/accounts/login/", {"login": name, "password": PASSWORD})
    new = {"password1": "seven large herons", "password2": "seven large herons"}
    client.post("/accounts/password/change/", {"oldpassword": PASSWORD, **new})
    events = Event.objects.order_by("pk").values_list("action", "subject", "actor__username")
    assert list(events) == [
        ("account.sign_in_failed", name, None),
        ("account.sign_in_failed", "", None),
        ("account.signed_in", "", name),
        ("account.password_changed", "", name),
    ]


@pytest.mark.parametrize("page", ["signup", "email", "confirm-email", "password/set"])
@pytest.mark.parametrize("signed_in", [True, False])
def test_pages_of_allauth_that_nobody_needs_are_not_there(page, signed_in, client, cast):
    if signed_in:
        client.force_login(cast.coordinator)
    assert client.get(f"/accounts/{page}/").status_code == 404


def test_next_leads_to_no_other_site(client, cast):
    for evil in ("https://evil.example/", "//evil.example/", "/\\evil.example"):
        form = {"login": "clara", "password": PASSWORD, "next": evil}
        assert Client().post("/accounts/login/", form)["Location"] == "/"


def test_no_browser_keeps_a_page_or_an_answer(cast, client):
    client.force_login(cast.coordinator)
    slug = cast.study.slug
    for url in (
        "/",
        f"/studies/{slug}/",
        f"/studies/{slug}/cases",
        f"/api/v1/studies/{slug}/cases",
    ):
        assert "no-store" in client.get(url)["Cache-Control"], url


def test_signing_out_empties_the_browsers_cache(cast, client):
    client.force_login(cast.coordinator)
    assert client.post("/accounts/logout/")["Clear-Site-Data"] == '"cache"'


@pytest.fixture
def almost_idle(cast, client_of):
    """A signed-in reader with an open case, and the idle limit a minute ahead."""
    cast.assign_cases()
    client = client_of(cast.reader.user)
    reading = Reading.objects.filter(reading_list__reader=cast.reader).in_order().first()
    client.post(f"/api/v1/readings/{reading.pk}/open")
    row = client.session._get_session_from_db()
    row.expire_date = timezone.now() + timedelta(minutes=1)
    row.save()
    client.reading, client.ends = reading, row.expire_date
    client.end_now = lambda: client.session._get_session_from_db().expire_date
    return client


def test_page_that_renews_itself_does_not_put_off_the_idle_limit(almost_idle):
    for address in ("/", f"/api/v1/readings/{almost_idle.reading.pk}"):
        assert almost_idle.get(address, HTTP_SEC_FETCH_DEST="empty").status_code == 200
        assert almost_idle.end_now() == almost_idle.ends
    almost_idle.get("/", HTTP_SEC_FETCH_DEST="document")
    assert almost_idle.end_now() > almost_idle.ends


@pytest.mark.parametrize(("active_ms", "put_off"), [(0, False), (500, True)])
def test_idle_reading_room_does_not_put_off_the_idle_limit(almost_idle, active_ms, put_off):
    change = {"change_id": "6f1a8a3e-3c09-4f58-8c2e-0d5c8f6f9b11", "idle_ms": 900}
    url = f"/api/v1/readings/{almost_idle.reading.pk}/time"
    assert almost_idle.post(url, {**change, "active_ms": active_ms}).status_code == 200
    assert (almost_idle.end_now() > almost_idle.ends) == put_off
