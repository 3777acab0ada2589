"""The cases of a run through API and page: what a coordinator sees of them."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from studies.cases.review import exclude_case
from studies.fine_tuning.api import runs as runs_api
from studies.fine_tuning.models import FineTuningRun
from studies.fine_tuning.pages import runs as runs_pages
from studies.readers.members import add_member
from studies.readers.models import Role
from studies.registry.installed import installed_model
from tests.fine_tuning.corrected_cases import CORRECTED, make_corrected_cases
from tests.fine_tuning.requests import ask, claimed, finish, store
from tests.make import make_site, make_study, make_user

pytestmark = pytest.mark.django_db
OTHER = {
    "corners": 0,
    "patients": 0,
    "missed_before": 0,
    "missed_after": 0,
    "before_px": None,
    "after_px": None,
    "difference_px": None,
    "interval_px": None,
}


def page_of(cast: Any, run: FineTuningRun) -> str:
    return f"/studies/{cast.study.slug}/models/fine-tuning/{run.pk}"


def test_cases_are_listed_with_part_landmarks_and_whether_they_were_withdrawn(cast, run, client_of):
    store(claimed(run))
    first = run.run_cases.order_by("case__label").first().case
    exclude_case(case=first, actor=cast.coordinator, reason="consent withdrawn")
    client = client_of(cast.coordinator)
    answer = client.get(f"/api/v1/fine-tunings/{run.pk}/cases").json()
    assert (answer["count"], answer["page"], answer["pages"]) == (5, 1, 1)
    assert answer["results"][0] == {
        "study": cast.study.slug,
        "case": first.label,
        "patient": first.patient.label,
        "version": 2,
        "part": "validation",
        "withdrawn": True,
    }
    assert [row["withdrawn"] for row in answer["results"][1:]] == [False] * 4
    page = client.get(page_of(cast, run)).content.decode()
    for row in answer["results"]:
        assert f"{cast.study.slug}/{row['case']}" in page
    assert "selection of weights" in page and "version 2" in page


def test_cases_of_studies_that_the_person_does_not_coordinate_are_not_listed(cast, client_of):
    secret = make_study(cast.coordinator, name="Secret trial")
    make_corrected_cases(cast.study, cast.site, 2)
    hidden = make_corrected_cases(secret, make_site(secret), 3)
    run = ask(cast, studies=[cast.study, secret])
    store(claimed(run))
    exclude_case(case=hidden[0], actor=cast.coordinator, reason="moved")
    second = make_user("only-first")
    add_member(study=cast.study, user=second, role=Role.COORDINATOR, site=None)
    answers = {
        person: client_of(person).get(f"/api/v1/fine-tunings/{run.pk}/cases").json()["count"]
        for person in (cast.coordinator, second)
    }
    assert answers == {cast.coordinator: 5, second: 2}
    page = client_of(second).get(page_of(cast, run)).content.decode()
    assert secret.slug not in page and hidden[0].label not in page
    assert "Only the cases of studies that you coordinate are listed" in page


def test_list_has_pages(cast, run, client_of, monkeypatch):
    monkeypatch.setattr(runs_api, "CASES_PER_PAGE", 2)
    monkeypatch.setattr(runs_pages, "CASES_PER_PAGE", 2)
    client, address = client_of(cast.coordinator), f"/api/v1/fine-tunings/{run.pk}/cases"
    pages = [client.get(address, {"page": n}).json() for n in (1, 2, 3, 99)]
    assert [len(page["results"]) for page in pages] == [2, 2, 1, 1]
    labels = [row["case"] for page in pages[:3] for row in page["results"]]
    assert labels == sorted(row.case.label for row in run.run_cases.all())
    assert "Page 2 of 3" in client.get(page_of(cast, run), {"page": 2}).content.decode()


def test_lists_take_as_many_queries_for_many_cases_as_for_few(cast, client_of):
    client, counts = client_of(cast.coordinator), []
    for number in (4, 12):
        make_corrected_cases(cast.study, cast.site, number)
        run = ask(cast)
        store(claimed(run))
        for address in (f"/api/v1/fine-tunings/{run.pk}/cases", page_of(cast, run)):
            with CaptureQueriesContext(connection) as captured:
                assert client.get(address).status_code == 200
            counts.append(len(captured))
    assert counts[:2] == counts[2:]


def test_unknown_label_is_shown_in_the_form_and_nothing_is_queued(cast, client_of, queued):
    cases = make_corrected_cases(cast.study, cast.site, 5)
    client, address = client_of(cast.coordinator), f"/studies/{cast.study.slug}/models/fine-tuning"
    form = {
        "name": "a",
        "start": str(installed_model().pk),
        "consent": "Approval 12/2026",
        "confirmed": "on",
        "left_out": f"{cases[0].label.lower()}, C9999",
    }
    page = client.post(address, form, format="multipart").content.decode()
    assert "not in the selected studies: C9999. " in page
    assert not queued and not FineTuningRun.objects.exists()
    client.post(address, {**form, "left_out": cases[0].label.lower()}, format="multipart")
    assert FineTuningRun.objects.get().run_cases.count() == 4


def test_comparison_and_time_are_shown_with_both_sets_of_corners(cast, run, client_of):
    store(claimed(run), seconds=150.0)
    comparison = {"corrected": CORRECTED, "other": OTHER}
    finish(claimed(run), seconds=31.4, comparison=comparison)
    client = client_of(cast.coordinator)
    (listed,) = client.get(f"/api/v1/studies/{cast.study.slug}/fine-tunings").json()["results"]
    assert listed["comparison"] == comparison
    assert listed["seconds"] == 181.4
    page = client.get(page_of(cast, run)).content.decode()
    assert "-3.10 to -1.24" in page and "-2.32" in page
    assert "Neither row is unbiased" in page
    assert "3:01 min" in page
