"""Fine-tuning runs: what may be requested, by whom, and what becomes of them."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from studies.audit.models import Event
from studies.cases.review import exclude_case
from studies.errors import Conflict, StudyError
from studies.fine_tuning import runs
from studies.fine_tuning.candidates import corrected_cases, count_candidates
from studies.fine_tuning.models import FineTuningRun
from studies.fine_tuning.queueing import FINE_TUNE
from studies.fine_tuning.runs import (
    begin_part,
    cancel_run,
    fail_run,
    finish_run,
    request_fine_tuning,
    resume_run,
    store_part,
)
from studies.jobs.claims import MAX_ATTEMPTS, ClaimLost, record_progress
from studies.registry.installed import installed_model
from studies.registry.models import RegisteredModel
from studies.registry.study_models import model_of, select_model
from tests.fine_tuning.corrected import correct, make_corrected_cases
from tests.make import make_case, make_user
from tests.registry.weights import weights

pytestmark = pytest.mark.django_db


@pytest.fixture
def queued(monkeypatch: Any) -> list[tuple[str, str]]:
    sent: list[tuple[str, str]] = []
    monkeypatch.setattr(
        "studies.fine_tuning.queueing.send", lambda task, pk: sent.append((task, str(pk))) or True
    )
    return sent


def ask(cast: Any, **fields: Any) -> FineTuningRun:
    values = {
        "by": cast.coordinator,
        "name": "from corrections",
        "start": installed_model(),
        "studies": [cast.study],
        "consent": "Approval 12/2026",
    }
    return request_fine_tuning(**values | fields)


@pytest.fixture
def run(cast) -> FineTuningRun:
    make_corrected_cases(cast.study, cast.site, 5)
    return ask(cast)


def claimed(run: FineTuningRun) -> FineTuningRun:
    begun = begin_part(pk=str(run.pk))
    assert begun is not None
    return begun


def test_only_cases_that_a_person_corrected_are_used(cast):
    corrected = make_corrected_cases(cast.study, cast.site, 2)
    make_case(cast.study, cast.site)
    uncertain = correct(make_case(cast.study, cast.site), level_uncertainty={"reason": "gap"})
    practice = correct(make_case(cast.study, cast.site))
    type(practice).objects.filter(pk=practice.pk).update(practice=True)
    excluded = correct(make_case(cast.study, cast.site))
    exclude_case(case=excluded, actor=cast.coordinator, reason="moved")
    assert list(corrected_cases([cast.study]).order_by("label")) == corrected
    assert uncertain not in corrected_cases([cast.study])
    (counts,) = count_candidates([cast.study])
    assert (counts.cases, counts.patients) == (2, 2)


def test_restored_network_corners_are_not_corrections(cast):
    cases = make_corrected_cases(cast.study, cast.site, 5)
    restored = make_case(cast.study, cast.site)
    network = restored.landmark_set
    correct(restored)
    correct(restored, source="taken", parent=network)
    run = ask(cast)
    assert {row.case for row in run.run_cases.all()} == set(cases)


def test_run_keeps_the_landmarks_of_its_request(cast, run):
    row = run.run_cases.first()
    correct(row.case)
    row.refresh_from_db()
    assert row.landmark_set != row.case.landmark_set
    assert Event.objects.get(action="fine_tuning.requested").data == {"cases": 5}


def test_cases_can_be_left_out(cast):
    cases = make_corrected_cases(cast.study, cast.site, 6)
    run = ask(cast, left_out=[cases[0].label, f"{cast.study.slug}/{cases[1].label}", "other"])
    assert {row.case for row in run.run_cases.all()} == set(cases[2:])


def test_run_needs_consent_and_cases_of_four_patients(cast):
    make_corrected_cases(cast.study, cast.site, 3)
    with pytest.raises(Conflict, match="there are 3"):
        ask(cast)
    with pytest.raises(StudyError) as refused:
        ask(cast, consent=" ")
    assert refused.value.code == "consent_missing"
    assert not FineTuningRun.objects.exists()


def test_person_has_few_unfinished_runs(cast, run, monkeypatch):
    monkeypatch.setattr(runs, "MAX_UNFINISHED_OF_PERSON", 1)
    with pytest.raises(StudyError) as refused:
        ask(cast)
    assert refused.value.status == 429
    cancel_run(run=run, by=cast.coordinator)
    ask(cast)


def test_parts_are_stored_and_any_number_of_them_is_no_failure(
    run, settings, django_capture_on_commit_callbacks
):
    for step in range(1, MAX_ATTEMPTS + 3):
        part = claimed(run)
        with django_capture_on_commit_callbacks(execute=True):
            store_part(run=part, state=b"state %d" % step, step=step, log=[{"step": step}])
        run.refresh_from_db()
        assert (run.state, run.step, run.attempts_left) == ("queued", step, True)
        assert run.saved_state.read() == b"state %d" % step
    assert len(list((settings.STORAGE / "models").glob("*.zip"))) == 1


def test_part_without_a_step_keeps_the_state_before_it(run):
    store_part(run=claimed(run), state=b"one", step=1, log=[])
    store_part(run=claimed(run), state=b"again", step=1, log=[])
    run.refresh_from_db()
    assert run.saved_state.read() == b"one"


def test_cancelled_run_stores_nothing_more_and_continues_when_it_is_resumed(cast, run):
    store_part(run=claimed(run), state=b"one", step=1, log=[])
    part = claimed(run)
    cancel_run(run=run, by=cast.coordinator)
    with pytest.raises(ClaimLost):
        record_progress(part, step=2)
    with pytest.raises(ClaimLost):
        store_part(run=part, state=b"two", step=2, log=[])
    fail_run(run=part, reason="late")
    with pytest.raises(Conflict):
        cancel_run(run=run, by=cast.coordinator)
    resumed = resume_run(run=run, by=cast.coordinator)
    assert (resumed.state, resumed.step, resumed.failure) == ("queued", 1, "")
    assert claimed(run).saved_state.read() == b"one"
    actions = Event.objects.filter(action__startswith="fine_tuning.").values_list("action")
    assert {action for (action,) in actions} >= {"fine_tuning.cancelled", "fine_tuning.resumed"}


def test_failed_run_can_be_resumed_with_all_its_attempts(cast, run):
    for _ in range(MAX_ATTEMPTS):
        part = claimed(run)
        FineTuningRun.objects.filter(pk=run.pk).update(state="queued")
    FineTuningRun.objects.filter(pk=run.pk).update(state="training")
    fail_run(run=part, reason="out of memory")
    assert resume_run(run=run, by=cast.coordinator).attempts_left
    with pytest.raises(Conflict):
        resume_run(run=run, by=cast.coordinator)


def finish(run: FineTuningRun) -> RegisteredModel:
    FineTuningRun.objects.filter(pk=run.pk).update(steps=2)
    return finish_run(
        run=claimed(run), weights=weights("tuned"), card="# card", evaluation=[], log=[]
    )


def test_result_is_a_model_that_no_study_uses(cast, run, settings):
    store_part(run=claimed(run), state=b"one", step=1, log=[])
    before = model_of(cast.study)
    model = finish(run)
    run.refresh_from_db()
    assert (run.state, run.step, run.result) == ("done", 2, model)
    assert (model.origin, model.state, model.parent) == ("fine_tuned", "ready", run.start)
    assert model_of(cast.study) == before == model_of(cast.outside_study)
    assert not run.saved_state


def test_result_can_be_used_by_other_studies_only(cast, run):
    model = finish(run)
    with pytest.raises(Conflict) as refused:
        select_model(study=cast.study, model=model, by=cast.coordinator)
    assert refused.value.code == "own_cases"
    assert select_model(study=cast.outside_study, model=model, by=cast.outsider).model == model


def test_api_starts_lists_cancels_and_resumes(cast, client_of, queued):
    make_corrected_cases(cast.study, cast.site, 4)
    client, base = client_of(cast.coordinator), f"/api/v1/studies/{cast.study.slug}/fine-tunings"
    body = {"name": "a", "start": str(installed_model().pk), "consent": "Approval 12/2026"}
    answer = client.post(f"{base}/start", body)
    assert answer.status_code == 201, answer.content
    run = answer.json()
    assert (run["state"], run["cases"], run["studies"]) == ("queued", 4, [cast.study.slug])
    assert queued == [(FINE_TUNE, run["id"])]
    listed = client.get(base).json()
    assert [row["id"] for row in listed["results"]] == [run["id"]]
    cancelled = client.post(f"/api/v1/fine-tunings/{run['id']}/cancel").json()
    resumed = client.post(f"/api/v1/fine-tunings/{run['id']}/resume").json()
    assert (cancelled["state"], resumed["state"]) == ("cancelled", "queued")
    assert len(queued) == 2


def test_other_roles_neither_see_nor_change_a_run(cast, run, client_of, queued):
    admin = make_user("ada", is_staff=True, is_superuser=True)
    people = {
        cast.site_coordinator: (403, 404),
        cast.statistician: (404, 404),
        cast.reader.user: (404, 404),
        cast.outsider: (404, 404),
        admin: (404, 404),
    }
    body = {"name": "a", "start": str(run.start_id), "consent": "yes"}
    for person, (of_study, of_run) in people.items():
        client = client_of(person)
        base = f"/api/v1/studies/{cast.study.slug}/fine-tunings"
        assert client.get(base).status_code == of_study, person
        assert client.post(f"{base}/start", body).status_code == of_study, person
        for action in ("cancel", "resume"):
            assert client.post(f"/api/v1/fine-tunings/{run.pk}/{action}").status_code == of_run
    run.refresh_from_db()
    assert run.state == "queued" and not queued


def test_cases_of_a_study_that_the_person_does_not_coordinate_are_not_used(cast, client_of):
    body = {
        "name": "a",
        "start": str(installed_model().pk),
        "consent": "yes",
        "more_studies": [cast.outside_study.slug],
    }
    base = f"/api/v1/studies/{cast.study.slug}/fine-tunings"
    answer = client_of(cast.coordinator).post(f"{base}/start", body)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "unknown_study"


def test_page_starts_a_run_and_shows_it(cast, client_of, queued):
    make_corrected_cases(cast.study, cast.site, 5)
    client, address = client_of(cast.coordinator), f"/studies/{cast.study.slug}/models/fine-tuning"
    assert "5 corrected cases from 5 patients" in client.get(address).content.decode()
    form = {"name": "a", "start": str(installed_model().pk), "consent": "Approval 12/2026"}
    unconfirmed = client.post(address, form, format="multipart")
    assert unconfirmed.status_code == 200 and not FineTuningRun.objects.exists()
    page = client.post(address, {**form, "confirmed": "on"}, format="multipart", follow=True)
    assert "waiting for a worker" in page.content.decode()
    run = FineTuningRun.objects.get()
    assert queued == [(FINE_TUNE, str(run.pk))]
    cancelled = client.post(f"{address}/{run.pk}/cancel", follow=True).content.decode()
    assert "You can resume it" in cancelled and "Resume run" in cancelled
    FineTuningRun.objects.filter(pk=run.pk).update(
        step=20,
        steps=40,
        log=[
            {"step": 10, "loss": 2.0, "validation_px": None},
            {"step": 20, "loss": 1.0, "validation_px": 3.5},
        ],
    )
    shown = client.get(f"{address}/{run.pk}").content.decode()
    assert "Validation error (px, 512 × 1024 frame): 3.5" in shown and "<polyline" in shown


def test_rejected_case_leaves_its_runs(cast, run):
    from studies.cases.review import reject_case

    reject_case(case=run.run_cases.first().case, actor=cast.coordinator, reason="shows a name")
    assert run.run_cases.count() == 4


def test_list_takes_as_many_queries_for_many_runs_as_for_one(cast, run, client_of):
    client = client_of(cast.coordinator)
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as captured:
            answer = client.get(f"/api/v1/studies/{cast.study.slug}/fine-tunings").json()
        counts.append(len(captured))
        assert {row["cases"] for row in answer["results"]} == {5}
        for _ in range(3):
            FineTuningRun.objects.update(state="cancelled")
            ask(cast)
    assert counts[0] == counts[1] <= 10
