"""What the agreement page and its JSON cost with many readers: ``make bench``.

Processor seconds of calls in this process, with queries, the size of the answer and the peak of the
process's memory during the call. Figures of two versions can be compared when both ran beside each
other; ``growth_of_agreement`` returns them for a table with a column per version.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.bench.read_study import read_study
from tests.make import Cast

pytestmark = pytest.mark.django_db
READERS, CASES = 50, 100
VIEWS = 18
"""How many different choices of readers are looked at, one after the other."""


@dataclass(frozen=True)
class Cost:
    """What a call took.

    Parameters
    ----------
    seconds
        Of this process's processors; the database and the cache work in others.
    peak_mb, kept_mb
        The most memory of the process during the call, and what it has afterwards.
    """

    seconds: float
    queries: int
    answer_mb: float
    peak_mb: float
    kept_mb: float

    def __str__(self) -> str:
        return (
            f"{self.seconds:8.2f} s {self.queries:5d} queries {self.answer_mb:8.2f} MB answer "
            f"{self.peak_mb:7.0f} MB peak {self.kept_mb:7.0f} MB afterwards"
        )


def memory_mb(name: str) -> float:
    """Return VmRSS or VmHWM, its peak, of this process."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) / 1024
    raise ValueError(name)


def cost_of(call: Callable[[], int]) -> Cost:
    """Measure a call that returns the bytes of its answer."""
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")  # VmHWM begins anew
    with CaptureQueriesContext(connection) as captured:
        begun = time.process_time()
        size = call()
        seconds = time.process_time() - begun
    peak = memory_mb("VmHWM")
    gc.collect()
    return Cost(seconds, len(captured), size / 1e6, peak, memory_mb("VmRSS"))


def growth_of_agreement(client_of: Any, readers: int, cases: int) -> Iterator[tuple[str, Cost]]:
    """Yield the cost of each call on a study that all readers have read in both arms."""
    cast = read_study(readers, cases)
    cache.clear()
    client = client_of(cast.coordinator)
    page = f"/studies/{cast.study.slug}"

    def size_of(address: str) -> Callable[[], int]:
        return lambda: _size(client.get(address))

    yield "agreement page, first", cost_of(size_of(f"{page}/agreement"))
    yield "agreement page, again", cost_of(size_of(f"{page}/agreement"))
    yield "pairs figure", cost_of(size_of(f"{page}/agreement/pairs.svg"))
    api = f"/api/v1{page}/agreement"
    yield "agreement, API", cost_of(size_of(api))
    yield f"{VIEWS} choices of readers", cost_of(lambda: _views(client, cast, readers))
    file = f"{page}/downloads/agreement.json"
    yield "statistics, JSON", cost_of(size_of(file))
    yield "every pair in all outcomes, JSON", cost_of(size_of(f"{file}?outcomes=all"))


def _views(client: Any, cast: Cast, readers: int) -> int:
    names = [f"R{number:02d}" for number in range(1, readers + 1)]
    size = 0
    for view in range(VIEWS):
        query = [("reader", name) for name in names if name != names[view % readers]]
        address = "&".join(f"{name}={value}" for name, value in query)
        size += _size(client.get(f"/studies/{cast.study.slug}/agreement?{address}"))
    return size


def _size(response: Any) -> int:
    assert response.status_code == 200, response.content[:300]
    return (
        sum(map(len, response.streaming_content)) if response.streaming else len(response.content)
    )


def test_agreement_of_many_readers(client_of: Any) -> None:
    for name, cost in growth_of_agreement(client_of, READERS, CASES):
        print(f"{READERS} readers x {CASES} cases  {name:32} {cost}", flush=True)  # noqa: T201
