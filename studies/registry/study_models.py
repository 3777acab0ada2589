"""The model of a study: which one it is, when it is fixed, and how it is changed afterwards."""

from __future__ import annotations

from django.db import transaction

from studies.audit.record import record
from studies.errors import Conflict
from studies.protocol.amendments import AmendmentDetails, record_amendment
from studies.protocol.models import Amendment, Study
from studies.readers.models import User
from studies.registry.installed import installed_model
from studies.registry.models import ModelActivation, RegisteredModel, StudyModel

OWN_CASES = (
    "This model was trained on cases of this study. It would perform better on them than on new "
    "cases, so it cannot be used here. Select another model."
)


def current_choice(study: Study) -> StudyModel | None:
    """Return the current choice of a study; None while it uses the active model."""
    choices = StudyModel.objects.filter(study=study).select_related("model", "amendment", "by")
    return choices.order_by("-number").first()


def active_model(study: Study) -> RegisteredModel | None:
    """Return the model for new analyses of a study without a choice.

    It is the last one activated that was not trained on the study's cases, or the installed one.
    """
    usable = RegisteredModel.objects.usable_by(study)
    activation = ModelActivation.objects.filter(model__in=usable).select_related("model").first()
    return activation.model if activation else installed_model()


def model_of(study: Study) -> RegisteredModel | None:
    """Return the model that analyses new cases of a study.

    None where nothing is registered: the worker then uses its installed weights.
    """
    choice = current_choice(study)
    return choice.model if choice else active_model(study)


def fix_model(*, study: Study, by: User | None) -> StudyModel | None:
    """Fix the current model of a study at its first assignment; later calls change nothing.

    The caller has locked the row of the study. Returns None if no model is registered.
    """
    choice = current_choice(study)
    if choice is not None and choice.binding:
        return choice
    model = choice.model if choice else active_model(study)
    if model is None:
        return None
    return _add_choice(study, model, StudyModel.Kind.FIXED, by, last=choice)


@transaction.atomic
def select_model(
    *, study: Study, model: RegisteredModel, by: User, details: AmendmentDetails | None = None
) -> StudyModel:
    """Select the model for new analyses of a study; landmark sets that exist stay as they are.

    Parameters
    ----------
    details
        The amendment, which is required once the model is fixed.

    Raises
    ------
    Conflict
        The study is locked or uses this model already, or the model is not ready or was trained on
        the study's cases; or the amendment is missing or was recorded before.
    """
    study = Study.objects.select_for_update(no_key=True).get(pk=study.pk)
    if study.locked:
        raise Conflict("locked", "The study is locked. Its model can no longer be changed.")
    _check_usable(study, model)
    choice = current_choice(study)
    if choice is not None and choice.model == model:
        raise Conflict("unchanged", "The study already uses this model.")
    if choice is None or not choice.binding:
        # Before the first assignment there is nothing to amend.
        return _add_choice(study, model, StudyModel.Kind.SELECTED, by, last=choice)
    if details is None:
        raise Conflict(
            "amendment_missing",
            "The model was fixed when cases were assigned. To change it, enter the number, date "
            "and reason of the protocol amendment.",
        )
    change = f"Model for new analyses: {model.name} ({model.short_checksum})"
    amendment = record_amendment(study=study, by=by, details=details, change=change)
    return _add_choice(study, model, StudyModel.Kind.AMENDED, by, amendment, last=choice)


def _check_usable(study: Study, model: RegisteredModel) -> None:
    if RegisteredModel.objects.usable_by(study).filter(pk=model.pk).exists():
        return
    if model.source_studies.filter(pk=study.pk).exists():
        raise Conflict("own_cases", OWN_CASES)
    raise Conflict("model_not_ready", "This model is not ready. Select another one.")


def _add_choice(
    study: Study,
    model: RegisteredModel,
    kind: StudyModel.Kind,
    by: User | None,
    amendment: Amendment | None = None,
    *,
    last: StudyModel | None,
) -> StudyModel:
    choice = StudyModel.objects.create(
        study=study,
        number=last.number + 1 if last else 1,
        model=model,
        kind=kind,
        by=by,
        amendment=amendment,
    )
    record(
        f"study.model_{kind.value}",
        actor=by,
        study=study,
        subject=model.name,
        checksum=model.checksum,
        amendment=amendment.number if amendment else None,
    )
    return choice
