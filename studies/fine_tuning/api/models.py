"""REST endpoints of models: list, add, activate; and the model of a study."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import parser_classes
from rest_framework.response import Response

from studies.cases.upload.request_body import (
    SLOTS,
    UploadParser,
    check_content_length,
    receive_body,
)
from studies.errors import ErrorJSON, StudyError
from studies.fine_tuning.queueing import queue_check
from studies.protocol.amendments import MAX_REASON, AmendmentDetails
from studies.protocol.models import Study
from studies.readers.access import require_coordinator, require_study_coordinator
from studies.readers.requests import UserAPIRequest, user_api_view
from studies.registry.access import (
    MODELS_PER_PAGE,
    get_visible_model,
    require_model_manager,
    visible_models,
)
from studies.registry.changes import MAX_CARD_CHARACTERS, activate_model, add_model
from studies.registry.representations import (
    ModelPageJSON,
    RegisteredModelJSON,
    StudyModelJSON,
    model_json,
    study_model_json,
)
from studies.registry.study_models import select_model
from studies.registry.uploaded_weights import MAX_WEIGHTS_BYTES

LIST_PARAMETERS = [
    OpenApiParameter("page", str),
    OpenApiParameter("study", str, description="Only models that this study may use (short name)."),
]
# Allowance for the other fields of the form, above all the model card.
FORM_BYTES = 2**20


class ModelInput(serializers.Serializer[Any]):
    """Weights with their name; ``trained_on`` are short names of studies whose cases were used."""

    file = serializers.FileField()
    name = serializers.CharField(max_length=80)
    card = serializers.CharField(max_length=MAX_CARD_CHARACTERS, required=False, allow_blank=True)
    trained_on = serializers.ListField(child=serializers.SlugField(), required=False, max_length=50)


class AmendmentInput(serializers.Serializer[Any]):
    """The amendment of the protocol that changes a fixed model."""

    number = serializers.IntegerField(min_value=1, max_value=999)
    dated = serializers.DateField()
    reason = serializers.CharField(max_length=MAX_REASON)


class SelectModelInput(serializers.Serializer[Any]):
    """The model for new analyses, and the amendment if the study's model is fixed."""

    model = serializers.UUIDField()
    amendment = AmendmentInput(required=False, allow_null=True)


@extend_schema(parameters=LIST_PARAMETERS, responses={200: ModelPageJSON, 404: ErrorJSON})
@user_api_view("GET")
def models(request: UserAPIRequest) -> Response:
    """List the models, newest first."""
    rows = visible_models(request.user)
    if slug := request.query_params.get("study", ""):
        rows = rows.usable_by(require_coordinator(request.user, slug).study)
    page = Paginator(rows, MODELS_PER_PAGE).get_page(request.query_params.get("page"))
    answer: ModelPageJSON = {
        "results": [model_json(model) for model in page.object_list],
        "count": page.paginator.count,
        "page": page.number,
        "pages": page.paginator.num_pages,
    }
    return Response(answer)


@extend_schema(
    request=ModelInput,
    responses={201: RegisteredModelJSON, **dict.fromkeys((404, 408, 411, 429, 503), ErrorJSON)},
)
@user_api_view("POST")
@parser_classes([UploadParser])
def add(request: UserAPIRequest) -> Response:
    """Add a model, which a worker then checks.

    Nothing of the body is read until sender and size have been checked.
    """
    require_model_manager(request.user)
    check_content_length(request)
    if int(request.META["CONTENT_LENGTH"]) > MAX_WEIGHTS_BYTES + FORM_BYTES:
        limit = MAX_WEIGHTS_BYTES // 2**20
        raise StudyError("too_large", f"This file is larger than {limit} MB.", status=413)
    with SLOTS.acquire():
        with receive_body(request._request):
            form = ModelInput(data=request.data)
        form.is_valid(raise_exception=True)
        fields = form.validated_data
        model = add_model(
            by=request.user,
            name=fields["name"],
            data=fields["file"].read(),
            card=fields.get("card", ""),
            trained_on=_studies(fields.get("trained_on", [])),
        )
    # The row is committed, so a worker finds it.
    queue_check(model)
    return Response(model_json(model), status=status.HTTP_201_CREATED)


@extend_schema(request=None, responses={200: RegisteredModelJSON})
@user_api_view("POST")
def activate(request: UserAPIRequest, pk: UUID) -> Response:
    """Use a model for new analyses of all studies that have not selected or fixed another."""
    require_model_manager(request.user)
    model = get_visible_model(request.user, pk)
    return Response(model_json(activate_model(model=model, by=request.user).model))


@extend_schema(responses={200: StudyModelJSON})
@user_api_view("GET")
def study_model(request: UserAPIRequest, slug: str) -> Response:
    """Return the model for new analyses of a study, with its history."""
    return Response(study_model_json(require_coordinator(request.user, slug).study))


@extend_schema(request=SelectModelInput, responses={200: StudyModelJSON})
@user_api_view("POST")
def select(request: UserAPIRequest, slug: str) -> Response:
    """Select the model for new analyses of a study; a fixed one needs an amendment."""
    study = require_study_coordinator(request.user, slug)
    form = SelectModelInput(data=request.data)
    form.is_valid(raise_exception=True)
    amendment = form.validated_data.get("amendment")
    select_model(
        study=study,
        model=get_visible_model(request.user, form.validated_data["model"]),
        by=request.user,
        details=AmendmentDetails(**amendment) if amendment else None,
    )
    return Response(study_model_json(study))


def _studies(slugs: list[str]) -> list[Study]:
    studies = list(Study.objects.filter(slug__in=slugs))
    if missing := set(slugs) - {study.slug for study in studies}:
        raise StudyError("unknown_study", f"There is no study {sorted(missing)[0]}.")
    return studies
