"""A real S3 server, and a VerteRead that stores its files there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rest_framework.test import APIClient

from studies import environment
from tests.object_storage.server import BUCKET, SECRET_KEY, S3Server


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    started = S3Server(tmp_path_factory.mktemp("s3"))
    try:
        started.start()
        yield started
    finally:
        started.stop()


@pytest.fixture
def bucket(server: S3Server, settings: Any, monkeypatch: Any) -> Iterator[S3Server]:
    """Files go into the empty bucket; there is no folder that they could go into."""
    for name, value in server.variables.items():
        monkeypatch.setenv(name, value)
    use_bucket(settings)
    settings.MEDIA_ROOT = settings.STORAGE = Path("/nonexistent")
    yield server
    for key in server.stored_keys():
        server.client().delete_object(Bucket=BUCKET, Key=key)


@pytest.fixture
def stopped(bucket: S3Server) -> Iterator[S3Server]:
    """The server is down until the test starts it again."""
    yield bucket
    bucket.stop_gateway()
    bucket.start_gateway()


def use_bucket(settings: Any) -> None:
    options = environment.object_storage("VERTEREAD_S3_")
    settings.STORAGES = settings.STORAGES | {
        "default": {"BACKEND": "studies.storage.object_storage.ObjectStorage", "OPTIONS": options}
    }


@pytest.fixture
def sign_in(bucket: S3Server, client_of: Any) -> Any:
    """Clients whose every answer is searched for the address and the keys of the bucket."""

    def make(user: Any) -> APIClient:
        client = client_of(user)
        request = client.request

        def checked(**environ: Any) -> Any:
            response = request(**environ)
            shown = str(response.headers)
            if not response.streaming:
                shown += response.content.decode(errors="replace")
            for secret in (bucket.address, BUCKET, SECRET_KEY, "X-Amz"):
                assert secret not in shown
            return response

        client.request = checked
        return client

    return make
