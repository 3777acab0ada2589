"""A locked study is reopened, locked, adjudicated and reported, from end to end."""

from __future__ import annotations

import csv
import html
import io
import re

import pytest
from django.urls import reverse
from sklearn.metrics import cohen_kappa_score

from studies.celery import app
from studies.reports.document.methods.reference import CAVEAT
from studies.reports.models import ReportRun
from studies.reports.tasks import make_report_task
from tests.reports.submitted_study import lock
from tests.review.adjudicated import add_adjudicator, begin, page_of, score

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def test_report_compares_readers_with_the_adjudicated_standard_and_prints_the_reopening(
    locked, client_of, monkeypatch
):
    coordinator, statistician = client_of(locked.coordinator), client_of(locked.statistician)
    reason = {"reason": "Image of another patient"}
    coordinator.post(page_of(locked, "request-reopening"), reason, format="multipart")
    statistician.post(page_of(locked, "confirm-reopening"))
    lock(locked)
    adjudicator = add_adjudicator(locked)
    score(adjudicator.user, begin(locked))
    coordinator.post(page_of(locked, "create-reference-version"))

    monkeypatch.setattr(app, "send_task", lambda *arguments, **options: None)
    coordinator.post(page_of(locked, "make-report"))
    run = ReportRun.objects.get()
    make_report_task(str(run.pk))
    run.refresh_from_db()
    assert run.state == "done", run.failure
    address = reverse("report-page", args=[locked.study.slug, run.pk])
    page = b"".join(statistician.get(address).streaming_content).decode()
    text = " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())

    assert CAVEAT in text
    assert "adjudicated by AD01" in text
    assert "CO01 (coordinator)" in text
    assert "S01 (statistician)" in text
    assert "Image of another patient" in text
    section = text[text.index("of each reader with the reference standard") :]
    tidy = b"".join(statistician.get(page_of(locked, "tidy-csv")).streaming_content).decode()
    rows = list(csv.DictReader(io.StringIO(tidy)))
    for reader in ("R01", "R02"):
        for arm in ("unguided", "guided"):
            selection = [row for row in rows if (row["reader"], row["arm"]) == (reader, arm)]
            kappa = cohen_kappa_score(
                [int(row["score"]) for row in selection],
                [int(row["reference"]) for row in selection],
                labels=[0, 1, 2, 3],
                weights="linear",
            )
            # Adding 0 turns −0.00 into 0.00.
            shown = f"{round(kappa, 2) + 0:.2f}".replace("-", "−")
            assert shown in section, (reader, arm, kappa)
