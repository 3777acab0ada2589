from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from tests.mail.conftest import inbox  # noqa: F401


@pytest.fixture(autouse=True)
def _own_cache(settings: Any) -> None:
    """Count requests in a cache that no other test uses; databases of processes share user keys."""
    backend = "django.core.cache.backends.locmem.LocMemCache"
    settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": str(uuid4())}}
