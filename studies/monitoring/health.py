"""Liveness and readiness endpoints, served before any other middleware.

Orchestrators and load balancers send requests to an IP address over plain HTTP, so neither the
check of the host name nor the redirect to HTTPS may apply. Anyone can read the responses, so they
show only the class of an error.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.core.files.storage import storages
from django.db import connections
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse

from studies.monitoring.heartbeat import Heartbeat, latest_heartbeats
from studies.monitoring.timed_check import TimedCheck
from studies.storage.folder import check_writable

# Less than the usual five-second timeout of a probe.
DEADLINE_S = 4
STATEMENT_TIMEOUT_MS = 3000
OK, UNKNOWN = "ok", "unknown"
PART_OF_QUEUE = {"analyses": "worker", "reports": "reports"}
"""The part of the answer that says whether a worker takes from a queue."""


class HealthCheckMiddleware:
    """Middleware that serves /livez, /readyz and /healthz; it must come first."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = ANSWERS.get(request.path_info)
        if answer is None:
            return self.get_response(request)
        response = answer() if request.method in {"GET", "HEAD"} else _not_allowed()
        response["Cache-Control"] = "no-store"
        response["Content-Length"] = str(len(response.content))
        if request.method == "HEAD":
            response.content = b""
        return response


def livez() -> HttpResponse:
    """Report that the process responds; no other service is involved."""
    return JsonResponse({"status": OK})


def readyz() -> HttpResponse:
    """Report whether requests can be served.

    Only database and storage decide the status code: without broker and worker, pages still work.
    """
    deadline = time.monotonic() + DEADLINE_S
    # All three at once, so that their time limits do not add up.
    database, storage, broker = DATABASE.start(), STORAGE.start(), BROKER.start()
    parts = {
        "database": _state(database, deadline),
        "storage": _state(storage, deadline),
        "broker": _state(broker, deadline),
        **dict.fromkeys(PART_OF_QUEUE.values(), UNKNOWN),
        "model": UNKNOWN,
    }
    if parts["broker"] == OK:
        parts |= _worker_states(broker.result())
    # Broker and worker do not count: without them pages still work, and a load balancer would
    # otherwise take the whole site down.
    ready = parts["database"] == parts["storage"] == OK
    complete = all(state == OK for state in parts.values())
    status = OK if complete else "degraded" if ready else "failing"
    return JsonResponse({"status": status, **parts}, status=200 if ready else 503)


def _not_allowed() -> HttpResponse:
    return HttpResponseNotAllowed(["GET", "HEAD"])


def _state(future: Future[Any], deadline: float) -> str:
    try:
        future.result(timeout=max(0.0, deadline - time.monotonic()))
    except Exception as error:
        return f"failing: {type(error).__name__}"
    return OK


def _worker_states(heartbeats: dict[str, Heartbeat]) -> dict[str, str]:
    states = {
        part: OK if queue in heartbeats else "failing: NoHeartbeat"
        for queue, part in PART_OF_QUEUE.items()
    }
    analysing = heartbeats.get("analyses")
    if analysing is None:
        return states
    problem = analysing.model_problem
    return states | {"model": f"failing: {problem}" if problem else OK}


def _check_database() -> None:
    """Query on a new connection, because an open one may wait forever for a stopped server."""
    connection = connections.create_connection("default")
    try:
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = %s", [STATEMENT_TIMEOUT_MS])
            cursor.execute("SELECT 1")
    finally:
        connection.close()


def _check_storage() -> None:
    # A process that takes no uploads has no spool.
    if settings.UPLOAD_SLOTS:
        check_writable(settings.SPOOL)
    storage: Any = storages["default"]  # one of studies.storage, which adds the check
    storage.check_reachable()


def _check_broker() -> dict[str, Heartbeat]:
    """Check writing and reading; return the latest heartbeats of the workers."""
    cache.set("health", OK, timeout=10)
    if cache.get("health") != OK:
        raise ConnectionError
    return latest_heartbeats(PART_OF_QUEUE)


DATABASE = TimedCheck(_check_database)
STORAGE = TimedCheck(_check_storage)
BROKER = TimedCheck(_check_broker)
ANSWERS = {"/livez": livez, "/readyz": readyz, "/healthz": readyz}
