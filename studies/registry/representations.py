"""JSON of registered models and of the model of a study."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, TypedDict

from studies.openapi import UUIDText
from studies.protocol.models import Study
from studies.registry.models import RegisteredModel, StudyModel
from studies.registry.study_models import is_fixed, model_of


class EvaluationJSON(TypedDict):
    """The evaluation of weights on one set of images.

    ``mean_px`` and ``median_px`` are absolute differences per coordinate in the 512 x 1024 frame,
    with each corner compared by its label; null if no corner was predicted. ``weights`` names the
    weights, if a table compares two.
    """

    images: str
    weights: str
    count: int
    mean_px: float | None
    median_px: float | None
    bodies: int
    bodies_right: int
    bodies_missed: int


class RegisteredModelJSON(TypedDict):
    """A model; ``checksum`` is the SHA-256 of its weights file."""

    id: UUIDText
    name: str
    origin: Annotated[str, RegisteredModel.Origin]
    state: Annotated[str, RegisteredModel.State]
    failure: str
    checksum: str
    size_bytes: int
    network: str
    parameters: int
    trained_on: str
    evaluation: list[EvaluationJSON]
    added_at: datetime


class ModelPageJSON(TypedDict):
    """One page of the models; ``count`` is the number of models on all pages together."""

    results: list[RegisteredModelJSON]
    count: int
    page: int
    pages: int


class ModelNameJSON(TypedDict):
    """A model in the history of a study."""

    id: UUIDText
    name: str
    checksum: str


class AmendmentJSON(TypedDict):
    """The amendment that changed the model of a study."""

    number: int
    dated: date
    reason: str


class StudyModelChangeJSON(TypedDict):
    """A model of a study, and the time from which it applied."""

    number: int
    model: ModelNameJSON
    kind: Annotated[str, StudyModel.Kind]
    amendment: AmendmentJSON | None
    at: datetime


class StudyModelJSON(TypedDict):
    """The model for new analyses of a study; null if none is registered or it may use none.

    ``fixed`` states whether changing the model requires an amendment.
    """

    model: RegisteredModelJSON | None
    fixed: bool
    history: list[StudyModelChangeJSON]


def model_json(model: RegisteredModel) -> RegisteredModelJSON:
    """Return a model."""
    return {
        "id": str(model.pk),
        "name": model.name,
        "origin": model.origin,
        "state": model.state,
        "failure": model.failure,
        "checksum": model.checksum,
        "size_bytes": model.size_bytes,
        "network": model.network,
        "parameters": model.parameters,
        "trained_on": model.trained_on,
        "evaluation": model.evaluation,
        "added_at": model.added_at,
    }


def study_model_json(study: Study) -> StudyModelJSON:
    """Return the model of a study with its history."""
    model = model_of(study)
    history = study.study_models.select_related("model", "amendment").order_by("number")
    return {
        "model": model_json(model) if model else None,
        "fixed": is_fixed(study),
        "history": [_change_json(row) for row in history],
    }


def _change_json(row: StudyModel) -> StudyModelChangeJSON:
    amendment = row.amendment
    return {
        "number": row.number,
        "model": {
            "id": str(row.model_id),
            "name": row.model.name,
            "checksum": row.model.checksum,
        },
        "kind": row.kind,
        "amendment": None
        if amendment is None
        else {"number": amendment.number, "dated": amendment.dated, "reason": amendment.reason},
        "at": row.at,
    }
