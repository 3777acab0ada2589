"""Requests that schemathesis makes from the OpenAPI document, and its checks of the answers.

Only the process that runs their tests loads this module: schemathesis takes seconds to load.
"""

from __future__ import annotations

from copy import deepcopy
from functools import cache
from typing import Any

import schemathesis
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.openapi.document import document

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@cache
def operations() -> dict[str, Any]:
    """Return the operations of the document by method and address."""
    api = schemathesis.openapi.from_dict(deepcopy(document()))
    return {operation.ok().label: operation.ok() for operation in api.get_all_operations()}


def requests_to(operation: Any, parameters: dict[str, Any], headers: dict[str, str]) -> Any:
    """Return a strategy of valid and invalid requests to an address, and of valid others."""
    options = {"path_parameters": parameters, "headers": headers}
    return st.one_of(
        operation.as_strategy(GenerationMode.POSITIVE, **options),
        operation.as_strategy(GenerationMode.NEGATIVE, **options),
        operation.as_strategy(GenerationMode.POSITIVE),
    )
