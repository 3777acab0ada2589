"""Actions on fine-tuning runs: request, cancel, resume, and store the results of a worker."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from inference.network.weights_container import summarize_weights
from studies.audit.record import record
from studies.cases.models import Case
from studies.errors import Conflict, StudyError
from studies.fine_tuning.candidates import choose_cases
from studies.fine_tuning.models import FineTuningCase, FineTuningRun
from studies.fine_tuning.patients import Patients, find_patients
from studies.jobs.claims import claim, lock_claim
from studies.protocol.models import Study
from studies.protocol.study_lock import lock_study_row
from studies.readers.models import User
from studies.registry.changes import register_fine_tuned
from studies.registry.models import RegisteredModel
from studies.storage.files import transaction_with_files

MIN_PATIENTS: Final = 4
"""With fewer, none could be held out for validation and for the comparison."""
MAX_CASES: Final = 1000
MAX_UNFINISHED_OF_PERSON: Final = 2


class CasesChanged(Exception):
    """A case that was trained on was excluded, rejected or sent back to review."""


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
        Consent is missing, a label is unknown, or too many runs of the person are unfinished.
    Conflict
        The model is not ready, there are too few corrected cases, the model was trained on too many
        of their patients, or another run is the same.
    """
    if not consent.strip():
        raise StudyError(
            "consent_missing", "State the basis on which these images may be used for training."
        )
    if start.state != RegisteredModel.State.READY:
        raise Conflict("model_not_ready", "This model is not ready. Select another one.")
    _check_limit(by)
    cases = choose_cases(studies, left_out=left_out, most=MAX_CASES)
    _check_patients(find_patients(cases, start))
    fingerprint = _fingerprint(start, cases)
    _check_new(fingerprint)
    run = FineTuningRun(
        name=name, by=by, start=start, consent=consent.strip(), fingerprint=fingerprint
    )
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


def _check_limit(by: User) -> None:
    """Lock the person's row and check the number of their unfinished runs; raises StudyError."""
    # Locked, so that simultaneous requests cannot exceed the limit.
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    if FineTuningRun.objects.filter(by=by).unfinished().count() >= MAX_UNFINISHED_OF_PERSON:
        raise StudyError(
            "too_many_waiting",
            f"{MAX_UNFINISHED_OF_PERSON} fine-tuning runs requested by {by.shown_name} are not "
            "finished. Wait until one finishes, or cancel one.",
            status=429,
        )


def _check_patients(patients: Patients) -> None:
    if len(patients.codes) < MIN_PATIENTS:
        raise Conflict(
            "too_few_cases",
            f"Corrected cases from at least {MIN_PATIENTS} patients are needed, so that some can "
            f"be held out, but there are {len(patients.codes)}. Correct more cases or select more "
            "studies.",
        )
    if len(patients.unseen) < MIN_PATIENTS:
        raise Conflict(
            "trained_before",
            f"The initial weights were already trained on {len(patients.trained_before)} of these "
            f"{len(patients.codes)} patients. At least {MIN_PATIENTS} others are needed, so that "
            "the comparison is independent. Select other initial weights, or correct cases of more "
            "patients.",
        )


def _check_new(fingerprint: str) -> None:
    """Raise Conflict if an unfinished or finished run has the same weights and landmarks."""
    ended = [FineTuningRun.State.CANCELLED, FineTuningRun.State.FAILED]
    same = FineTuningRun.objects.filter(fingerprint=fingerprint).exclude(state__in=ended).first()
    if same is not None:
        # Its cases are of the same studies, so the person may see it.
        raise Conflict(
            "same_run",
            f"The run {same.name} has the same initial weights and landmarks and would give the "
            "same result. Use that run, or change the cases.",
        )


def _fingerprint(start: RegisteredModel, cases: Sequence[Case]) -> str:
    """Return the SHA-256 of what determines the result of a run."""
    sets = sorted(str(case.landmark_set_id) for case in cases)
    return hashlib.sha256("\n".join([start.checksum, *sets]).encode()).hexdigest()


@transaction.atomic
def cancel_run(*, run: FineTuningRun, by: User) -> FineTuningRun:
    """Cancel a run in progress; the training so far is kept, so that it can be resumed."""
    run = FineTuningRun.objects.select_for_update().get(pk=run.pk)
    if not run.unfinished:
        raise Conflict("not_running", "This run is not in progress.")
    # The worker notices at its next heartbeat that its claim is gone.
    run.state = FineTuningRun.State.CANCELLED
    run.save(update_fields=["state"])
    _record(run, "fine_tuning.cancelled", by=by)
    return run


@transaction.atomic
def resume_run(*, run: FineTuningRun, by: User) -> FineTuningRun:
    """Resume a cancelled or failed run; the limit is that of the person who requested it."""
    run = FineTuningRun.objects.select_for_update(of=("self",)).select_related("by").get(pk=run.pk)
    if not run.resumable:
        raise Conflict("not_resumable", "Only a cancelled or failed run can be resumed.")
    _check_limit(run.by)
    run.reset_attempts()
    run.failure = ""
    run.save(update_fields=["state", "heard_at", "last_attempt", "failure"])
    _record(run, "fine_tuning.resumed", by=by)
    return run


def _record(run: FineTuningRun, action: str, *, by: User | None = None, **data: Any) -> None:
    """Record an event in every study of a run."""
    for study in run.studies.all():
        record(action, actor=by, study=study, subject=run.pk, **data)


def begin_part(*, pk: str) -> FineTuningRun | None:
    """Claim a run; return None if it is finished, cancelled or claimed by another worker."""
    return claim(FineTuningRun.objects.select_related("start", "by"), pk)


def check_cases(run: FineTuningRun) -> None:
    """Raise CasesChanged if a case that was trained on may no longer be used."""
    if run.run_cases.used().withdrawn().exists():
        raise CasesChanged


def store_part(
    *,
    run: FineTuningRun,
    state: bytes,
    step: int,
    log: list[Any],
    parts: Mapping[Any, str],
    seconds: float,
) -> None:
    """Store the state of a claimed run, which then waits for its next part; raises ClaimLost.

    Parameters
    ----------
    parts
        The part of the split by primary key of each case that is trained on.
    seconds
        Time that the worker spent on this part.
    """
    with transaction_with_files() as save:
        locked: FineTuningRun = lock_claim(run)
        before, locked.step, locked.log = locked.saved_state.name, step, log
        locked.seconds += seconds
        # A part that made no step would otherwise write the name of the state before it.
        if before != locked.saved_state.field.generate_filename(locked, ""):
            save(locked.saved_state, "state.zip", state)
        # The attempts count interruptions in a row, not parts.
        locked.reset_attempts()
        locked.save()
        _store_parts(locked, parts)
        if before and before != locked.saved_state.name:
            storage = locked.saved_state.storage
            transaction.on_commit(lambda: storage.delete(before))


def finish_run(
    *,
    run: FineTuningRun,
    weights: bytes,
    card: str,
    evaluation: list[Any],
    comparison: dict[str, Any],
    log: list[Any],
    parts: Mapping[Any, str],
    seconds: float,
) -> RegisteredModel:
    """Register the result of a claimed run as a model, which no study uses yet.

    If a model already has the same weights, it is the result.

    Parameters
    ----------
    comparison
        Errors before and after, from `studies.fine_tuning.evaluation.comparison_json`.
    parts, seconds
        As for `store_part`.

    Raises
    ------
    ClaimLost
        The run was cancelled or taken over.
    CasesChanged
        A case was excluded, rejected or sent back to review while the worker trained on it.
    """
    with transaction_with_files() as save:
        locked: FineTuningRun = lock_claim(run)
        # The studies before the cases, as everywhere; registering the model refers to them.
        studies = [lock_study_row(pk) for pk in sorted(locked.studies.values_list("pk", flat=True))]
        # Locked, so that no case can be withdrawn before the model is registered.
        used = Case.objects.in_use().filter(pk__in=parts).order_by("pk")
        if len(used.select_for_update(no_key=True).values_list("pk")) < len(parts):
            raise CasesChanged
        model = register_fine_tuned(
            by=run.by,
            name=run.name,
            data=weights,
            facts=summarize_weights(weights),
            card=card,
            evaluation=evaluation,
            parent=run.start,
            studies=studies,
            # Cases that were withdrawn before the training began have no part in the weights.
            images=used.values_list("image__pixel_hash", flat=True),
            save=save,
        )
        state = locked.saved_state
        before, storage = state.name, state.storage
        locked.result, locked.state = model, FineTuningRun.State.DONE
        locked.step, locked.log, locked.finished_at = locked.steps or 0, log, timezone.now()
        locked.comparison, locked.seconds = comparison, locked.seconds + seconds
        locked.saved_state = ""
        locked.save()
        _store_parts(locked, parts)
        _record(locked, "fine_tuning.finished", model=model.short_checksum)
        if before:
            transaction.on_commit(lambda: storage.delete(before))
    return model


def _store_parts(run: FineTuningRun, parts: Mapping[Any, str]) -> None:
    for part in FineTuningCase.Part.values:
        cases = [pk for pk, name in parts.items() if name == part]
        run.run_cases.filter(case__in=cases).exclude(part=part).update(part=part)


@transaction.atomic
def fail_run(*, run: FineTuningRun, reason: str) -> None:
    """Store why a claimed run failed; do nothing if the claim was lost."""
    rows = FineTuningRun.objects.claimed_as(run)
    if rows.update(state=FineTuningRun.State.FAILED, failure=reason):
        _record(run, "fine_tuning.failed")
