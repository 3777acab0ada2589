"""How the coordinator's lists grow from 1,000 to 10,000 cases: ``make bench``.

Each figure is the median of three calls in this process, with the number of queries and the size of
the answer. Figures of two versions can be compared when both ran beside each other.
"""

from __future__ import annotations

import statistics
import time
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from studies.sessions.study_lifecycle import deal_lists, open_study
from tests.bench.large_study import fill_study, submit_readings
from tests.make import Cast, make_reader

pytestmark = pytest.mark.django_db
SIZES = (1_000, 10_000)
ROUNDS = 3
READERS = 40
PROGRESS = "progress"  # 0.1.0 has "overview" alone


@dataclass
class Figures:
    seconds: float
    queries: int
    kilobytes: float = 0.0
    peak_mb: float = 0.0


def measure(call: Callable[[], Any], rounds: int = ROUNDS) -> Figures:
    seconds, answer, queries = [], None, 0
    for _ in range(rounds):
        with CaptureQueriesContext(connection) as captured:
            begun = time.perf_counter()
            answer = call()
            seconds.append(time.perf_counter() - begun)
        queries = len(captured)
    content = getattr(answer, "content", b"")
    return Figures(statistics.median(seconds), queries, len(content) / 1000)


def get(client: Any, address: str) -> Callable[[], Any]:
    def call() -> Any:
        answer = client.get(address)
        assert answer.status_code == 200, answer.content[:300]
        return answer

    return call


def with_peak(call: Callable[[], Any]) -> Figures:
    figures = measure(call)
    tracemalloc.start()
    call()
    figures.peak_mb = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    return figures


def test_lists_of_a_large_study(client_of: Any) -> None:
    small, large = (figures_of(size, client_of) for size in SIZES)
    for name, figures in small.items():
        print(f"{name:22} x {large[name].seconds / figures.seconds:.1f}")  # noqa: T201


def note(size: int, name: str, figures: Figures) -> Figures:
    print(  # noqa: T201
        f"{size:6} cases  {name:22} {figures.seconds:7.3f} s {figures.queries:6d} queries "
        f"{figures.kilobytes:7.0f} kB" + (f" {figures.peak_mb:6.1f} MB" if figures.peak_mb else ""),
        flush=True,
    )
    return figures


def assign(cast: Cast) -> None:
    """With the checks of foreign keys that the database leaves for the commit."""
    deal_lists(study=cast.study, by=cast.coordinator)
    connection.check_constraints()


def figures_of(size: int, client_of: Any) -> dict[str, Figures]:
    connection.cursor().execute("SAVEPOINT empty")
    cast = Cast()
    for number in range(READERS - 2):
        make_reader(cast.study, cast.site, f"reader{number}")
    fill_study(cast, size)
    figures = {name: note(size, name, run()) for name, run in calls(cast, client_of)}
    connection.cursor().execute("ROLLBACK TO SAVEPOINT empty")
    return figures


def calls(cast: Cast, client_of: Any) -> Iterator[tuple[str, Callable[[], Figures]]]:
    """The calls of a study's course in their order, as they become possible."""
    client = client_of(cast.coordinator)
    page, api = f"/studies/{cast.study.slug}", f"/api/v1/studies/{cast.study.slug}"

    def timed(address: str, rounds: int = ROUNDS) -> Callable[[], Figures]:
        return lambda: measure(get(client, address), rounds)

    yield "cases page", lambda: with_peak(get(client, f"{page}/cases"))
    yield "cases page, filtered", timed(f"{page}/cases?state=borderline&q=C")
    yield "uploads list", timed(f"{api}/uploads", 1)
    since = client.get(f"{api}/uploads?before=2000-01-01T00:00:00Z_{uuid4()}").json().get("cursor")
    if since:
        yield "uploads, poll", timed(f"{api}/uploads?{urlencode({'since': since})}")
    yield "assignment, preview", timed(f"{api}/dealing-preview", 1)
    yield "assignment, stored", lambda: measure(partial(assign, cast), 1)
    open_study(study=cast.study, by=cast.coordinator)
    submit_readings(cast)
    yield "cases page, assigned", timed(f"{page}/cases")
    yield "progress page", timed(f"{page}/progress", 1)
    yield "progress, poll", timed(f"{api}/{PROGRESS}")
    yield "study page", timed(f"{page}/")
