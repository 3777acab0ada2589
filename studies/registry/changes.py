"""Changes of the registry: add a model, store the result of its check, activate it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any, Final

from django.db import transaction

from inference.network.weights_container import WeightsSummary
from studies.audit.record import record
from studies.errors import Conflict, StudyError
from studies.jobs.claims import claim, lock_claim
from studies.protocol.models import Study
from studies.readers.models import User
from studies.registry.models import ModelActivation, RegisteredModel, TrainedImage
from studies.registry.uploaded_weights import check_uploaded_weights
from studies.storage.files import SaveFile, transaction_with_files

MAX_CARD_CHARACTERS: Final = 50_000
MAX_WAITING: Final = 5
"""Uploaded models that may wait for their check at the same time."""


def add_model(
    *, by: User, name: str, data: bytes, card: str = "", trained_on: Iterable[Study] = ()
) -> RegisteredModel:
    """Add uploaded weights, which a worker checks and evaluates before they can be used.

    Parameters
    ----------
    data
        A safetensors file.
    card
        Model card in Markdown.
    trained_on
        Studies whose cases the weights were trained on outside this platform.

    Weights whose check failed can be added again.

    Raises
    ------
    StudyError
        The file is too large or not a weights file of VerteRead, or too many files wait.
    Conflict
        These weights are already registered.
    """
    if len(card) > MAX_CARD_CHARACTERS:
        text = f"The model card has more than {MAX_CARD_CHARACTERS} characters. Shorten it."
        raise StudyError("card_too_long", text)
    facts = check_uploaded_weights(data)
    checksum = hashlib.sha256(data).hexdigest()
    with transaction_with_files() as save:
        # The person's row is locked, so that simultaneous uploads cannot exceed the limit.
        User.objects.select_for_update(no_key=True).get(pk=by.pk)
        model = _new_or_rejected(checksum)
        model.name, model.card, model.added_by = name, card, by
        model.size_bytes = len(data)
        model.network, model.parameters = facts.network, facts.parameters
        model.trained_on = facts.trained_on
        model.parent = RegisteredModel.objects.filter(checksum=facts.start_checksum).first()
        model.full_clean(exclude=["file"])
        before, storage = model.file.name, model.file.storage
        save(model.file, "weights.safetensors", data)
        model.save()
        # An upload that was rejected may have named other studies.
        model.source_studies.clear()
        model.trained_images.all().delete()
        _add_origins(model, model.parent, studies=trained_on)
        if before:
            transaction.on_commit(lambda: storage.delete(before))
        record("model.added", actor=by, subject=model.short_checksum, name=name)
    return model


def register_fine_tuned(
    *,
    by: User,
    name: str,
    data: bytes,
    facts: WeightsSummary,
    card: str,
    evaluation: list[Any],
    parent: RegisteredModel,
    studies: Iterable[Study],
    images: Iterable[str],
    save: SaveFile,
) -> RegisteredModel:
    """Store the result of a fine-tuning run in the caller's transaction; it is ready, not active.

    If a model already has these weights, it is returned, and what they were trained on is added.

    Parameters
    ----------
    facts
        From the header of ``data``.
    studies
        Studies on whose cases the weights were trained.
    images
        Hashes of the pixels of the images that the weights were trained on.
    save
        Stores the file, from `studies.storage.files.transaction_with_files`.
    """
    checksum = hashlib.sha256(data).hexdigest()
    rows = RegisteredModel.objects.select_for_update(of=("self",))
    existing: RegisteredModel | None = rows.filter(checksum=checksum).first()
    if existing is not None:
        _add_origins(existing, parent, studies=studies, images=images)
        if existing.state != RegisteredModel.State.READY:
            # An upload of the same weights that waits for its check or failed it.
            existing.state, existing.failure = RegisteredModel.State.READY, ""
            existing.evaluation = evaluation
            existing.save(update_fields=["state", "failure", "evaluation"])
            record("model.fine_tuned", actor=by, subject=existing.short_checksum, name=name)
        return existing
    model = RegisteredModel(
        name=name,
        origin=RegisteredModel.Origin.FINE_TUNED,
        state=RegisteredModel.State.READY,
        checksum=checksum,
        size_bytes=len(data),
        network=facts.config.name,
        parameters=facts.parameters,
        trained_on=facts.trained_on[:200],
        card=card[:MAX_CARD_CHARACTERS],
        evaluation=evaluation,
        parent=parent,
        added_by=by,
    )
    save(model.file, "weights.safetensors", data)
    model.save()
    _add_origins(model, parent, studies=studies, images=images)
    record("model.fine_tuned", actor=by, subject=model.short_checksum, name=name)
    return model


def inherited_studies(parent: RegisteredModel | None, studies: Iterable[Study]) -> set[Study]:
    """Return the studies whose cases weights were trained on, including those of the parent."""
    earlier: Iterable[Study] = parent.source_studies.all() if parent else ()
    return {*studies, *earlier}


def _add_origins(
    model: RegisteredModel,
    parent: RegisteredModel | None,
    *,
    studies: Iterable[Study],
    images: Iterable[str] = (),
) -> None:
    """Add what weights were trained on, together with what their initial weights were."""
    model.source_studies.add(*inherited_studies(parent, studies))
    hashes = set(images)
    if parent is not None:
        hashes.update(parent.trained_images.values_list("pixel_hash", flat=True))
    TrainedImage.objects.bulk_create(
        [TrainedImage(model=model, pixel_hash=pixel_hash) for pixel_hash in sorted(hashes)],
        ignore_conflicts=True,
    )


def _new_or_rejected(checksum: str) -> RegisteredModel:
    """Return the row for uploaded weights: a new one, or that of an upload that was rejected.

    A check may be interrupted, or fail for a reason that no longer exists. Nothing refers to a
    rejected model, so that it can simply be checked again.
    """
    rows = RegisteredModel.objects.select_for_update(of=("self",))
    model: RegisteredModel | None = rows.filter(checksum=checksum).first()
    if model is None:
        model = RegisteredModel(origin=RegisteredModel.Origin.UPLOADED, checksum=checksum)
    elif model.state != RegisteredModel.State.REJECTED:
        raise Conflict("registered", f"These weights are already registered as {model.name}.")
    if RegisteredModel.objects.unfinished().count() >= MAX_WAITING:
        raise StudyError(
            "too_many_waiting",
            f"{MAX_WAITING} models are waiting to be checked. Try again when one has been checked.",
            status=429,
        )
    model.reset_attempts()
    model.failure = ""
    return model


def begin_check(*, pk: Any) -> RegisteredModel | None:
    """Claim a model for its check; return None when it no longer waits for one."""
    return claim(RegisteredModel.objects.all(), pk)


@transaction.atomic
def store_check(*, model: RegisteredModel, evaluation: list[Any]) -> None:
    """Store the evaluation of a claimed model, which can then be used; raises ClaimLost."""
    model = lock_claim(model)
    model.state, model.failure = RegisteredModel.State.READY, ""
    model.evaluation = [*model.evaluation, *evaluation]
    model.save(update_fields=["state", "failure", "evaluation"])
    record("model.checked", subject=model.short_checksum)


def reject_model(*, model: RegisteredModel, reason: str) -> None:
    """Store why a claimed model cannot be used; do nothing if the claim was lost."""
    rows = RegisteredModel.objects.claimed_as(model)
    if rows.update(state=RegisteredModel.State.REJECTED, failure=reason):
        record("model.rejected", subject=model.short_checksum)


@transaction.atomic
def activate_model(*, model: RegisteredModel, by: User) -> ModelActivation:
    """Use a model for the new analyses of all studies that have not selected or fixed another.

    Studies with assigned cases keep theirs (`studies.registry.study_models.analysis_model`).

    Raises
    ------
    Conflict
        The model is not ready or is already active.
    """
    # Locked, so that the model is still ready when the transaction ends.
    model = RegisteredModel.objects.select_for_update().get(pk=model.pk)
    if model.state != RegisteredModel.State.READY:
        raise Conflict(
            "model_not_ready", "This model has not passed its check, so it cannot be activated."
        )
    last = ModelActivation.objects.first()
    if last is not None and last.model == model:
        raise Conflict("unchanged", "This model is already active.")
    activation = ModelActivation.objects.create(model=model, by=by)
    record("model.activated", actor=by, subject=model.short_checksum, name=model.name)
    return activation
