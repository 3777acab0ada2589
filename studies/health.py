"""Whether each part that VerteRead stands on answers."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, JsonResponse

from studies.heartbeat import latest_heartbeat


def healthz(request: HttpRequest) -> JsonResponse:
    parts = {name: _state_of(check) for name, check in CHECKS.items()}
    healthy = all(state == "ok" for state in parts.values())
    return JsonResponse(
        {"status": "ok" if healthy else "degraded", **parts}, status=200 if healthy else 503
    )


def _state_of(check: Callable[[], None]) -> str:
    try:
        check()
    except Exception as error:
        return f"failing: {type(error).__name__}"
    return "ok"


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _broker() -> None:
    cache.set("health", "ok", timeout=10)
    if cache.get("health") != "ok":
        raise ConnectionError


def _worker() -> None:
    if latest_heartbeat() is None:
        raise ConnectionError


def _storage() -> None:
    if not os.access(settings.STORAGE, os.W_OK) or not os.access(settings.SPOOL, os.W_OK):
        raise PermissionError


def _model() -> None:
    weights = settings.WEIGHTS or settings.BASE_DIR / "inference/weights/verteread-lite.safetensors"
    if not Path(weights).is_file():
        raise FileNotFoundError


CHECKS = {
    "database": _database,
    "broker": _broker,
    "worker": _worker,
    "storage": _storage,
    "model": _model,
}
