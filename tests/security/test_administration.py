"""What administrators may change, and which fields their pages hide."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.test import Client, RequestFactory

from studies.audit.models import Event
from studies.protocol.models import Site
from studies.readers.members import add_member, set_active
from studies.readers.models import Role, User
from studies.sessions.study_lifecycle import lock_study
from tests.make import PASSWORD, make_site, make_user

pytestmark = pytest.mark.django_db


def administrator(client: Client) -> User:
    ada = make_user("ada", is_staff=True, is_superuser=True)
    client.force_login(ada)
    return ada


def test_administration_has_no_sign_in_of_its_own_that_is_not_throttled(client):
    make_user("ada", is_staff=True, is_superuser=True)
    answer = client.post("/admin/login/", {"username": "ada", "password": PASSWORD})
    assert answer["Location"].startswith("/accounts/login/")
    assert "_auth_user_id" not in client.session


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


READ_ONLY = {"event", "study", "outgoingmail"}
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
