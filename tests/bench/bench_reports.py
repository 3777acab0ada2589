"""Cost of reports and workbooks by number of cases, with 50 readers: ``make bench``.

Each measurement runs in a fork of this process: processor time, wall time and the increase of peak
memory. Compare versions only when both were measured on the same machine at the same time.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from studies.reports.models import ReportRun
from studies.reports.report_runs import request_report
from studies.reports.tasks import make_report_task
from tests.bench.locked_study import locked_study
from tests.make import Cast

pytestmark = pytest.mark.django_db

READERS = 50
SIZES = [(100, READERS, "workbook"), (1_000, 2, "report"), (10_000, 2, "report")]
"""Cases, readers per case, and the output measured."""


@pytest.mark.parametrize(("cases", "readers_per_case", "output"), SIZES)
def test_growth(
    cases: int, readers_per_case: int, output: str, monkeypatch: Any, client: Client
) -> None:
    cast = locked_study(readers=READERS, cases=cases, readers_per_case=readers_per_case)
    queued: list[str] = []
    monkeypatch.setattr(
        "studies.celery.app.send_task", lambda name, args, **options: queued.extend(args)
    )
    client.force_login(cast.coordinator)
    work = {"report": report, "workbook": workbook}[output]
    measured(f"{output:9} {READERS} readers, {cases:6,} cases", work, cast, client, queued)


def report(cast: Cast, client: Client, queued: list[str]) -> None:
    run = request_report(study=cast.study, by=cast.coordinator)
    make_report_task(str(run.pk))
    assert ReportRun.objects.get().state == "done", ReportRun.objects.get().failure


def workbook(cast: Cast, client: Client, queued: list[str]) -> None:
    try:
        from studies.reports.tasks import write_workbook_task
    except ImportError:  # version 0.1.0
        pass
    else:
        client.post(reverse("prepare-workbook", args=[cast.study.slug]))
        write_workbook_task(queued[0])
    response = client.get(reverse("workbook", args=[cast.study.slug]))
    assert response.status_code == 200
    print(f"{'':40} {len(b''.join(response)) / 1e6:7.1f} MB file", flush=True)  # noqa: T201


def measured(name: str, work: Callable[..., None], *given: Any) -> None:
    """Run the work in a fork, which shares the test's transaction, and print what it took."""
    process = os.fork()
    if process == 0:
        status = 1
        try:
            Path("/proc/self/clear_refs").write_text("5")
            at_first, wall, begun = memory_mb("VmRSS"), time.perf_counter(), time.process_time()
            work(*given)
            print(  # noqa: T201
                f"{name:40} {time.process_time() - begun:7.1f} s of processor, "
                f"{time.perf_counter() - wall:6.1f} s, {memory_mb('VmHWM') - at_first:6.0f} MB "
                f"above {at_first:.0f}",
                flush=True,
            )
            status = 0
        finally:
            os._exit(status)
    assert os.waitpid(process, 0)[1] == 0


def memory_mb(name: str) -> float:
    status = Path("/proc/self/status").read_text()
    return int(status.split(f"{name}:")[1].split()[0]) / 1024
