"""Generated requests to every endpoint, as coordinator, reader and anonymous.

Schemathesis makes requests from the OpenAPI document, valid and invalid ones, to addresses that
exist and to others. No answer may be an internal error, and the document describes every status,
content type and body. The requests are the same in every run, and their changes are rolled back.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from django.test import Client
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings

from tests.make import Cast
from tests.openapi.document import METHODS, document
from tests.security.played_study import played, played_once  # noqa: F401

pytestmark = pytest.mark.django_db

# Most requests of a stranger end at the same check.
EXAMPLES = {"coordinator": 3, "reader": 2, "anonymous": 1}
THOROUGHNESS = [
    pytest.param(1, id="some"),
    pytest.param(16, id="many", marks=pytest.mark.slow),
]
CSRF_TOKEN = "c" * 32
# Reproducible, and without a database of examples, which processes would share.
PROFILE = hypothesis_settings(
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@contextmanager
def open_connection() -> Iterator[None]:
    """Keep the connection at the end of a request, as Django's test client does."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    try:
        yield
    finally:
        for signal in signals:
            signal.connect(close_old_connections)


def labels() -> list[str]:
    """Return the operations of the document as schemathesis names them."""
    return [
        f"{method.upper()} {path}"
        for path, methods in document()["paths"].items()
        for method in methods
        if method.upper() in METHODS
    ]


@pytest.fixture(scope="module")
def generator() -> Any:
    return import_module("tests.openapi.generator")


def existing_parameters(operation: Any, cast: Cast) -> dict[str, Any]:
    """Return parameters of an address that exists, without those that do not name an object."""
    path = operation.path
    objects = {
        "/api/v1/cases/": cast.cases[0].pk,
        "/api/v1/readings/": cast.reading.pk,
        "/api/v1/uploads/": cast.upload.pk,
        "/api/v1/announcements/": cast.announcement.pk,
    }
    key = next((str(pk) for start, pk in objects.items() if path.startswith(start)), None)
    parameters = {"slug": cast.study.slug, "id": key, "version": 1}
    return {name: value for name, value in parameters.items() if f"{{{name}}}" in path}


def test_every_operation_is_tested(generator):
    assert generator.operations().keys() == set(labels())


@pytest.mark.parametrize("times", THOROUGHNESS)
@pytest.mark.parametrize("role", EXAMPLES)
@pytest.mark.parametrize("label", labels())
def test_document_describes_every_answer(
    generator,
    label,
    role,
    times,
    played,  # noqa: F811
    client_of,
    settings,
):
    settings.ALLOWED_HOSTS = ["testserver", "localhost"]
    operation = generator.operations()[label]
    person = {"coordinator": played.coordinator, "reader": played.reader.user}.get(role)
    client = client_of(person) if person else Client()
    cookies = {name: morsel.value for name, morsel in client.cookies.items()}
    cookies[django_settings.CSRF_COOKIE_NAME] = CSRF_TOKEN
    headers = {"X-Expected-User": str(person.pk)} if person else {}
    if role == "reader":
        client.post(f"/api/v1/readings/{played.reading.pk}/open")
    application = WSGIHandler()

    @hypothesis_settings(PROFILE, max_examples=times * EXAMPLES[role])
    @given(case=generator.requests_to(operation, existing_parameters(operation, played), headers))
    def exchange(case: Any) -> None:
        with transaction.atomic(), open_connection():
            response = case.call(
                app=application,
                cookies=cookies,
                headers={"X-CSRFToken": CSRF_TOKEN},
            )
            transaction.set_rollback(True)
        # Otherwise nothing beyond authentication would be tested.
        assert response.status_code != 401 or person is None
        case.validate_response(response, checks=generator.CHECKS)

    exchange()
