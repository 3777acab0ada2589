"""Hidden repeats as a share of the cases of each reader and arm."""

from __future__ import annotations

from collections import Counter
from decimal import ROUND_CEILING, Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse

from studies.cases.review import exclude_case
from studies.protocol.design import change_study
from studies.protocol.models import Study
from studies.readers.forms import StudyForm
from studies.sessions.assignment.draw import draw_assignment
from studies.sessions.assignment.orders import repeats_of_share
from studies.sessions.assignment.preview import preview_assignment
from studies.sessions.assignment.readiness import list_requirements
from studies.sessions.assignment.sequences import ReaderSlot, RepeatShare
from studies.sessions.models import Reading
from studies.sessions.study_lifecycle import assign_cases
from tests.make import Cast, make_case
from tests.protocol.test_designs import form_data


def expected(percent: int, cases: int) -> int:
    """Compute the number without the arithmetic of the product."""
    share = Decimal(percent) * cases / 100
    return int(share.to_integral_value(ROUND_CEILING))


def counts(study: Study) -> list[tuple[int, int]]:
    """Return cases and repeats of each reading list."""
    readings = Reading.objects.filter(reading_list__study=study).counted()
    rows = Counter(readings.values_list("reading_list", "replicate"))
    return [(rows[key, 1], rows[key, 2]) for key in sorted({key for key, _ in rows})]


@pytest.mark.parametrize("percent", [0, 1, 7, 10, 33, 50, 99, 100])
def test_share_is_rounded_up(percent):
    assert [repeats_of_share(percent, cases) for cases in range(150)] == [
        expected(percent, cases) for cases in range(150)
    ]


@pytest.mark.parametrize("sequential", [False, True])
def test_each_reader_repeats_the_share_of_the_cases_in_every_arm(sequential):
    readers = [ReaderSlot(n, 1, share=RepeatShare(15)) for n in range(4)]
    rows = draw_assignment(
        cases=[f"c{n:02d}" for n in range(45)],
        readers=readers,
        arms=["unguided", "guided"],
        readers_per_case=2,
        seed=5,
        batch=1,
        sequential=sequential,
        repeat_spacing=5,
    )
    drawn = Counter((row.reader, row.arm, row.replicate) for row in rows)
    for reader in range(4):
        for arm in ("unguided", "guided"):
            cases = drawn[reader, arm, 1]
            assert cases in {22, 23}
            assert drawn[reader, arm, 2] == expected(15, cases)


def test_number_is_drawn_as_before_the_share_existed():
    design = {"arms": ["guided"], "readers_per_case": 2, "seed": 3, "batch": 1, "repeat_spacing": 2}
    cases = [f"c{n}" for n in range(10)]
    by_number = draw_assignment(
        cases=cases, readers=[ReaderSlot(n, 1, repeats=3) for n in range(2)], **design
    )
    by_share = draw_assignment(
        cases=cases, readers=[ReaderSlot(n, 1, share=RepeatShare(30)) for n in range(2)], **design
    )
    assert by_number == by_share


@pytest.mark.django_db
def test_later_batches_keep_the_share_of_all_cases():
    cast = Cast(hidden_repeat_share=20, repeat_after_readings=3)
    cast.assign_cases(6)
    assert counts(cast.study) == [(6, expected(20, 6))] * 4
    for total in (10, 13, 20):
        for _ in range(total - counts(cast.study)[0][0]):
            make_case(cast.study, cast.site)
        assign_cases(study=cast.study, by=cast.coordinator)
        assert counts(cast.study) == [(total, expected(20, total))] * 4


@pytest.mark.django_db
def test_batch_that_is_too_small_for_repeats_leaves_them_to_the_next_one():
    cast = Cast(arms=["guided"], hidden_repeat_share=50, repeat_after_readings=4)
    cast.assign_cases(4)
    for _ in range(2):
        make_case(cast.study, cast.site)
    assign_cases(study=cast.study, by=cast.coordinator)
    assert counts(cast.study) == [(6, 2)] * 2
    for _ in range(4):
        make_case(cast.study, cast.site)
    assign_cases(study=cast.study, by=cast.coordinator)
    assert counts(cast.study) == [(10, 5)] * 2


@pytest.mark.django_db
def test_excluded_cases_count_neither_as_cases_nor_as_repeats():
    cast = Cast(arms=["guided"], hidden_repeat_share=50, repeat_after_readings=2)
    cast.assign_cases(4)
    repeated = Reading.objects.filter(reading_list__reader=cast.reader, replicate=2)[0].case
    exclude_case(case=repeated, actor=cast.coordinator, reason="hip")
    for _ in range(3):
        make_case(cast.study, cast.site)
    shares = {s.reader.pk: s.repeats for s in preview_assignment(cast.study).by_reader}
    # Three of the four cases and one repeat are left: 3 of 6 cases are to be repeated.
    assert shares[cast.reader.pk] == 2


@pytest.mark.django_db
def test_first_batch_needs_enough_cases_for_the_spacing():
    cast = Cast(arms=["guided"], hidden_repeat_share=25, repeat_after_readings=4)
    make_case(cast.study, cast.site)
    stated = {item.name: item for item in list_requirements(cast.study)}["repeats"]
    assert not stated.met
    assert "For 1 hidden repeat at least 4 readings later, each reader needs 4 cases" in stated.text
    for _ in range(3):
        make_case(cast.study, cast.site)
    stated = {item.name: item for item in list_requirements(cast.study)}["repeats"]
    assert (stated.met, stated.text) == (
        True,
        "25 % of the cases as hidden repeats per reader and arm",
    )


@pytest.mark.django_db
def test_number_and_share_exclude_each_other(cast):
    for wrong in ({"hidden_repeats": 2, "hidden_repeat_share": 10}, {"hidden_repeat_share": 101}):
        with pytest.raises(ValidationError):
            change_study(study=cast.study, actor=cast.coordinator, arms=["guided"], **wrong)
        assert "hidden_repeat_share" in StudyForm(form_data(**wrong)).errors
    with pytest.raises(IntegrityError), transaction.atomic():
        Study.objects.filter(pk=cast.study.pk).update(hidden_repeats=2, hidden_repeat_share=10)
    form = StudyForm(form_data(hidden_repeat_share=10))
    assert form.is_valid(), form.errors


@pytest.mark.django_db
def test_form_from_before_the_share_keeps_it(cast):
    study = change_study(
        study=cast.study, actor=cast.coordinator, arms=["guided"], hidden_repeat_share=10
    )
    data = form_data(design="single_arm", arms=["guided"])
    del data["hidden_repeat_share"]
    form = StudyForm(data, instance=study)
    assert form.is_valid(), form.errors
    assert form.cleaned_data["hidden_repeat_share"] == 10


@pytest.mark.django_db
def test_pages_state_the_share(client_of):
    cast = Cast(arms=["guided"], hidden_repeat_share=50, repeat_after_readings=2)
    for _ in range(4):
        make_case(cast.study, cast.site)
    client = client_of(cast.coordinator)
    overview = client.get(reverse("study", args=[cast.study.slug])).content.decode()
    assert "50 % of the cases per reader and arm, at least 2 readings later" in overview
    page = client.get(reverse("assignment", args=[cast.study.slug])).content.decode()
    assert "Hidden repeats</th>" in page
    preview = client.get(f"/api/v1/studies/{cast.study.slug}/assignment-preview").json()
    assert {(share["readings"], share["repeats"]) for share in preview["readers"]} == {(6, 2)}
