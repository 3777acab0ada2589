"""The OpenAPI document, and the comparison of an answer with it.

``tests/conftest.py`` compares every answer of the API that any test receives from a client.
"""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE"}
# A method that an address does not have is not in the document.
UNDESCRIBED = {405}
PARAMETER = re.compile(r"<[^>]*>|\{[^}]*\}")


@cache
def document() -> Any:
    """Return the document with closed objects, so that an undocumented key is a fault."""
    rendered = OpenApiJsonRenderer().render(SchemaGenerator().get_schema(public=True))
    return closed(json.loads(rendered))


def closed(schema: Any) -> Any:
    """Return a copy in which objects with named properties have no others."""
    if isinstance(schema, list):
        return [closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    copy = {name: closed(part) for name, part in schema.items()}
    if copy.get("type") == "object" and "properties" in copy:
        copy.setdefault("additionalProperties", False)
    return copy


def resolve_reference(part: dict[str, Any]) -> dict[str, Any]:
    """Return a part of the document, or what its reference points to."""
    while "$ref" in part:
        target = document()
        for name in part["$ref"].removeprefix("#/").split("/"):
            target = target[name]
        part = target
    return part


@cache
def operations() -> dict[tuple[str, str], dict[str, Any]]:
    """Return the operations by method and address, with empty brackets for its parameters."""
    return {
        (method.upper(), PARAMETER.sub("{}", path)): operation
        for path, methods in document()["paths"].items()
        for method, operation in methods.items()
        if method.upper() in METHODS
    }


@cache
def validator(method: str, route: str, status: str, media_type: str) -> Draft202012Validator:
    """Return the validator of an answer; fails if the document does not have it."""
    operation = operations().get((method, PARAMETER.sub("{}", route)))
    assert operation is not None, f"{method} {route} is not in the OpenAPI document"
    response = operation["responses"].get(status)
    assert response is not None, f"{method} {route} answered {status}, which is not documented"
    content = resolve_reference(response).get("content", {})
    assert media_type in content or (not media_type and not content), (
        f"{method} {route} answered {status} with {media_type!r}, which is not documented"
    )
    schema = content[media_type]["schema"] if media_type else {}
    return Draft202012Validator({**schema, "components": document()["components"]})


def check_answer(method: str, route: str, response: Any) -> None:
    """Fail unless the document describes this answer to a request for an address."""
    if method not in METHODS or response.status_code in UNDESCRIBED or route.endswith("schema/"):
        return
    media_type = response.headers.get("Content-Type", "") if response.status_code != 204 else ""
    checker = validator(method, f"/{route}", str(response.status_code), media_type)
    if media_type == "application/json":
        error = best_match(checker.iter_errors(json.loads(response.content)))
        assert error is None, f"{method} {route}, {error.json_path}: {error.message}"
