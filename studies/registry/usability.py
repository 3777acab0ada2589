"""Why a study may not use a model, in words; `RegisteredModelQuerySet.usable_by` is the rule."""

from __future__ import annotations

from typing import Final

from django.db.models import Q

from studies.errors import Conflict
from studies.protocol.models import Study
from studies.registry.models import RegisteredModel, TrainedImage

MAX_NAMED: Final = 10
"""Largest number of cases that a message names."""
OWN_CASES = (
    "This model was trained on cases of this study. It would perform better on them than on new "
    "cases, so it cannot be used here. Select another model."
)


def check_usable(study: Study, model: RegisteredModel) -> None:
    """Raise Conflict with the reason if a study may not use a model."""
    if RegisteredModel.objects.usable_by(study).filter(pk=model.pk).exists():
        return
    if model.source_studies.filter(pk=study.pk).exists():
        raise Conflict("own_cases", OWN_CASES)
    if labels := trained_on_cases(study, model):
        raise Conflict(
            "own_cases",
            f"This model was trained on images that are also in this study ({name_cases(labels)}). "
            "It would perform better on them than on new images, so it cannot be used here. Select "
            "another model, or exclude these cases.",
        )
    raise Conflict("model_not_ready", "This model is not ready. Select another one.")


def trained_on_cases(study: Study, model: RegisteredModel, *, site: int | None = None) -> list[str]:
    """Return the labels of the cases of a study, or a site, whose images a model was trained on."""
    trained = TrainedImage.objects.filter(model=model)
    cases = study.cases.filter(Q(practice=False) & ~Q(state="excluded"))
    same = cases.filter(image__pixel_hash__in=trained.values("pixel_hash"))
    if site is not None:
        same = same.filter(site=site)
    return list(same.order_by("label").values_list("label", flat=True))


def trained_on_image(model: RegisteredModel, pixel_hash: str) -> bool:
    """Return whether a model was trained on an image, in whichever study."""
    return TrainedImage.objects.filter(model=model, pixel_hash=pixel_hash).exists()


def name_cases(labels: list[str]) -> str:
    """Return labels as text, the first ones if there are many."""
    more = f" and {len(labels) - MAX_NAMED} more" if len(labels) > MAX_NAMED else ""
    return ", ".join(labels[:MAX_NAMED]) + more
