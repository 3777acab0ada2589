"""The model of a study: which one it is, when it is fixed, and how it is changed afterwards."""

from __future__ import annotations

from contextlib import suppress

from django.db import transaction
from django.db.models import Count

from studies.audit.record import record
from studies.errors import Conflict
from studies.protocol.amendments import AmendmentDetails, record_amendment
from studies.protocol.models import Amendment, Study
from studies.readers.models import User
from studies.registry.installed import installed_model
from studies.registry.models import ModelActivation, RegisteredModel, StudyModel
from studies.registry.usability import check_usable


def current_choice(study: Study) -> StudyModel | None:
    """Return the current choice of a study; None while it uses the active model."""
    choices = StudyModel.objects.filter(study=study).select_related("model", "amendment", "by")
    return choices.order_by("-number").first()


def is_fixed(study: Study) -> bool:
    """Return whether changing the model of a study requires an amendment.

    That is so from the first assignment on, whether or not a registered model was fixed then.
    """
    choice = current_choice(study)
    return bool(choice and choice.binding) or study.reading_lists.exists()


def active_model(study: Study) -> RegisteredModel | None:
    """Return the model for new analyses of a study without a choice.

    It is the last one activated that the study may use, or the installed one.

    Raises
    ------
    Conflict
        There is only the installed model, and it was trained on cases of the study.
    """
    usable = RegisteredModel.objects.usable_by(study)
    activation = ModelActivation.objects.filter(model__in=usable).select_related("model").first()
    if activation is not None:
        return activation.model
    installed = installed_model()
    if installed is not None and not usable.filter(pk=installed.pk).exists():
        raise Conflict(
            "own_cases",
            f"The installed model {installed.name} ({installed.short_checksum}) was trained on "
            "cases of this study, so it cannot be used here. Select another model on the page "
            "Models, or ask an administrator to activate one.",
        )
    return installed


def analysis_model(study: Study) -> RegisteredModel | None:
    """Return the model that analyses new cases of a study.

    None where nothing is registered: the worker then uses its installed weights. A study whose
    cases were assigned without fixing a model, by an earlier version or with a checkpoint in the
    authors' format, does not follow the active model: it keeps the weights of these cases.

    Raises
    ------
    Conflict
        As `active_model`.
    """
    choice = current_choice(study)
    if choice is not None:
        return choice.model
    if study.reading_lists.exists():
        checksum = checksum_of_assigned_cases(study)
        # Its first use registers it, which may be this one after an upgrade.
        installed_model()
        registered: RegisteredModel | None = (
            RegisteredModel.objects.ready().filter(checksum=checksum).first()
        )
        return registered
    return active_model(study)


def model_of(study: Study) -> RegisteredModel | None:
    """Return the model of a study for pages; None as well if there is none that it may use."""
    with suppress(Conflict):
        return analysis_model(study)
    return None


def checksum_of_assigned_cases(study: Study) -> str:
    """Return the SHA-256 of the weights that analysed most of the assigned cases, "" if none."""
    cases = study.cases.filter(readings__isnull=False).order_by()
    rows = cases.values_list("landmark_set__model_checksum").annotate(
        number=Count("pk", distinct=True)
    )
    row = rows.order_by("-number", "landmark_set__model_checksum").first()
    return row[0] or "" if row else ""


def fix_model(
    *, study: Study, by: User | None, model: RegisteredModel | None, choice: StudyModel | None
) -> StudyModel | None:
    """Fix the model of a study at its first assignment; a choice that binds stays as it is.

    The caller has locked the row of the study.

    Parameters
    ----------
    model
        The model to fix, which the study may use; None if none is registered, and then nothing is
        stored.
    choice
        The current choice of the study.
    """
    if choice is not None and choice.binding:
        return choice
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
    check_usable(study, model)
    choice = current_choice(study)
    if choice is not None and choice.model == model:
        raise Conflict("unchanged", "The study already uses this model.")
    if not is_fixed(study):
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
