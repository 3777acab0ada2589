"""The OpenAPI document of the API: schemas from the types of responses, and common errors.

An endpoint names the type of each response: ``extend_schema(responses={200: CaseJSON})``. The type
is a `TypedDict` that the representation returns, so that mypy checks the code and the document
describes the same keys; a dataclass or an enumeration works as well. Statuses that any endpoint of
its kind can have are added here. ``docs/api.md`` explains how responses are compared with the
document.
"""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from enum import Enum
from types import NoneType, UnionType
from typing import (
    Annotated,
    Any,
    Literal,
    NotRequired,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)
from uuid import UUID

from django.db.models import Choices
from drf_spectacular.extensions import OpenApiSerializerExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ComponentRegistry, ResolvedComponent
from drf_spectacular.utils import Direction, OpenApiParameter

from studies.errors import ErrorJSON

JSONSchema = dict[str, Any]


@dataclasses.dataclass(frozen=True, slots=True)
class Keyword:
    """A keyword of JSON Schema for ``Annotated``, beyond what the type says. Must be hashable."""

    name: str
    value: str | int | tuple[str | int | None, ...]


UUIDText = Annotated[str, Keyword("format", "uuid")]
"""A UUID that the representation has converted to text."""

SUFFIX = "JSON"
"""End of the name of a type that has no other purpose than to describe JSON."""
BASIC: dict[Any, JSONSchema] = {
    Any: {},
    NoneType: {"type": "null"},
    bool: {"type": "boolean"},
    date: {"type": "string", "format": "date"},
    datetime: {"type": "string", "format": "date-time"},
    float: {"type": "number"},
    int: {"type": "integer"},
    str: {"type": "string"},
    UUID: {"type": "string", "format": "uuid"},
}
ERRORS = {
    "400": ("Invalid", "The request is not valid."),
    "401": ("SignedOut", "Sign in and repeat the request."),
    "403": ("NotAllowed", "You may not do this, or the CSRF token is missing or out of date."),
    "404": ("NotFound", "The object does not exist, or is not visible to you."),
    "408": ("TooSlow", "The upload stalled or took too long. Nothing was stored."),
    "409": (
        "Conflict",
        "The current state does not allow this, or another person has signed in (`other_user`).",
    ),
    "411": ("LengthMissing", "The request does not state the size of its body."),
    "413": ("TooLarge", "The body is too large."),
    "415": ("UnsupportedMediaType", "The body is not of a documented type."),
    "429": ("TooManyWaiting", "Too many requests of this kind are waiting."),
    "500": (
        "InternalError",
        "An unexpected error. The server's log has the same `request_id`.",
    ),
    "503": (
        "Unavailable",
        "The server or its storage is busy or unavailable. Try again later.",
    ),
    "507": ("StorageFull", "There is no space left on the server."),
}
"""Name and description of the response to each kind of error; its body is `ErrorJSON`."""
EXPECTED_USER = OpenApiParameter(
    "X-Expected-User",
    str,
    OpenApiParameter.HEADER,
    description="Account id of the person for whom the request is made.",
)


class ContractSchema(AutoSchema):
    """Describes an endpoint, with the errors that middleware and framework may return for it."""

    def get_override_parameters(self) -> list[Any]:
        """Return the parameters of every endpoint."""
        return [EXPECTED_USER]

    def get_operation(
        self,
        path: str,
        path_regex: str,
        path_prefix: str,
        method: str,
        registry: ComponentRegistry,
    ) -> JSONSchema | None:
        """Return the operation with its common errors; each error is described in one place."""
        operation = super().get_operation(path, path_regex, path_prefix, method, registry)
        if operation is None:
            return None
        body = _json_content(self.resolve_serializer(cast(Any, ErrorJSON), "response").ref)
        responses: dict[str, Any] = operation["responses"]
        for status in _common_errors(operation, path, method):
            responses.setdefault(status, {"content": body})
        for status, response in responses.items():
            if status not in ERRORS:
                continue
            if response.get("content") == body:
                responses[status] = self._error_response(status, body).ref
            else:
                response["description"] = response["description"] or ERRORS[status][1]
        operation["responses"] = dict(sorted(responses.items()))
        return operation

    def _error_response(self, status: str, body: JSONSchema) -> ResolvedComponent:
        name, description = ERRORS[status]
        component = ResolvedComponent(  # type: ignore[no-untyped-call]  # drf-spectacular
            name=name,
            type="responses",
            schema={"description": description, "content": body},
            object=ErrorJSON,
        )
        self.registry.register_on_missing(component)
        return component


def _json_content(schema: JSONSchema) -> JSONSchema:
    return {"application/json": {"schema": schema}}


def _common_errors(operation: JSONSchema, path: str, method: str) -> set[str]:
    """Return the statuses that do not depend on what the endpoint does."""
    # 409 for every endpoint, since ExpectedUserMiddleware may return it.
    errors = {"400", "401", "409", "500"}
    if "{" in path:
        errors |= {"404"}
    if method != "GET":
        # 403 for a missing CSRF token, 507 for a full disk or database.
        errors |= {"403", "507"}
    if "requestBody" in operation:
        errors |= {"413", "415"}
    return errors


class ShapeExtension(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]  # drf-spectacular
    """Makes a component of the document from a `TypedDict`, a dataclass or an enumeration."""

    @classmethod
    def _matches(cls, target: Any) -> bool:
        return is_shape(target)

    def get_name(self, auto_schema: AutoSchema, direction: Direction) -> str:
        """Return the type's name without its suffix; an inner class also has the outer's name."""
        return str(self.target.__qualname__).replace(".", "").removesuffix(SUFFIX)

    def map_serializer(self, auto_schema: AutoSchema, direction: Direction) -> JSONSchema:
        """Return the schema; types inside it become components as well."""

        return describe_shape(
            self.target, lambda shape: auto_schema.resolve_serializer(shape, direction).ref
        )


def is_shape(hint: Any) -> bool:
    """Return whether a type has a schema with a name."""
    if is_typeddict(hint):
        return True
    return inspect.isclass(hint) and (dataclasses.is_dataclass(hint) or issubclass(hint, Enum))


def describe_shape(shape: Any, refer: Callable[[Any], JSONSchema]) -> JSONSchema:
    """Return the schema of a type for which `is_shape` is true.

    ``refer`` returns the reference to the schema of a further such type.
    """
    if issubclass(shape, Enum):
        values: list[Any] = [member.value for member in shape]
        description = _list_choices(shape) if issubclass(shape, Choices) else shape.__doc__
        schema: JSONSchema = {**BASIC[type(values[0])], "enum": values}
    else:
        hints = get_type_hints(shape, include_extras=True)
        required = _required_keys(shape, hints)
        description = shape.__doc__
        schema = {
            "type": "object",
            "properties": {name: describe_type(hint, refer) for name, hint in hints.items()},
            **({"required": required} if required else {}),
        }
    if description:
        schema["description"] = inspect.cleandoc(description).replace("``", "`")
    return schema


def describe_type(hint: Any, refer: Callable[[Any], JSONSchema]) -> JSONSchema:
    """Return the schema of any annotation of a JSON value. Raises TypeError for other types.

    ``Annotated[str, Case.State]`` is text that is one of the choices;
    ``Annotated[int, Keyword("minimum", 0)]`` adds a keyword of JSON Schema.
    """
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        base, more = arguments
        if is_shape(more):
            return refer(more)
        value = list(more.value) if isinstance(more.value, tuple) else more.value
        return {**describe_type(base, refer), more.name: value}
    if hint in BASIC:
        return dict(BASIC[hint])
    if is_shape(hint):
        return refer(hint)
    if origin is Literal:
        return {**BASIC[type(arguments[0])], "enum": list(arguments)}
    if origin is tuple and arguments[-1] is not Ellipsis:
        items = [describe_type(argument, refer) for argument in arguments]
        count = {"minItems": len(items), "maxItems": len(items)}
        return {"type": "array", "prefixItems": items, "items": False, **count}
    if origin in (Union, UnionType):
        return {"anyOf": [describe_type(argument, refer) for argument in arguments]}
    if origin in (list, tuple, Sequence):
        return {"type": "array", "items": describe_type(arguments[0], refer)}
    if origin in (dict, Mapping):
        return {"type": "object", "additionalProperties": describe_type(arguments[1], refer)}
    if origin is NotRequired:
        return describe_type(arguments[0], refer)
    raise TypeError(f"The API cannot describe {hint}.")


def _required_keys(shape: Any, hints: dict[str, Any]) -> list[str]:
    if dataclasses.is_dataclass(shape):
        return list(hints)
    # `NotRequired` in an annotation that is text is not in `__required_keys__` (Python 3.11).
    return [
        name
        for name, hint in hints.items()
        if name in shape.__required_keys__ and get_origin(hint) is not NotRequired
    ]


def _list_choices(choices: type[Choices]) -> str:
    return "\n".join(f"* `{value}`: {label}" for value, label in choices.choices)
