"""Runs one function of this package in a version's checkout, and prints what it returns as JSON.

``python -m growth.probe study:fill '{"cases": 100}'``, started by `versions` in the checkout.
"""

from __future__ import annotations

import gc
import json
import os
import re
import resource
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import django

PREFIX = "result: "


def main(target: str, arguments: dict[str, Any]) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studies.settings")
    django.setup()
    module, function = target.split(":")
    result = getattr(import_module(f"growth.{module}"), function)(**arguments)
    sys.stdout.write(f"\n{PREFIX}{json.dumps(result)}\n")


def request(username: str, method: str, address: str, nth: int = 1) -> dict[str, float]:
    """Send a request without a web server, after a small one, and measure it.

    With ``nth`` 2 the second of two equal requests is measured, which finds warm caches.
    Returns what `measure` does, with kilobytes of the answer.
    """
    client = import_module("growth.study").signed_in(username)
    # Databases of two rounds are copies, so the entries of the first would serve the second.
    import_module("django.core.cache").cache.clear()
    client.get("/")
    for _ in range(nth - 1):
        size_of(client.generic(method, address))
    return measure(lambda: size_of(client.generic(method, address)))


def measure(work: Callable[[], int]) -> dict[str, float]:
    """Measure a call that returns the number of bytes of its output.

    Returns seconds, cpu_s (this process and its children), queries, kilobytes, peak_mb (by
    which the process grew at its peak, or the largest child's whole memory if that is more) and
    kept_mb (its growth afterwards).
    """
    # Known once Django is set up.
    database = import_module("django.db").connection
    capture = import_module("django.test.utils").CaptureQueriesContext
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")
    before = memory_mb("VmRSS")
    with capture(database) as captured:
        cpu, begun = _cpu_s(), time.perf_counter()
        size = work()
        figures = {"seconds": time.perf_counter() - begun, "cpu_s": _cpu_s() - cpu}
    grown = memory_mb("VmHWM") - before
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    gc.collect()
    return figures | {
        "queries": len(captured),
        "kilobytes": size / 1000,
        "peak_mb": max(0.0, grown, child),
        "kept_mb": max(0.0, memory_mb("VmRSS") - before),
    }


def size_of(response: Any) -> int:
    """Return the bytes of a successful answer; a streamed one is consumed piece by piece."""
    assert response.status_code < 300, (response.status_code, response.content[:300])
    pieces = response.streaming_content if response.streaming else [response.content]
    return sum(map(len, pieces))


def _cpu_s() -> float:
    """Processor seconds of this process, of children that ended, and of those that still run."""
    spent, parent = os.times(), str(os.getpid())
    seconds = spent.user + spent.system + spent.children_user + spent.children_system
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if fields[1] == parent:
            seconds += sum(int(value) for value in fields[11:15]) / os.sysconf("SC_CLK_TCK")
    return seconds


def memory_mb(name: str) -> float:
    match = re.search(rf"{name}:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(match[1]) / 1024 if match else 0.0


if __name__ == "__main__":
    main(sys.argv[1], json.loads(sys.argv[2]))
