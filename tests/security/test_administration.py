"""What an attacker, a curious colleague or a shared computer tries."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib import admin
from django.db import DatabaseError, connection, transaction
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from studies.audit.models import Event
from studies.cases.review import exclude_case
from studies.errors import Conflict
from studies.protocol.models import Site
from studies.readers import access, invitations
from studies.readers.invitations import create_invitation
from studies.readers.members import add_member, set_active
from studies.readers.models import InterimLook, Membership, Role, User
from studies.sessions.models import Reading
from studies.sessions.queue import get_queue
from studies.sessions.study_lifecycle import assign_cases, lock_study, reopen_reading
from tests.make import PASSWORD, make_case, make_site, make_user

pytestmark = pytest.mark.django_db


def test_administration_has_no_sign_in_of_its_own_that_is_not_throttled(client):
    make_user("ada", is_staff=True, is_superuser=True)
    answer = client.post("/admin/login/", {"username": "ada", "password": PASSWORD})
    assert answer["Location"].startswith("/accounts/login/")
    assert "_auth_user_id" not in client.session


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
    assert client.get("/accounts/password/reset/").status_code == 404


def test_taking_somebody_out_of_a_study_stands_in_the_audit_trail(cast, client):
    client.force_login(make_user("ada", is_staff=True, is_superuser=True))
    client.post(f"/admin/readers/membership/{cast.reader.pk}/change/", {})
    event = Event.objects.get(action="administrator.changed_membership")
    assert (event.study, event.actor.username) == (cast.study.slug, "ada")
    assert cast.reader.label in event.subject
    assert event.data == {"change": [{"changed": {"fields": ["Active"]}}]}


def test_new_password_by_an_administrator_stands_in_the_audit_trail(cast, client):
    client.force_login(make_user("ada", is_staff=True, is_superuser=True))
    words = {"password1": "seven large herons", "password2": "seven large herons"}
    client.post(f"/admin/readers/user/{cast.reader.user.pk}/password/", words)
    event = Event.objects.get(action="administrator.changed_user")
    assert event.subject == "rita"
    assert "herons" not in str(event.data)


def test_site_of_a_locked_study_keeps_its_name(cast, client):
    client.force_login(make_user("ada", is_staff=True, is_superuser=True))
    cast.assign_cases()
    lock_study(study=cast.study, by=cast.coordinator)
    page = f"/admin/protocol/site/{cast.site.pk}/change/"
    form = {"study": cast.study.pk, "code": "X", "name": "Other"}
    assert client.post(page, form).status_code == 403


def administrator(client: Client) -> User:
    ada = make_user("ada", is_staff=True, is_superuser=True)
    client.force_login(ada)
    return ada


def test_administrator_neither_adds_nor_deletes_a_site(cast, client):
    administrator(client)
    form = {"study": cast.study.pk, "code": "X", "name": "Other", "post": "yes"}
    site = make_site(cast.study, "FREE")
    assert client.post("/admin/protocol/site/add/", form).status_code == 403
    assert client.post(f"/admin/protocol/site/{site.pk}/delete/", form).status_code == 403
    several = {"action": "delete_selected", "_selected_action": [site.pk], "post": "yes"}
    client.post("/admin/protocol/site/", several)
    assert set(Site.objects.values_list("code", flat=True)) == {"A", "B", "FREE"}


def test_administrator_moves_no_site_and_keeps_its_code(cast, client):
    administrator(client)
    page = f"/admin/protocol/site/{cast.site.pk}/change/"
    form = {"study": cast.outside_study.pk, "code": "X", "name": "Hospital Alpha"}
    assert client.post(page, form).status_code == 302
    cast.site.refresh_from_db()
    assert (cast.site.study, cast.site.code) == (cast.study, "A")
    assert cast.site.name == "Hospital Alpha"


def test_administrator_does_not_reactivate_an_own_membership(cast, client):
    ada = administrator(client)
    mine = add_member(study=cast.study, user=ada, role=Role.STATISTICIAN)
    set_active(membership=mine, active=False, by=cast.coordinator)
    page = f"/admin/readers/membership/{mine.pk}/change/"
    assert client.post(page, {"active": "on"}).status_code == 403
    mine.refresh_from_db()
    assert not mine.active


READ_ONLY = {"event", "study"}
CHANGES = {"site": {"name"}, "membership": {"active"}}


def test_administration_writes_only_what_pages_allow(cast, client):
    ada = administrator(client)
    request = RequestFactory().get("/admin/")
    request.user = ada
    for model, page in admin.site._registry.items():
        name = model._meta.model_name
        if name == "user":
            continue
        assert name in READ_ONLY | set(CHANGES), "say what an administrator may change there"
        assert not page.has_add_permission(request)
        assert not page.has_delete_permission(request)
        if name in READ_ONLY:
            assert not page.has_change_permission(request)
        else:
            form = page.get_form(request, change=True)
            assert set(form.base_fields) == CHANGES[name]


SECRETS = [
    ("protocol/study", "key__startswith"),
    ("protocol/study", "key"),
    ("protocol/study", "date_shift_days__gte"),
    ("protocol/study", "memberships__user__password__startswith"),
    ("protocol/study", "invitations__token_hash__startswith"),
    ("protocol/site", "study__key__startswith"),
    ("protocol/site", "study__date_shift_days"),
    ("protocol/site", "cases__patient__key__startswith"),
    ("readers/membership", "study__key__startswith"),
    ("readers/membership", "study__date_shift_days__lt"),
    ("readers/membership", "user__password__startswith"),
    ("readers/user", "password__startswith"),
    ("readers/user", "memberships__study__key__startswith"),
    ("readers/user", "preferences__keys"),
    ("audit/event", "actor__password__startswith"),
    ("audit/event", "data__contains"),
]


@pytest.mark.parametrize(("page", "lookup"), SECRETS)
def test_administrator_filters_no_list_by_a_hidden_field(cast, client, page, lookup):
    administrator(client)
    assert client.get(f"/admin/{page}/", {lookup: "1"}).status_code == 400


def test_no_list_of_the_administration_can_be_filtered_by_a_hidden_field(cast, client):
    ada = administrator(client)
    request = RequestFactory().get("/admin/")
    request.user = ada
    hidden = {"key", "date_shift_days", "password", "token_hash", "preferences", "data"}
    for model, page in admin.site._registry.items():
        shown = {*page.list_display, *page.get_search_fields(request)}
        assert not {name.partition("__")[0] for name in shown} & hidden
        for field in model._meta.get_fields():
            names = [field.name]
            if field.is_relation and field.related_model:
                fields = field.related_model._meta.get_fields()
                names += [f"{field.name}__{other.name}" for other in fields]
            for name in names:
                if name.rpartition("__")[2] in hidden:
                    for ending in ("", "__startswith", "__gte", "__regex", "__in"):
                        assert not page.lookup_allowed(name + ending, "1", request), name


@pytest.mark.parametrize(
    "address",
    [
        "readers/membership/?study__id__exact=1&role__exact=reader",
        "readers/user/?is_staff__exact=1&q=cla&o=1",
        "protocol/site/?study__id__exact=1",
        "audit/event/?action=study.created&q=trial",
    ],
)
def test_filters_of_the_administration_still_work(cast, client, address):
    administrator(client)
    assert client.get(f"/admin/{address}").status_code == 200


def test_administrator_sees_neither_key_nor_date_shift_of_a_study(cast, client):
    administrator(client)
    study = cast.study
    study.date_shift_days = 587
    study.save()
    for page in (f"{study.pk}/change/", "", "?o=1.2", f"{study.pk}/history/"):
        text = client.get(f"/admin/protocol/study/{page}").content.decode()
        assert "587" not in text
        assert bytes(study.key).hex() not in text
        assert "key" not in text.casefold().replace("keydown", "").replace("accesskey", "")


def test_dates_of_an_account_are_not_rewritten(cast, client):
    administrator(client)
    user = cast.reader.user
    joined = user.date_joined
    form = {"username": "rita", "time_zone": "UTC", "is_active": "on"}
    dates = {"date_joined_0": "2001-01-01", "date_joined_1": "00:00"}
    assert client.post(f"/admin/readers/user/{user.pk}/change/", form | dates).status_code == 302
    user.refresh_from_db()
    assert user.date_joined == joined


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


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"keys": {"a\\u0000": "x"}}', 400),
        (b'{"windows": {"a": {"center": 1e999, "width": 5}}}', 400),
        (b"[" * 100_000, 400),
        (b'{"keys": {' + b",".join(b'"%d": "x"' % n for n in range(999)) + b"}}", 400),
        (b'{"keys": {"' + b"x" * 999 + b'": "x"}}', 400),
        (b'{"keys": {}, "x": "' + b"a" * 300_000 + b'"}', 413),
    ],
)
def test_body_that_cannot_be_kept_is_refused(body, status, cast, client):
    client.force_login(cast.coordinator)
    answer = client.put("/api/v1/me/preferences", body, content_type="application/json")
    assert (answer.status_code, "error" in answer.json()) == (status, True)


def test_nul_is_no_text(cast, client):
    client.force_login(cast.coordinator)
    slug = cast.study.slug
    for url in (f"/studies/{slug}/cases?q=%00", f"/api/v1/studies/{slug}/cases?site=%00"):
        assert client.get(url).status_code == 400
    assert client.post(f"/studies/{slug}/sites/%00/remove").status_code == 400
    client.post(f"/studies/{slug}/sites", {"code": "C", "name": "a\0b"})
    assert cast.study.sites.count() == 2


def test_invitation_that_was_just_used_leaves_no_second_account(cast, client, monkeypatch):
    _, token = create_invitation(
        study=cast.study, role=Role.READER, site=cast.site, note="", by=cast.coordinator
    )
    accept = invitations.accept_invitation

    def after_somebody_else(*, token: str, user: User) -> Any:
        accept(token=token, user=make_user("nils"))
        return accept(token=token, user=user)

    monkeypatch.setattr(invitations, "accept_invitation", after_somebody_else)
    words = {"password1": "seven large herons", "password2": "seven large herons"}
    answer = client.post(f"/invitations/{token}", {"username": "n", "time_zone": "UTC", **words})
    assert answer.status_code == 404
    assert not User.objects.filter(username="n").exists()


def test_invitation_of_somebody_who_left_does_not_work(cast, client):
    _, token = create_invitation(
        study=cast.study, role=Role.READER, site=cast.site, note="", by=cast.coordinator
    )
    assert client.get(f"/invitations/{token}").status_code == 200
    cast.study.memberships.filter(user=cast.coordinator).update(active=False)
    assert client.get(f"/invitations/{token}").status_code == 404


def test_no_case_is_refused_while_it_is_dealt(cast):
    make_case(cast.study, cast.site)
    with CaptureQueriesContext(connection) as queries:
        assign_cases(study=cast.study, by=cast.coordinator)
    locking = [q["sql"] for q in queries if 'FOR UPDATE OF "cases_case"' in q["sql"]]
    first = next(q["sql"] for q in queries if 'FROM "cases_case"' in q["sql"])
    assert locking == [first]


def test_reading_is_not_reopened_once_the_other_pass_has_shown_its_case(cast):
    cast.assign_cases(1)
    mine = Reading.objects.filter(reading_list__reader=cast.reader).in_order()
    now = timezone.now()
    mine.update(opened_at=now)
    mine.filter(pk=mine[0].pk).update(state="submitted", submitted_at=now)
    with pytest.raises(Conflict, match="since opened this case"):
        reopen_reading(reading=mine[0], by=cast.coordinator, reason="a slip")
    mine.filter(pk=mine[1].pk).update(opened_at=None)
    assert reopen_reading(reading=mine[0], by=cast.coordinator, reason="a slip").state == "open"


def test_many_posts_of_time_add_up_to_no_more_than_the_clock(cast, client_of):
    cast.assign_cases(1)
    client = client_of(cast.reader.user)
    reading = Reading.objects.filter(reading_list__reader=cast.reader).in_order().first()
    client.post(f"/api/v1/readings/{reading.pk}/open")
    for _ in range(20):
        change = {"change_id": str(uuid4()), "active_ms": 60_000, "idle_ms": 60_000}
        client.post(f"/api/v1/readings/{reading.pk}/time", change)
    reading.refresh_from_db()
    wall_ms = (timezone.now() - reading.opened_at).total_seconds() * 1000
    assert 0 < reading.active_ms + reading.idle_ms <= wall_ms + 2000


def test_excluding_the_last_case_read_does_not_shorten_the_washout(cast):
    cast.assign_cases(2)
    mine = Reading.objects.filter(reading_list__reader=cast.reader).in_order()
    now = timezone.now()
    for reading, days in zip(mine[:2], (27, 5), strict=True):
        Reading.objects.filter(pk=reading.pk).update(
            state="submitted",
            opened_at=now - timedelta(days=days),
            submitted_at=now - timedelta(days=days),
        )
    exclude_case(case=mine[1].case, actor=cast.coordinator, reason="moved")
    waiting = get_queue(Membership.objects.get(pk=cast.reader.pk)).waiting
    assert waiting.opens_at == now + timedelta(days=cast.study.washout_days - 5)


def test_look_before_the_lock_ends_after_a_day_and_cannot_be_wiped_out(cast, monkeypatch):
    membership = Membership.objects.get(study=cast.study, user=cast.statistician)
    look = InterimLook.objects.create(study=cast.study, by=cast.statistician, reason="safety")
    assert access.may_see_scores(membership)
    tomorrow = timezone.now() + timedelta(days=1, seconds=1)
    monkeypatch.setattr(access.timezone, "now", lambda: tomorrow)
    assert not access.may_see_scores(membership)
    with pytest.raises(DatabaseError), transaction.atomic():
        look.delete()


def test_other_pass_cannot_be_fetched_ahead_even_without_a_washout(cast, client_of):
    cast.study.washout_days = 0
    cast.study.save()
    cast.assign_cases(1)
    client = client_of(cast.reader.user)
    queue = get_queue(Membership.objects.get(pk=cast.reader.pk))
    assert (queue.current.reading_list.period, queue.next) == (1, None)
    later = Reading.objects.get(reading_list__reader=cast.reader, reading_list__period=2)
    for part in ("", "/pixels", "/guides"):
        assert client.get(f"/api/v1/readings/{later.pk}{part}").status_code == 404
