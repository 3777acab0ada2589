"""Actions on fine-tuning runs: request, cancel, resume, and store the results of a worker."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from inference.network.weights_container import summarize_weights
from studies.audit.record import record
from studies.errors import Conflict, StudyError
from studies.fine_tuning.candidates import choose_cases
from studies.fine_tuning.models import FineTuningCase, FineTuningRun
from studies.jobs.claims import claim, lock_claim
from studies.protocol.models import Study
from studies.readers.models import User
from studies.registry.changes import register_fine_tuned
from studies.registry.models import RegisteredModel
from studies.storage.files import transaction_with_files

MIN_PATIENTS: Final = 4
"""With fewer, none could be held out for validation and for the comparison."""
MAX_CASES: Final = 1000
MAX_UNFINISHED_OF_PERSON: Final = 2


@transaction.atomic
def request_fine_tuning(
    *,
    by: User,
    name: str,
    start: RegisteredModel,
    studies: Sequence[Study],
    consent: str,
    left_out: Collection[str] = (),
) -> FineTuningRun:
    """Request a run on the corrected cases of studies that the person coordinates.

    Parameters
    ----------
    start
        The model to start from.
    consent
        The basis on which the images may be used for training.
    left_out
        Labels of cases that are not used, as for `choose_cases`.

    Raises
    ------
    StudyError
        Consent is missing, or too many runs of the person are unfinished.
    Conflict
        The model is not ready, or there are too few corrected cases.
    """
    if not consent.strip():
        raise StudyError(
            "consent_missing", "State the basis on which these images may be used for training."
        )
    if start.state != RegisteredModel.State.READY:
        raise Conflict("model_not_ready", "This model is not ready. Select another one.")
    # The person's row is locked, so that simultaneous requests cannot exceed the limit.
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    if FineTuningRun.objects.filter(by=by).unfinished().count() >= MAX_UNFINISHED_OF_PERSON:
        raise StudyError(
            "too_many_waiting",
            f"{MAX_UNFINISHED_OF_PERSON} of your fine-tuning runs are not finished. Wait until "
            "one finishes, or cancel one.",
            status=429,
        )
    cases = choose_cases(studies, left_out=left_out, most=MAX_CASES)
    patients = {case.patient_id for case in cases}
    if len(patients) < MIN_PATIENTS:
        raise Conflict(
            "too_few_cases",
            f"Corrected cases from at least {MIN_PATIENTS} patients are needed, so that some can "
            f"be held out, but there are {len(patients)}. Correct more cases or select more "
            "studies.",
        )
    run = FineTuningRun(name=name, by=by, start=start, consent=consent.strip())
    run.full_clean(exclude=["saved_state"])
    run.save()
    FineTuningCase.objects.bulk_create(
        FineTuningCase(run=run, case=case, landmark_set=case.landmark_set) for case in cases
    )
    used = {case.study_id: case.study for case in cases}
    run.studies.set(used.values())
    for study in used.values():
        number = sum(case.study_id == study.pk for case in cases)
        record("fine_tuning.requested", actor=by, study=study, subject=run.pk, cases=number)
    return run


@transaction.atomic
def cancel_run(*, run: FineTuningRun, by: User) -> FineTuningRun:
    """Cancel a run in progress; the training so far is kept, so that it can be resumed."""
    run = FineTuningRun.objects.select_for_update().get(pk=run.pk)
    if not run.unfinished:
        raise Conflict("not_running", "This run is not in progress.")
    # The worker notices at its next heartbeat that its claim is gone.
    run.state = FineTuningRun.State.CANCELLED
    run.save(update_fields=["state"])
    record("fine_tuning.cancelled", actor=by, subject=run.pk)
    return run


@transaction.atomic
def resume_run(*, run: FineTuningRun, by: User) -> FineTuningRun:
    """Resume a cancelled or failed run from its saved state."""
    run = FineTuningRun.objects.select_for_update().get(pk=run.pk)
    if not run.resumable:
        raise Conflict("not_resumable", "Only a cancelled or failed run can be resumed.")
    run.reset_attempts()
    run.failure = ""
    run.save(update_fields=["state", "heard_at", "last_attempt", "failure"])
    record("fine_tuning.resumed", actor=by, subject=run.pk)
    return run


def begin_part(*, pk: str) -> FineTuningRun | None:
    """Claim a run; return None if it is finished, cancelled or claimed by another worker."""
    return claim(FineTuningRun.objects.select_related("start", "by"), pk)


def store_part(*, run: FineTuningRun, state: bytes, step: int, log: list[Any]) -> None:
    """Store the state of a claimed run, which then waits for its next part; raises ClaimLost."""
    with transaction_with_files() as save:
        locked: FineTuningRun = lock_claim(run)
        before, locked.step, locked.log = locked.saved_state.name, step, log
        # A part that made no step would otherwise write the name of the state before it.
        if before != locked.saved_state.field.generate_filename(locked, ""):
            save(locked.saved_state, "state.zip", state)
        # The attempts count interruptions in a row, not parts.
        locked.reset_attempts()
        locked.save()
        if before and before != locked.saved_state.name:
            storage = locked.saved_state.storage
            transaction.on_commit(lambda: storage.delete(before))


def finish_run(
    *, run: FineTuningRun, weights: bytes, card: str, evaluation: list[Any], log: list[Any]
) -> RegisteredModel:
    """Register the result of a claimed run as a model, which no study uses yet.

    Raises
    ------
    ClaimLost
        The run was cancelled or taken over.
    """
    with transaction_with_files() as save:
        locked: FineTuningRun = lock_claim(run)
        model = register_fine_tuned(
            by=run.by,
            name=run.name,
            data=weights,
            facts=summarize_weights(weights),
            card=card,
            evaluation=evaluation,
            parent=run.start,
            studies=run.studies.all(),
            images=run.run_cases.values_list("case__image__pixel_hash", flat=True),
            save=save,
        )
        state = locked.saved_state
        before, storage = state.name, state.storage
        locked.result, locked.state = model, FineTuningRun.State.DONE
        locked.step, locked.log, locked.finished_at = locked.steps or 0, log, timezone.now()
        locked.saved_state = ""
        locked.save()
        for study in run.studies.all():
            record("fine_tuning.finished", study=study, subject=run.pk, model=model.short_checksum)
        if before:
            transaction.on_commit(lambda: storage.delete(before))
    return model


def fail_run(*, run: FineTuningRun, reason: str) -> None:
    """Store why a claimed run failed; do nothing if the claim was lost."""
    rows = FineTuningRun.objects.claimed_as(run)
    rows.update(state=FineTuningRun.State.FAILED, failure=reason)
