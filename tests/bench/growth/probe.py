"""Runs one function of this package in a version's checkout, and prints what it returns as JSON.

``python -m growth.probe study:fill '{"cases": 100}'``, started by `versions` in the checkout.
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
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


def request(username: str, method: str, address: str) -> dict[str, float]:
    """Send one request without a web server, after a small one, and measure it.

    Returns seconds and cpu_s (this process), queries, kilobytes of the answer and the megabytes by
    which the process grew at its peak.
    """
    # Known once Django is set up.
    database = import_module("django.db").connection
    capture = import_module("django.test.utils").CaptureQueriesContext
    client = import_module("growth.study").signed_in(username)
    client.get("/")
    Path("/proc/self/clear_refs").write_text("5")
    before = memory_mb("VmRSS")
    with capture(database) as captured:
        cpu, begun = time.process_time(), time.perf_counter()
        response = client.generic(method, address)
        content = response.content
        figures = {"seconds": time.perf_counter() - begun, "cpu_s": time.process_time() - cpu}
    assert response.status_code < 300, (response.status_code, content[:300])
    figures |= {"queries": len(captured), "kilobytes": len(content) / 1000}
    return figures | {"peak_mb": max(0.0, memory_mb("VmHWM") - before)}


def memory_mb(name: str) -> float:
    match = re.search(rf"{name}:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(match[1]) / 1024 if match else 0.0


if __name__ == "__main__":
    main(sys.argv[1], json.loads(sys.argv[2]))
