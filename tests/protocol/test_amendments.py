"""Amendments of the protocol once cases are assigned."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from studies.audit.models import Event
from studies.errors import Conflict, StudyError
from studies.practice.instructions.versions import save_instructions
from studies.protocol.amendments import AmendmentDetails, amend_protocol, record_amendment
from studies.protocol.design import add_site, change_study, remove_site
from studies.protocol.models import Amendment
from studies.sessions.study_lifecycle import lock_study
from tests.make import Cast

pytestmark = pytest.mark.django_db
FORM = {"dated": "2026-11-02", "change": "Third reader added", "reason": "Slow recruitment"}


def amend(cast: Cast, **values) -> Amendment:
    fields = {"dated": date(2026, 11, 2), "change": "Longer washout", "reason": "Ethics board"}
    return amend_protocol(study=cast.study, by=cast.coordinator, **(fields | values))


def write(cast: Cast, text: str, reason: str = ""):
    return save_instructions(
        study=cast.study, by=cast.coordinator, text=text, arm_texts={}, reason=reason
    )


def stored(cast: Cast) -> list[tuple[int, str, str]]:
    return list(cast.study.amendments.values_list("number", "change", "reason"))


def test_amendment_gets_the_number_after_the_highest_one(cast):
    cast.assign_cases(1)
    record_amendment(
        study=cast.study,
        by=cast.coordinator,
        details=AmendmentDetails(4, date(2026, 10, 1), "Sponsor"),
        change="Model",
    )
    assert amend(cast).number == 5
    assert stored(cast) == [(4, "Model", "Sponsor"), (5, "Longer washout", "Ethics board")]
    event = Event.objects.filter(action="study.amended").latest("pk")
    assert (event.subject, event.data["change"]) == ("5", "Longer washout")


def test_incomplete_amendment_is_rejected(cast):
    with pytest.raises(Conflict) as refused:
        amend(cast)
    assert refused.value.code == "not_assigned"
    cast.assign_cases(1)
    tomorrow = timezone.localdate() + timedelta(days=1)
    for values, code in (
        ({"change": "  "}, "change_missing"),
        ({"reason": " "}, "reason_missing"),
        ({"dated": tomorrow}, "date_in_future"),
    ):
        with pytest.raises(StudyError) as error:
            amend(cast, **values)
        assert error.value.code == code
    lock_study(study=cast.study, by=cast.coordinator)
    with pytest.raises(Conflict, match="locked"):
        amend(cast)
    assert stored(cast) == []


def test_new_version_of_the_instructions_is_an_amendment_once_cases_are_assigned(cast):
    write(cast, "Read calmly.")
    cast.assign_cases(1)
    with pytest.raises(StudyError, match="Enter the reason"):
        write(cast, "Read very calmly.")
    assert cast.study.instructions.count() == 1
    # Without a change, there is nothing to amend.
    assert write(cast, "Read calmly.").version == 1
    write(cast, "Read very calmly.", "Readers asked")
    assert stored(cast) == [(1, "Instructions, version 2", "Readers asked")]


def test_new_site_is_an_amendment_once_cases_are_assigned(cast):
    add_site(study=cast.study, actor=cast.coordinator, code="C", name="Clinic")
    cast.assign_cases(1)
    with pytest.raises(StudyError, match="Enter the reason"):
        add_site(study=cast.study, actor=cast.coordinator, code="D", name="Downs")
    assert not cast.study.sites.filter(code="D").exists()
    with pytest.raises(ValidationError, match="already has a site"):
        add_site(study=cast.study, actor=cast.coordinator, code="C", name="C", reason="Late")
    add_site(study=cast.study, actor=cast.coordinator, code="D", name="Downs", reason="Late")
    assert stored(cast) == [(1, "Site added: D, Downs", "Late")]


def test_another_name_and_a_removed_site_are_amendments_once_cases_are_assigned(cast):
    add_site(study=cast.study, actor=cast.coordinator, code="C", name="Clinic")
    cast.assign_cases(1)
    site = cast.study.sites.get(code="C")
    former = cast.study.name
    arms = [arm.code for arm in cast.study.arms.all()]
    renamed = {"study": cast.study, "actor": cast.coordinator, "arms": arms, "name": "Spine"}
    with pytest.raises(StudyError, match="Enter the reason"):
        change_study(**renamed)
    with pytest.raises(StudyError, match="Enter the reason"):
        remove_site(site=site, actor=cast.coordinator)
    cast.study.refresh_from_db()
    assert cast.study.name == former and cast.study.sites.filter(code="C").exists()
    change_study(**renamed, reason="Shorter")
    # An unchanged form is no amendment.
    change_study(**renamed)
    remove_site(site=cast.study.sites.get(code="C"), actor=cast.coordinator, reason="No images")
    assert stored(cast) == [
        (1, f"Name changed from “{former}” to “Spine”", "Shorter"),
        (2, "Site removed: C, Clinic", "No images"),
    ]


def test_amendment_that_is_sent_twice_is_recorded_once(cast):
    cast.assign_cases(1)
    amend(cast)
    with pytest.raises(Conflict, match="already been recorded"):
        amend(cast)
    assert len(stored(cast)) == 1


def test_design_page_lists_and_records_amendments(cast, client):
    client.force_login(cast.coordinator)
    setup = reverse("setup", args=[cast.study.slug])
    assert b"Amendments of the protocol" not in client.get(setup).content
    cast.assign_cases(1)
    assert b"No amendment has been recorded" in client.get(setup).content
    url = reverse("record-amendment", args=[cast.study.slug])
    answer = client.post(url, FORM)
    assert (answer.status_code, answer["Location"]) == (302, f"{setup}#amendments")
    page = client.get(setup).content.decode()
    assert "Third reader added" in page
    assert "Slow recruitment" in page
    rejected = client.post(url, FORM | {"dated": "2999-01-01"})
    assert rejected.status_code == 200
    # The entered text is still there.
    assert rejected.content.decode().count("Slow recruitment") == 2
    assert "in the future" in rejected.content.decode()
    assert len(stored(cast)) == 1


def test_pages_ask_for_the_reason_of_a_change(cast, client):
    client.force_login(cast.coordinator)
    instructions = reverse("edit-instructions", args=[cast.study.slug])
    site = reverse("add-site", args=[cast.study.slug])
    assert b'name="reason"' not in client.get(instructions).content
    cast.assign_cases(1)
    assert b'name="reason"' in client.get(instructions).content
    assert b"Enter the reason" in client.post(instructions, {"text": "Read."}).content
    client.post(instructions, {"text": "Read.", "reason": "Asked for"})
    page = client.post(site, {"code": "D", "name": "Downs"}, follow=True).content
    assert b"The site was not added. Cases have been assigned" in page
    client.post(site, {"code": "D", "name": "Downs", "reason": "Late"})
    assert [row[1:] for row in stored(cast)] == [
        ("Instructions, version 1", "Asked for"),
        ("Site added: D, Downs", "Late"),
    ]


def test_number_of_queries_does_not_depend_on_the_number_of_amendments(
    cast, client, django_assert_max_num_queries
):
    client.force_login(cast.coordinator)
    cast.assign_cases(1)
    amend(cast)
    setup = reverse("setup", args=[cast.study.slug])
    with django_assert_max_num_queries(60) as few:
        client.get(setup)
    for number in range(25):
        amend(cast, change=f"Change {number}")
    with django_assert_max_num_queries(len(few)):
        assert b"Page 1 of 2" in client.get(setup).content


def test_amendments_are_for_coordinators_of_the_whole_study(cast, client):
    cast.assign_cases(1)
    url = reverse("record-amendment", args=[cast.study.slug])
    for user, status in (
        (cast.site_coordinator, 403),
        (cast.reader.user, 404),
        (cast.statistician, 404),
        (cast.outsider, 404),
    ):
        client.force_login(user)
        assert client.post(url, FORM).status_code == status
    assert stored(cast) == []
