"""What a locked study is asked for besides pages; runs in a version's checkout."""

from __future__ import annotations

from importlib import import_module

from django.core.cache import cache
from django.urls import reverse

from studies import celery
from studies.protocol.models import Study
from studies.readers.models import Membership, User
from studies.reports.models import ReportRun
from studies.reports.tasks import make_report_task

from .probe import measure, size_of
from .study import SLUG, signed_in

queued: list[str] = []


def report() -> dict[str, float]:
    """Create a report as the worker does."""
    _queue_here()
    study = Study.objects.get(slug=SLUG)
    try:
        request = import_module("studies.reports.report_runs").request_report
    except ImportError:  # 0.1.0
        request = import_module("studies.reports.runs").ask_for_report
    run = request(study=study, by=User.objects.get(username="clara"))

    def make() -> int:
        make_report_task(str(run.pk))
        done = ReportRun.objects.get(pk=run.pk)
        assert done.state == "done", done.failure
        return int(done.document.size + done.page.size)

    return measure(make)


def workbook() -> dict[str, float]:
    """Prepare a workbook where it is made, and download it."""
    _queue_here()
    client = signed_in("clara")
    tasks = import_module("studies.reports.tasks")

    def make() -> int:
        if hasattr(tasks, "write_workbook_task"):
            client.post(reverse("prepare-workbook", args=[SLUG]))
            tasks.write_workbook_task(queued[-1])
        return size_of(client.get(reverse("workbook", args=[SLUG])))

    return measure(make)


def views(count: int) -> dict[str, float]:
    """Look at the agreement of ``count`` selections of readers, one after the other."""
    client = signed_in("clara")
    cache.clear()
    readers = Membership.objects.filter(study__slug=SLUG, role="reader").order_by("label")
    names = [reader.label for reader in readers]

    def look() -> int:
        size = 0
        for view in range(count):
            others = "&".join(f"reader={name}" for name in names if name != names[view])
            size += size_of(client.get(f"/studies/{SLUG}/agreement?{others}"))
        return size

    return measure(look)


def _queue_here() -> None:
    """Keep the ids of tasks instead of sending them, because no worker runs."""

    def keep(name: str, args: list[str], **options: object) -> None:
        queued.extend(args)

    celery.app.send_task = keep
