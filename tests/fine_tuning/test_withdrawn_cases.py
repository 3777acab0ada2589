"""A case that was excluded, rejected or sent back to review is not trained on."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from studies.cases.models import Case
from studies.cases.review import exclude_case, reject_case, undo_release
from studies.fine_tuning import samples, tasks, training
from studies.fine_tuning.models import FineTuningRun
from studies.fine_tuning.runs import CasesChanged, check_cases
from studies.registry.models import RegisteredModel
from tests.fine_tuning.requests import claimed, finish, store

pytestmark = pytest.mark.django_db


def withdraw(case: Case, cast: Any, how: str) -> None:
    if how == "excluded":
        exclude_case(case=case, actor=cast.coordinator, reason="consent withdrawn")
    elif how == "rejected":
        reject_case(case=case, actor=cast.coordinator, reason="shows a name")
    else:
        Case.objects.filter(pk=case.pk).update(released=True)
        undo_release(case=Case.objects.get(pk=case.pk), actor=cast.coordinator)


HOW = ("excluded", "rejected", "pending_review")


@pytest.mark.parametrize("how", HOW)
def test_withdrawn_case_is_not_trained_on(cast, run, how):
    case = run.run_cases.first().case
    withdraw(case, cast, how)
    trainable = run.run_cases.trainable()
    assert {row.case for row in trainable} == {row.case for row in run.run_cases.all()} - {case}
    assert [row.case for row in run.run_cases.withdrawn()] == [case]
    # Nothing of it was trained on yet, so the run can begin without it.
    check_cases(run)


def test_practice_case_is_not_trained_on(run):
    row = run.run_cases.first()
    Case.objects.filter(pk=row.case_id).update(practice=True)
    assert list(run.run_cases.withdrawn()) == [row]


@pytest.mark.parametrize("how", HOW)
def test_run_that_trained_on_a_withdrawn_case_ends_with_the_reason(cast, run, how, client_of):
    store(claimed(run))
    case = run.run_cases.first().case
    withdraw(case, cast, how)
    tasks.train_claimed_part(str(run.pk))
    run.refresh_from_db()
    assert run.state == "failed"
    assert run.failure.endswith("its cases have changed since it began. Start a new run.")
    address = f"/studies/{cast.study.slug}/models/fine-tuning/{run.pk}"
    page = client_of(cast.coordinator).get(address).content.decode()
    assert f"no longer be used for training: {cast.study.slug}/{case.label}" in page
    # Resuming does not help, because the saved state was trained on the case.
    with pytest.raises(CasesChanged):
        check_cases(run)


@pytest.mark.parametrize("how", HOW)
def test_case_withdrawn_during_the_last_part_gives_no_model(cast, run, how, monkeypatch):
    def train_part(*, run: FineTuningRun) -> bool:
        withdraw(run.run_cases.first().case, cast, how)
        finish(run)
        return True

    monkeypatch.setattr(training, "train_part", train_part)
    tasks.train_claimed_part(str(run.pk))
    run.refresh_from_db()
    assert (run.state, run.result) == ("failed", None)
    assert "its cases have changed" in run.failure
    assert not RegisteredModel.objects.filter(origin="fine_tuned").exists()


@pytest.mark.parametrize("how", HOW)
def test_case_that_left_before_training_began_does_not_matter_in_the_end(cast, run, client_of, how):
    left = run.run_cases.first()
    pixel_hash = left.case.image.pixel_hash
    withdraw(left.case, cast, how)
    client = client_of(cast.coordinator)
    address = f"/studies/{cast.study.slug}/models/fine-tuning/{run.pk}"
    assert "The run continues without them" in client.get(address).content.decode()
    parts = {row.case_id: "training" for row in run.run_cases.trainable()}
    store(claimed(run), parts=parts)
    page = client.get(address).content.decode()
    assert "not used" in page and "may no longer be used" not in page
    model = finish(claimed(run), parts=parts)
    assert model.origin == "fine_tuned"
    assert run.run_cases.get(part="") == left
    # The model may be used where this image is, because it was not trained on it.
    assert model.trained_images.count() == len(parts)
    assert not model.trained_images.filter(pixel_hash=pixel_hash).exists()


def test_case_that_comes_back_after_training_began_does_not_join_it(cast, run):
    back = run.run_cases.first()
    withdraw(back.case, cast, "pending_review")
    parts = {row.case_id: "training" for row in run.run_cases.trainable()}
    store(claimed(run), parts=parts)
    Case.objects.filter(pk=back.case_id).update(state="ready")
    assert back in run.run_cases.trainable()
    data = SimpleNamespace(subjects=[])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(samples, "MIN_PATIENTS", 1)
        patch.setattr(samples, "data_of_samples", lambda name, given, **_: fake(data, given))
        rows = samples.read_run(run).rows
    assert {row.case_id for row in rows.values()} == set(parts)


def fake(data: Any, given: Any) -> Any:
    """Data that are not empty, in place of images that would have to be decoded."""
    data.validation = data.test = list(given)
    return data


def test_studies_are_locked_before_the_cases_when_a_run_ends(cast, run):
    """As by `assign_cases`; the other order could stop both."""
    parts = {row.case_id: "training" for row in run.run_cases.all()}
    with CaptureQueriesContext(connection) as captured:
        finish(claimed(run), parts=parts)
    sql = [query["sql"] for query in captured]
    study = next(k for k, text in enumerate(sql) if "FOR SHARE" in text)
    case = next(
        k for k, text in enumerate(sql) if "cases_case" in text and "FOR NO KEY UPDATE" in text
    )
    assert study < case


def test_rejected_case_stays_listed_without_its_landmarks(cast, run):
    row = run.run_cases.first()
    reject_case(case=row.case, actor=cast.coordinator, reason="shows a name")
    row.refresh_from_db()
    assert row.landmark_set is None
    assert run.run_cases.count() == 5
