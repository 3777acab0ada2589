"""A real worker after a report and a workbook: what they took is returned."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from studies.reports.models import ReportRun, WorkbookRun
from tests.make import Cast
from tests.reports.submitted_study import lock, submit_everything
from tests.running import Running

PATIENCE_S = 300
MOST_GROWTH_MB = 25


@pytest.fixture
def running(transactional_db: None, settings: Any, tmp_path: Path) -> Iterator[Running]:
    stack = Running(settings, tmp_path)
    yield stack
    stack.stop()


def children(process: int) -> list[int]:
    result = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(process)], capture_output=True, text=True, check=False
    )
    return [int(line) for line in result.stdout.split()]


def resident_mb(process: int) -> float:
    status = Path(f"/proc/{process}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def wait_until_done(row: Any) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while row.state != "done":
        assert row.state != "failed", row.failure
        assert time.monotonic() < deadline, f"it is still {row.state}"
        time.sleep(0.1)
        row.refresh_from_db()


@pytest.mark.slow
def test_worker_is_as_small_after_a_report_and_a_workbook_as_before(
    running: Running, cast: Cast, client_of: Any
) -> None:
    cast.assign_cases(6)
    submit_everything(cast)
    lock(cast)
    client = client_of(cast.statistician)
    worker = running.worker()
    client.post(reverse("api-workbook", args=[cast.study.slug]))
    wait_until_done(WorkbookRun.objects.get())
    pool = children(worker.pid)
    assert len(pool) == 1
    before = resident_mb(pool[0])
    client.post(reverse("api-reports", args=[cast.study.slug]))
    wait_until_done(ReportRun.objects.get())
    assert children(worker.pid) == pool
    assert resident_mb(pool[0]) < before + MOST_GROWTH_MB
