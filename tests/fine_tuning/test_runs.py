"""Fine-tuning runs: what may be requested, by whom, and what becomes of them."""

from __future__ import annotations

import errno

import pytest

from studies.audit.models import Event
from studies.cases.review import exclude_case
from studies.errors import Conflict, StudyError
from studies.fine_tuning import runs, tasks, training
from studies.fine_tuning.candidates import corrected_cases, count_candidates
from studies.fine_tuning.models import FineTuningRun
from studies.fine_tuning.runs import cancel_run, fail_run, resume_run
from studies.jobs.claims import MAX_ATTEMPTS, ClaimLost, record_progress
from studies.readers.members import add_member
from studies.readers.models import Role
from studies.registry.study_models import model_of, select_model
from tests.fine_tuning.corrected_cases import correct, make_corrected_cases
from tests.fine_tuning.requests import ask, claimed, finish, store
from tests.make import make_case, make_site, make_study, make_user

pytestmark = pytest.mark.django_db


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
    run = ask(cast, left_out=[cases[0].label.lower(), f"{cast.study.slug} / {cases[1].label}"])
    assert {row.case for row in run.run_cases.all()} == set(cases[2:])


def test_unknown_labels_to_leave_out_are_an_error_that_lists_them(cast):
    make_corrected_cases(cast.study, cast.site, 6)
    labels = ["C9999", f"{cast.study.slug}/C9998", "another-trial/C0001"]
    with pytest.raises(StudyError) as refused:
        ask(cast, left_out=labels)
    assert refused.value.code == "unknown_cases"
    assert ", ".join(labels) in refused.value.message
    with pytest.raises(StudyError, match="X9 and 2 more"):
        ask(cast, left_out=[f"X{n}" for n in range(12)])


def test_case_that_is_not_corrected_can_be_left_out(cast):
    cases = make_corrected_cases(cast.study, cast.site, 4)
    unused = make_case(cast.study, cast.site)
    assert ask(cast, left_out=[unused.label]).run_cases.count() == len(cases)


def test_same_run_is_refused_while_the_other_is_unfinished_or_finished(cast, run):
    def refuse() -> None:
        with pytest.raises(Conflict, match="The run from corrections has the same") as refused:
            ask(cast, name="again")
        assert refused.value.code == "same_run"

    refuse()
    fail_run(run=claimed(run), reason="out of memory")
    again = ask(cast, name="from corrections")
    finish(claimed(again))
    refuse()
    correct(run.run_cases.first().case)
    assert ask(cast, name="other landmarks").state == "queued"


def test_same_weights_of_a_second_run_are_registered_once(cast, run):
    """A run that became the same because a case left both of them."""
    other = ask(cast, left_out=[run.run_cases.first().case.label])
    model = finish(claimed(run))
    assert finish(claimed(other)) == model
    other.refresh_from_db()
    assert (other.state, other.result) == ("done", model)
    assert set(model.source_studies.all()) == {cast.study}


def test_every_study_of_a_run_records_what_happened_to_it(cast):
    second = make_study(cast.coordinator, name="Second trial")
    make_corrected_cases(cast.study, cast.site, 3)
    make_corrected_cases(second, make_site(second), 3)
    run = ask(cast, studies=[cast.study, second])
    cancel_run(run=run, by=cast.coordinator)
    resume_run(run=run, by=cast.coordinator)
    fail_run(run=claimed(run), reason="out of memory")
    resume_run(run=run, by=cast.coordinator)
    finish(claimed(run))
    for study in (cast.study, second):
        events = Event.objects.filter(action__startswith="fine_tuning.", study=study.slug)
        assert [event.action.partition(".")[2] for event in events.order_by("pk")] == [
            *("requested", "cancelled", "resumed", "failed", "resumed", "finished")
        ]
        assert {event.subject for event in events} == {str(run.pk)}


def test_late_failure_of_a_cancelled_run_is_not_recorded(cast, run):
    part = claimed(run)
    cancel_run(run=run, by=cast.coordinator)
    fail_run(run=part, reason="late")
    assert not Event.objects.filter(action="fine_tuning.failed").exists()


def test_time_of_training_is_that_of_all_parts(run):
    store(claimed(run), seconds=200.4)
    store(claimed(run), step=2, seconds=61.2)
    finish(claimed(run), seconds=100.0)
    run.refresh_from_db()
    assert run.seconds == pytest.approx(361.6)
    assert run.duration == "6:02"


def test_full_disk_is_retried_and_then_stated_as_the_reason(run, monkeypatch):
    def train_part(**_: object) -> bool:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(training, "train_part", train_part)
    for attempt in range(1, MAX_ATTEMPTS + 1):
        assert run.state == "queued"
        tasks.train_claimed_part(str(run.pk))
        run.refresh_from_db()
        assert run.attempts == attempt
    assert run.state == "failed"
    assert "no space is left" in run.failure


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
    with pytest.raises(StudyError) as refused:
        resume_run(run=run, by=cast.coordinator)
    assert refused.value.status == 429
    run.refresh_from_db()
    assert run.state == "cancelled"


def test_run_resumed_by_a_colleague_counts_for_the_person_who_requested_it(cast, run, monkeypatch):
    monkeypatch.setattr(runs, "MAX_UNFINISHED_OF_PERSON", 1)
    colleague = make_user("cleo")
    add_member(study=cast.study, user=colleague, role=Role.COORDINATOR, site=None)
    cancel_run(run=run, by=colleague)
    ask(cast)
    with pytest.raises(StudyError, match="requested by clara"):
        resume_run(run=run, by=colleague)


def test_parts_are_stored_and_any_number_of_them_is_no_failure(
    run, settings, django_capture_on_commit_callbacks
):
    for step in range(1, MAX_ATTEMPTS + 3):
        part = claimed(run)
        with django_capture_on_commit_callbacks(execute=True):
            store(part, state=b"state %d" % step, step=step)
        run.refresh_from_db()
        assert (run.state, run.step, run.attempts_left) == ("queued", step, True)
        assert run.saved_state.read() == b"state %d" % step
    assert len(list((settings.STORAGE / "models").glob("*.zip"))) == 1


def test_part_without_a_step_keeps_the_state_before_it(run):
    store(claimed(run))
    store(claimed(run), state=b"again")
    run.refresh_from_db()
    assert run.saved_state.read() == b"one"


def test_cancelled_run_stores_nothing_more_and_continues_when_it_is_resumed(cast, run):
    store(claimed(run))
    part = claimed(run)
    cancel_run(run=run, by=cast.coordinator)
    with pytest.raises(ClaimLost):
        record_progress(part, step=2)
    with pytest.raises(ClaimLost):
        store(part, state=b"two", step=2)
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


def test_result_is_a_model_that_no_study_uses(cast, run, settings):
    store(claimed(run))
    before = model_of(cast.study)
    model = finish(claimed(run))
    run.refresh_from_db()
    assert (run.state, run.step, run.result) == ("done", 2, model)
    assert (model.origin, model.state, model.parent) == ("fine_tuned", "ready", run.start)
    assert model_of(cast.study) == before == model_of(cast.outside_study)
    assert not run.saved_state
    assert run.seconds == 2.0
    assert {row.part for row in run.run_cases.all()} == {"training", "validation", "test"}


def test_result_can_be_used_by_other_studies_only(cast, run):
    model = finish(claimed(run))
    with pytest.raises(Conflict) as refused:
        select_model(study=cast.study, model=model, by=cast.coordinator)
    assert refused.value.code == "own_cases"
    assert select_model(study=cast.outside_study, model=model, by=cast.outsider).model == model
