"""Schemas from types, the document as a whole, and the comparison of answers with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Literal, NotRequired, TypedDict

import pytest
from django.db.models import TextChoices
from django.http import JsonResponse

from studies.openapi import Keyword, describe_shape, describe_type, is_shape
from tests.openapi.document import check_answer, document, resolve_reference

TEXT, NUMBER, NULL = {"type": "string"}, {"type": "number"}, {"type": "null"}


class Colour(TextChoices):
    RED = "red", "as blood"


class PartJSON(TypedDict):
    """A part with ``name``."""

    name: str
    colour: Annotated[str, Colour]
    size: NotRequired[float]


class LabelledPartJSON(PartJSON, total=False):
    label: str


@dataclass(frozen=True)
class Sum:
    """A sum."""

    parts: list[PartJSON]


def refer(shape: Any) -> dict[str, Any]:
    return {"$ref": shape.__name__}


@pytest.mark.parametrize(
    ("hint", "schema"),
    [
        (str, TEXT),
        (datetime, {**TEXT, "format": "date-time"}),
        (date | None, {"anyOf": [{**TEXT, "format": "date"}, NULL]}),
        (Literal["a", "b"], {**TEXT, "enum": ["a", "b"]}),
        (list[str], {"type": "array", "items": TEXT}),
        (tuple[PartJSON, ...], {"type": "array", "items": {"$ref": "PartJSON"}}),
        (dict[str, float], {"type": "object", "additionalProperties": NUMBER}),
        (Annotated[str, Colour], {"$ref": "Colour"}),
        (Annotated[str, Keyword("format", "uuid")], {**TEXT, "format": "uuid"}),
        (Annotated[int, Keyword("enum", (8, 16))], {"type": "integer", "enum": [8, 16]}),
        (NotRequired[Sum], {"$ref": "Sum"}),
        (Any, {}),
    ],
)
def test_annotation_has_its_schema(hint, schema):
    assert describe_type(hint, refer) == schema


def test_tuple_has_a_fixed_length():
    schema = describe_type(tuple[float, float], refer)
    assert schema["prefixItems"] == [NUMBER, NUMBER]
    assert (schema["minItems"], schema["maxItems"]) == (2, 2)


def test_type_that_json_does_not_have_is_an_error():
    with pytest.raises(TypeError, match="cannot describe"):
        describe_type(set[str], refer)


def test_optional_keys_are_not_required():
    assert describe_shape(PartJSON, refer) == {
        "type": "object",
        "properties": {"name": TEXT, "colour": {"$ref": "Colour"}, "size": NUMBER},
        "required": ["name", "colour"],
        "description": "A part with `name`.",
    }
    assert describe_shape(LabelledPartJSON, refer)["required"] == ["name", "colour"]


def test_dataclass_and_choices_are_described():
    assert describe_shape(Sum, refer)["required"] == ["parts"]
    assert describe_shape(Colour, refer) == {
        "type": "string",
        "enum": ["red"],
        "description": "* `red`: as blood",
    }
    assert not is_shape(str) and not is_shape(Colour.RED)


def described() -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (f"{method} {path}", status, resolve_reference(response))
        for path, methods in document()["paths"].items()
        for method, operation in methods.items()
        for status, response in operation["responses"].items()
    ]


def test_every_json_answer_has_a_named_type():
    bodies = [
        (name, status, media_type, content["schema"])
        for name, status, response in described()
        for media_type, content in response.get("content", {}).items()
    ]
    assert len(bodies) > 300
    for name, status, media_type, schema in bodies:
        if media_type == "application/json":
            assert list(schema) == ["$ref"], (name, status)
        else:
            assert schema == {"type": "string", "format": "binary"}, (name, status)


def test_every_error_is_explained_and_has_the_form_of_an_error():
    errors = [(name, response) for name, status, response in described() if status >= "400"]
    for name, response in errors:
        assert response["description"], name
        body = resolve_reference(response["content"]["application/json"]["schema"])
        assert body["properties"]["error"] == {"$ref": "#/components/schemas/ErrorDetail"}, name


READER = {
    "label": "R01",
    "name": "Rita",
    "site": "",
    "read": 1,
    "total": 2,
    "last": None,
    "sessions": 0,
    "last_session": None,
    "median_session_minutes": None,
    "readings_per_session": None,
    "revisions": 0,
    "periods": [],
}
ROUTE = "api/v1/studies/<slug:slug>/progress"


@pytest.mark.parametrize(
    ("body", "status", "fault"),
    [
        ({"readers": [READER], "sites": []}, 200, "'active' is a required property"),
        ({"readers": [], "sites": [], "x": 1}, 200, "'x' was unexpected"),
        ({"readers": 3, "sites": []}, 200, "3 is not of type 'array'"),
        ({"readers": [], "sites": []}, 202, "202, which is not documented"),
        ({"detail": "no"}, 404, "'error' is a required property"),
    ],
)
def test_answer_that_the_document_does_not_describe_fails(body, status, fault):
    with pytest.raises(AssertionError, match=fault):
        check_answer("GET", ROUTE, JsonResponse(body, status=status))


def test_answer_that_the_document_describes_passes():
    body = {"readers": [{**READER, "active": True}], "sites": []}
    check_answer("GET", ROUTE, JsonResponse(body))
    with pytest.raises(AssertionError, match="not in the OpenAPI document"):
        check_answer("POST", ROUTE, JsonResponse(body))
