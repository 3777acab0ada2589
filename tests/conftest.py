from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.core.cache import cache
from django.db import transaction
from django.test import Client, override_settings
from django.urls import Resolver404
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from rest_framework.test import APIClient
from whitenoise.middleware import WhiteNoiseMiddleware

from studies.jobs.queue import BROKER
from studies.readers.sign_in.session_store import SessionStore
from tests.make import Cast
from tests.openapi.document import check_answer
from tests.side_by_side import (  # noqa: F401
    django_db_setup,
    pytest_collection,
    pytest_configure,
    pytest_xdist_auto_num_workers,
    pytest_xdist_make_scheduler,
)
from tools.local.broker import Broker
from tools.local.secrets import load_secrets
from tools.local.workspace import temporary_workspace

CLONE = Path(__file__).resolve().parents[1]
FAST_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# Properties have no deadline, because a slow machine is not a fault of the code. Every run tries
# the same examples, so that a failure is one of the change and not of the day.
hypothesis_settings.register_profile(
    "patient",
    deadline=None,
    derandomize=True,
    max_examples=50,
    suppress_health_check=[HealthCheck.too_slow],
)
hypothesis_settings.load_profile("patient")


@pytest.fixture(autouse=True, scope="session")
def _answers_match_the_openapi_document() -> Iterator[None]:
    """Compare every answer that a client receives from the API with the OpenAPI document."""
    send = Client.request

    def checked(client: Client, **request: Any) -> Any:
        response = send(client, **request)
        if request["PATH_INFO"].startswith("/api/"):
            with suppress(Resolver404):
                check_answer(request["REQUEST_METHOD"], response.resolver_match.route, response)
        return response

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Client, "request", checked)
        yield


@pytest.fixture(autouse=True, scope="session")
def _static_files_are_listed_once() -> Iterator[None]:
    """Share the list of static files, which the middleware of each new client would make again."""
    list_files = WhiteNoiseMiddleware.add_files_from_finders
    files: dict[str, Any] = {}

    def add_files(middleware: WhiteNoiseMiddleware) -> None:
        if not files:
            list_files(middleware)
            files.update(middleware.files)
        middleware.files |= files

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WhiteNoiseMiddleware, "add_files_from_finders", add_files)
        yield


@pytest.fixture(autouse=True)
def _own_folders(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = settings.STORAGE = tmp_path / "storage"
    settings.SPOOL = tmp_path / "spool"
    settings.STORAGE.mkdir()
    settings.SPOOL.mkdir()
    settings.PASSWORD_HASHERS = FAST_HASHERS


@pytest.fixture(autouse=True)
def _work_in_this_process(settings: Any) -> None:
    """Run work in this process: another one would not see the rows of a test's transaction."""
    settings.RUN_IN_CHILD_PROCESS = False


@pytest.fixture(autouse=True)
def _broker_not_known_to_be_away() -> None:
    BROKER.record_success()


@pytest.fixture(scope="module")
def kept_storage(
    django_db_setup: None,  # noqa: F811
    django_db_blocker: Any,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Path]:
    """Return the storage of rows that a module creates once, in an outer transaction.

    Changes by a test are rolled back to these rows. No test of such a module may be
    transactional.
    """
    storage = tmp_path_factory.mktemp("kept")
    folders = {"MEDIA_ROOT": storage, "STORAGE": storage, "PASSWORD_HASHERS": FAST_HASHERS}
    with django_db_blocker.unblock(), transaction.atomic():
        with override_settings(**folders):
            yield storage
        transaction.set_rollback(True)


@pytest.fixture
def cast(db: None) -> Cast:
    return Cast()


def session_of(user: Any) -> str:
    """Return the key of a new session, in two queries; signing in takes twelve."""
    store = SessionStore()
    row = store.create_model_instance(
        {
            SESSION_KEY: str(user.pk),
            BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
            HASH_SESSION_KEY: user.get_session_auth_hash(),
        }
    )
    row.save(force_insert=True)
    return row.session_key


@pytest.fixture
def client_of(db: None) -> Any:
    """Return a function that returns an API client, signed in as a user, which sends JSON."""

    def make(user: Any) -> APIClient:
        client = APIClient()
        client.default_format = "json"
        client.cookies[settings.SESSION_COOKIE_NAME] = session_of(user)
        return client

    return make


@pytest.fixture
def own_broker(settings: Any, monkeypatch: Any) -> Iterator[int]:
    """Return the process ID of a Valkey server that only this test uses and may stop."""
    if not settings.CELERY_BROKER_URL:
        pytest.skip("needs a broker: python -m tools.local run --throwaway -- pytest")
    with temporary_workspace(CLONE) as folder:
        broker = Broker(folder, load_secrets(folder.var))
        broker.start()
        # For Celery the variable takes precedence over the setting.
        monkeypatch.setenv("CELERY_BROKER_URL", broker.url)
        settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": broker.url}}
        try:
            yield cache._cache.get_client().info("server")["process_id"]
        finally:
            broker.stop()
