"""What an attacker, a curious colleague or a shared computer tries."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from studies.audit.models import Event
from studies.cases import spool
from studies.cases.models import Upload
from studies.cases.upload import take_in_upload
from studies.errors import Conflict
from studies.readers import access
from studies.readers import pages as readers_pages
from studies.readers.invitations import invite
from studies.readers.models import InterimLook, Membership, Role, User
from studies.sessions.conduct import deal_lists, lock_study
from studies.sessions.models import Reading
from studies.sessions.queue import queue_of
from studies.sessions.reading import reopen_reading
from tests.make import PASSWORD, dicom_bytes, make_case, make_user

pytestmark = pytest.mark.django_db


def sent(client: Any, cast: Any, data: bytes, *, site: str = "A") -> Any:
    form = {"file": SimpleUploadedFile("x", data), "name": "x", "site": site}
    return client.post(f"/api/v1/studies/{cast.study.slug}/uploads", form, format="multipart")


def test_administration_has_no_sign_in_of_its_own_that_is_not_throttled(client):
    make_user("ada", is_staff=True, is_superuser=True)
    answer = client.post("/admin/login/", {"username": "ada", "password": PASSWORD})
    assert answer["Location"].startswith("/accounts/login/")
    assert "_auth_user_id" not in client.session


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
    cast.deal()
    lock_study(study=cast.study, by=cast.coordinator)
    page = f"/admin/protocol/site/{cast.site.pk}/change/"
    form = {"study": cast.study.pk, "code": "X", "name": "Other"}
    assert client.post(page, form).status_code == 403


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


def test_no_browser_keeps_a_held_image(cast, client_of):
    client = client_of(cast.coordinator)
    (upload,) = sent(client, cast, dicom_bytes(BurnedInAnnotation="YES")).json()["results"]
    for part in ("pixels", "thumbnail"):
        answer = client.get(f"/api/v1/cases/{upload['case']['id']}/{part}")
        assert "no-store" in answer["Cache-Control"]


@pytest.fixture
def almost_idle(cast, client_of):
    """A signed-in reader with an open case, and the idle limit a minute ahead."""
    cast.deal()
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
    assert almost_idle.get("/", HTTP_SEC_FETCH_DEST="empty").status_code == 200
    assert almost_idle.end_now() == almost_idle.ends
    almost_idle.get("/", HTTP_SEC_FETCH_DEST="document")
    assert almost_idle.end_now() > almost_idle.ends


@pytest.mark.parametrize(("active_ms", "put_off"), [(0, False), (500, True)])
def test_idle_reading_room_does_not_put_off_the_idle_limit(almost_idle, active_ms, put_off):
    change = {"change_id": "6f1a8a3e-3c09-4f58-8c2e-0d5c8f6f9b11", "idle_ms": 900}
    url = f"/api/v1/readings/{almost_idle.reading.pk}/time"
    assert almost_idle.post(url, {**change, "active_ms": active_ms}).status_code == 200
    assert (almost_idle.end_now() > almost_idle.ends) == put_off


def test_file_where_none_belongs_is_never_written(cast, client, monkeypatch):
    monkeypatch.setattr(spool.tempfile, "TemporaryFile", lambda **_: pytest.fail("written"))
    form = {"login": "x", "password": "y", "file": SimpleUploadedFile("x", b"1" * 100)}
    assert client.post("/accounts/login/", form).status_code == 400
    url = f"/api/v1/studies/{cast.study.slug}/uploads"
    assert client.post(url, {"file": SimpleUploadedFile("x", b"1")}).status_code == 401


def test_file_in_flight_has_no_name_on_disk(cast, client_of, settings, monkeypatch):
    seen = []
    complete = spool.NamelessFile.file_complete

    def look(handler: Any, size: int) -> Any:
        seen.extend(settings.SPOOL.iterdir())
        seen.append(size)
        return complete(handler, size)

    monkeypatch.setattr(spool.NamelessFile, "file_complete", look)
    data = dicom_bytes()
    assert sent(client_of(cast.coordinator), cast, data).status_code == 201
    assert seen == [len(data)]


def test_upload_beyond_the_limit_is_not_spooled(cast, client_of, settings):
    settings.MAX_UPLOAD_BYTES = 10
    answer = sent(client_of(cast.coordinator), cast, bytes(spool.FORM_BYTES + 20))
    assert answer.status_code == 413
    assert answer.json()["error"]["code"] == "too_large"


def test_large_file_that_is_no_zip_is_never_read_whole(cast, client_of, monkeypatch):
    monkeypatch.setattr("studies.cases.upload.MAX_MEMBER_BYTES", 100)
    (upload,) = sent(client_of(cast.coordinator), cast, dicom_bytes()).json()["results"]
    assert upload["reason"]["code"] == "too_large"


def test_twin_at_another_site_is_not_shown_to_a_sites_coordinator(cast, client_of):
    sent(client_of(cast.coordinator), cast, dicom_bytes(), site="B")
    answer = sent(client_of(cast.site_coordinator), cast, dicom_bytes())
    (upload,) = answer.json()["results"]
    assert (upload["status"], upload["case"]) == ("duplicate", None)
    assert "Hospital B" not in answer.content.decode()


@pytest.mark.parametrize("odd", ["\u202egnp.exe", "a\nb", "\x1b[2J", "a\u2028b"])
def test_name_of_a_file_turns_no_line_around(odd, cast, client_of):
    form = {"file": SimpleUploadedFile("x", b"junk"), "name": odd, "site": "A"}
    url = f"/api/v1/studies/{cast.study.slug}/uploads"
    answer = client_of(cast.coordinator).post(url, form, format="multipart")
    assert answer.json()["results"][0]["name"].isprintable()


def test_name_on_disk_that_is_no_text_is_taken_in(cast):
    name = b"M\xfcller.dcm".decode("utf-8", "surrogateescape")
    uploads = take_in_upload(
        study=cast.study,
        site=cast.site,
        file=BytesIO(b"junk"),
        size=4,
        name=name,
        uploader=cast.coordinator,
    )
    assert [upload.name for upload in uploads] == ["M\ufffdller.dcm"]


def test_flat_pixels_make_no_endless_thumbnail(cast, client_of):
    client = client_of(cast.coordinator)
    (upload,) = sent(client, cast, dicom_bytes(PixelSpacing="0.01\\10")).json()["results"]
    picture = b"".join(client.get(upload["case"]["thumbnail"]).streaming_content)
    width = int.from_bytes(picture[16:20], "big")
    assert width <= 1440


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
    _, token = invite(
        study=cast.study, role=Role.READER, site=cast.site, note="", by=cast.coordinator
    )
    accept = readers_pages.accept_invitation

    def after_somebody_else(*, token: str, user: User) -> Any:
        accept(token=token, user=make_user("nils"))
        return accept(token=token, user=user)

    monkeypatch.setattr(readers_pages, "accept_invitation", after_somebody_else)
    words = {"password1": "seven large herons", "password2": "seven large herons"}
    answer = client.post(f"/invitations/{token}", {"username": "n", "time_zone": "UTC", **words})
    assert answer.status_code == 404
    assert not User.objects.filter(username="n").exists()


def test_invitation_of_somebody_who_left_does_not_work(cast, client):
    _, token = invite(
        study=cast.study, role=Role.READER, site=cast.site, note="", by=cast.coordinator
    )
    assert client.get(f"/invitations/{token}").status_code == 200
    cast.study.memberships.filter(user=cast.coordinator).update(active=False)
    assert client.get(f"/invitations/{token}").status_code == 404


def test_no_case_is_refused_while_it_is_dealt(cast):
    make_case(cast.study, cast.site)
    with CaptureQueriesContext(connection) as asked:
        deal_lists(study=cast.study, by=cast.coordinator)
    held = [q["sql"] for q in asked if 'FOR UPDATE OF "cases_case"' in q["sql"]]
    first = next(q["sql"] for q in asked if 'FROM "cases_case"' in q["sql"])
    assert held == [first]


def test_reading_is_not_reopened_once_the_other_pass_has_shown_its_case(cast):
    cast.deal(1)
    mine = Reading.objects.filter(reading_list__reader=cast.reader).in_order()
    now = timezone.now()
    mine.update(opened_at=now)
    mine.filter(pk=mine[0].pk).update(state="submitted", submitted_at=now)
    with pytest.raises(Conflict, match="begun this case again"):
        reopen_reading(reading=mine[0], by=cast.coordinator, reason="a slip")
    mine.filter(pk=mine[1].pk).update(opened_at=None)
    assert reopen_reading(reading=mine[0], by=cast.coordinator, reason="a slip").state == "open"


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
    cast.deal(1)
    client = client_of(cast.reader.user)
    queue = queue_of(Membership.objects.get(pk=cast.reader.pk))
    assert (queue.current.reading_list.period, queue.next) == (1, None)
    later = Reading.objects.get(reading_list__reader=cast.reader, reading_list__period=2)
    for part in ("", "/pixels", "/guides"):
        assert client.get(f"/api/v1/readings/{later.pk}{part}").status_code == 404


def test_names_of_files_reach_neither_log_nor_audit_trail(cast, client_of, caplog):
    client = client_of(cast.coordinator)
    for data in (dicom_bytes(), b"junk", BytesIO(b"PK\x03\x04junk").getvalue()):
        form = {"file": SimpleUploadedFile("Doe", data), "name": "Doe^Jane", "site": "A"}
        client.post(f"/api/v1/studies/{cast.study.slug}/uploads", form, format="multipart")
    assert Upload.objects.count() == 3
    assert "Doe" not in caplog.text + str(list(Event.objects.values()))
