"""Every error below ``/api/`` is JSON: requests through the whole WSGI application."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from wsgiref.util import setup_testing_defaults

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import OperationalError, close_old_connections
from django.test import Client
from rest_framework.exceptions import Throttled

from studies.readers import api
from studies.readers.sign_in.session_store import SessionStore
from tests.make import make_user
from tests.openapi.document import check_answer, operations, resolve_reference

pytestmark = pytest.mark.django_db
PREFERENCES = "/api/v1/me/preferences"
SECRET = "the text of the exception"
TOKEN = "a" * 32


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def error(self) -> Any:
        return json.loads(self.body)["error"]


Send = Callable[..., Answer]


@pytest.fixture
def send(settings: Any) -> Any:
    """Send requests as the web server does; Django's test client would raise the exceptions."""
    settings.DEBUG = False
    settings.ALLOWED_HOSTS = ["testserver"]
    client = Client()
    client.force_login(make_user("rita"))
    cookies = f"sessionid={client.cookies['sessionid'].value}; csrftoken={TOKEN}"
    application = WSGIHandler()

    def request(method: str, path: str, body: bytes = b"", **environment: str) -> Answer:
        address, _, query = path.partition("?")
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "PATH_INFO": address,
            "QUERY_STRING": query,
            "HTTP_HOST": "testserver",
            "HTTP_COOKIE": cookies,
            "HTTP_ACCEPT": "text/html",
            "HTTP_X_CSRFTOKEN": TOKEN,
            "CONTENT_TYPE": "application/json",
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": BytesIO(body),
            **environment,
        }
        setup_testing_defaults(environ)
        started: list[Any] = []
        chunks = application(
            environ, lambda status, headers, _=None: started.append([status, headers])
        )
        [[status, headers]] = started
        return Answer(int(status[:3]), dict(headers), b"".join(chunks))

    # The connection of the test's transaction stays open.
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield request
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.mark.parametrize(
    ("method", "path", "environment", "status", "code"),
    [
        ("GET", "/api/v1/unknown", {}, 404, "not_found"),
        ("POST", "/api/unknown", {}, 404, "not_found"),
        ("GET", "/api/v1/cases/not-a-uuid", {}, 404, "not_found"),
        ("GET", f"{PREFERENCES}?x=%00", {}, 400, "invalid"),
        ("GET", PREFERENCES, {"HTTP_HOST": "elsewhere.example"}, 400, "invalid"),
        ("PUT", PREFERENCES, {"HTTP_X_CSRFTOKEN": ""}, 403, "permission_denied"),
        ("GET", PREFERENCES, {"HTTP_COOKIE": ""}, 401, "signed_out"),
        ("DELETE", PREFERENCES, {}, 405, "method_not_allowed"),
        ("PUT", PREFERENCES, {"CONTENT_TYPE": "text/plain"}, 415, "unsupported_media_type"),
    ],
)
def test_rejected_request_is_answered_with_json(send, method, path, environment, status, code):
    answer = send(method, path, b"{}" if method == "PUT" else b"", **environment)
    assert (answer.status, answer.headers["Content-Type"]) == (status, "application/json")
    assert answer.error["code"] == code
    assert answer.error["message"]
    assert set(answer.error) == {"code", "message"}


def test_body_that_is_too_large_is_answered_with_json(send):
    answer = send("PUT", PREFERENCES, b'{"keys": "' + b"x" * 300_000 + b'"}')
    assert (answer.status, answer.error["code"]) == (413, "too_large")


def test_throttled_request_is_answered_with_json_and_the_time_to_wait(send, monkeypatch):
    monkeypatch.setattr(api, "PreferencesInput", _raising(Throttled(30)))
    answer = send("PUT", PREFERENCES, b"{}")
    assert (answer.status, answer.error["code"]) == (429, "throttled")


def test_method_that_is_not_allowed_names_the_others(send):
    assert "PUT" in send("DELETE", PREFERENCES).headers["Allow"]


def test_exception_of_a_view_is_json_whose_id_is_in_the_log(send, monkeypatch, caplog):
    monkeypatch.setattr(api, "PreferencesInput", _raising(RuntimeError(SECRET)))
    answer = send("PUT", PREFERENCES, b"{}")
    _check_internal_error(answer, caplog)


def test_exception_of_middleware_is_json_whose_id_is_in_the_log(send, monkeypatch, caplog):
    monkeypatch.setattr(SessionStore, "load", _raising(OperationalError(SECRET)))
    answer = send("GET", PREFERENCES)
    _check_internal_error(answer, caplog)


def test_debug_mode_answers_the_api_with_json_too(send, monkeypatch, caplog, settings):
    settings.DEBUG = True
    monkeypatch.setattr(api, "PreferencesInput", _raising(RuntimeError(SECRET)))
    answer = send("PUT", PREFERENCES, b"{}")
    assert (answer.status, answer.error["code"]) == (500, "internal_error")
    assert SECRET not in answer.body.decode()
    assert answer.error["request_id"] in caplog.text


def test_exception_of_a_page_is_a_page_that_shows_the_id(send, monkeypatch, caplog):
    monkeypatch.setattr(SessionStore, "load", _raising(OperationalError(SECRET)))
    answer = send("GET", "/")
    assert (answer.status, answer.headers["Content-Type"]) == (500, "text/html; charset=utf-8")
    request_id = re.search("request ID ([0-9a-f]{8})", answer.body.decode())
    assert request_id is not None
    assert request_id[1] in caplog.text
    assert SECRET not in answer.body.decode()


def test_every_endpoint_documents_an_internal_error():
    for label, operation in operations().items():
        response = resolve_reference(operation["responses"]["500"])
        assert response["content"]["application/json"]["schema"] == {
            "$ref": "#/components/schemas/Error"
        }, label


def test_unknown_page_is_a_page(send):
    answer = send("GET", "/unknown")
    assert (answer.status, answer.headers["Content-Type"]) == (404, "text/html; charset=utf-8")


def _raising(error: Exception) -> Callable[..., Any]:
    def fail(*_: Any, **__: Any) -> Any:
        raise error

    return fail


def _check_internal_error(answer: Answer, caplog: Any) -> None:
    assert (answer.status, answer.headers["Content-Type"]) == (500, "application/json")
    assert answer.error["code"] == "internal_error"
    text = answer.body.decode()
    assert SECRET not in text
    assert "Traceback" not in text
    # Several parts of the middleware may fail for the same reason; the answer is that of the last.
    errors = [record for record in caplog.records if record.levelno == logging.ERROR]
    (line,) = [record for record in errors if answer.error["request_id"] in record.getMessage()]
    assert line.exc_info is not None
    assert SECRET in str(line.exc_info[1])
    assert answer.error["request_id"] in answer.error["message"]
    response = type(
        "R",
        (),
        {
            "status_code": 500,
            "headers": answer.headers,
            "content": answer.body,
        },
    )
    check_answer("PUT", "api/v1/me/preferences", response)
