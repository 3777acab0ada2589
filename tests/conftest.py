from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from rest_framework.test import APIClient

from studies.jobs.queue import BROKER
from tests.make import Cast

# A machine's speed says nothing about the code: properties have no deadline.
hypothesis_settings.register_profile(
    "patient", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("patient")


@pytest.fixture(autouse=True)
def _own_folders(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = settings.STORAGE = tmp_path / "storage"
    settings.SPOOL = tmp_path / "spool"
    settings.STORAGE.mkdir()
    settings.SPOOL.mkdir()
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def _broker_not_known_to_be_away() -> None:
    BROKER.worked()


@pytest.fixture
def cast(db: None) -> Cast:
    return Cast()


@pytest.fixture
def client_of(db: None) -> Any:
    """An API client that is signed in as the person, with JSON as its format."""

    def make(user: Any) -> APIClient:
        client = APIClient()
        client.default_format = "json"
        client.force_login(user)
        return client

    return make
