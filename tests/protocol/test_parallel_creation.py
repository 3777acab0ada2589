"""Two people create the same thing at the same moment: one gets a message, not an error page."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.test import Client

from studies.errors import SAVED_CONCURRENTLY
from studies.protocol import design
from studies.protocol.models import Site, Study
from studies.readers.invitations import create_invitation
from studies.readers.members import create_study_with_coordinator
from studies.readers.models import Role, User
from tests.make import Cast, make_user

AT_ONCE = 4
STUDY = {
    "name": "Twin study",
    "arms": ["unguided", "guided"],
    "readers_per_case": "2",
    "washout_days": "28",
    "moderate_from": "2",
    "high_from": "6",
    "boundary": "lower",
    "primary_outcome": "cells",
    "primary_weights": "linear",
    "view_between_cases": "reset",
    "revision_rule": "never",
    "minimum_image_px": "0",
    "display_check": "off",
    "display_contrast": "16",
    "seed": "5",
}


def at_once(send: Callable[[], Any]) -> list[Any]:
    barrier = Barrier(AT_ONCE)

    def run() -> Any:
        try:
            barrier.wait(timeout=60)
            return send()
        finally:
            connection.close()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return [future.result() for future in [pool.submit(run) for _ in range(AT_ONCE)]]


def signed_in(user: User) -> Callable[..., Any]:
    client = Client(raise_request_exception=False)
    client.force_login(user)

    def post(url: str, form: dict[str, Any]) -> Any:
        thread_client = Client(raise_request_exception=False)
        thread_client.cookies = client.cookies
        return thread_client.post(url, form)

    return post


@pytest.mark.django_db(transaction=True)
def test_studies_of_one_name_created_at_once_get_different_addresses():
    post = signed_in(make_user("clara", may_create_studies=True))
    answers = at_once(lambda: post("/studies/new", STUDY))
    assert [answer.status_code for answer in answers] == [302] * AT_ONCE
    assert Study.objects.filter(name="Twin study").values("slug").distinct().count() == AT_ONCE


@pytest.mark.django_db(transaction=True)
def test_site_added_twice_at_once_is_added_once():
    cast = Cast()
    post = signed_in(cast.coordinator)
    page = f"/studies/{cast.study.slug}/sites"
    answers = at_once(lambda: post(page, {"code": "NEW", "name": "New hospital"}))
    assert [answer.status_code for answer in answers] == [302] * AT_ONCE
    assert Site.objects.filter(code="NEW").count() == 1


@pytest.mark.django_db
def test_slug_taken_meanwhile_is_not_an_internal_error(cast, monkeypatch):
    slugs = iter([cast.study.slug, cast.study.slug, "free"])
    monkeypatch.setattr(design, "_free_slug", lambda name: next(slugs))
    monkeypatch.setattr(Study, "full_clean", lambda study: None)
    study = create_study_with_coordinator(by=cast.coordinator, arms=["guided"], name="Any")
    assert study.slug == "free"


@pytest.mark.django_db
def test_arm_named_twice_is_one_arm(cast, client_of):
    form = {**STUDY, "arms": ["guided", "guided"]}
    answer = client_of(cast.coordinator).post("/studies/new", form, format="multipart")
    assert answer.status_code == 302
    study = Study.objects.get(name="Twin study")
    assert [arm.code for arm in study.arms.all()] == ["guided"]
    setup = f"/studies/{study.slug}/setup"
    assert client_of(cast.coordinator).post(setup, form, format="multipart").status_code == 302


@pytest.mark.django_db
def test_form_states_that_the_user_name_was_just_taken(cast, client, monkeypatch):
    _, token = create_invitation(
        study=cast.study, role=Role.READER, site=cast.site, note="", by=cast.coordinator
    )
    monkeypatch.setattr("studies.readers.forms.AccountForm.clean_username", lambda form: "rita")
    monkeypatch.setattr(User, "validate_unique", lambda user, exclude=None: None)
    passwords = {"password1": "seven large herons", "password2": "seven large herons"}
    answer = client.post(
        f"/invitations/{token}", {"username": "r", "time_zone": "UTC", **passwords}
    )
    assert answer.status_code == 200
    assert "This username has just been taken." in answer.content.decode()
    assert cast.study.invitations.usable().count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/studies/{}/cases", "/api/v1/studies/{}/cases"])
def test_any_other_row_saved_twice_gets_a_message_too(cast, client_of, monkeypatch, address):
    class UniqueViolation(Exception):
        pgcode = "23505"

    def fail(*_: Any) -> None:
        raise IntegrityError("duplicate key value") from UniqueViolation()

    for module in ("pages", "api.cases"):
        monkeypatch.setattr(f"studies.cases.{module}.require_coordinator", fail)
    answer = client_of(cast.coordinator).get(address.format(cast.study.slug))
    assert answer.status_code == 409
    assert SAVED_CONCURRENTLY in answer.content.decode()
