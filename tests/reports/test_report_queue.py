"""How many reports may wait, in a study and for a person."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from studies.errors import StudyError
from studies.reports.models import ReportRun
from studies.reports.report_runs import (
    MAX_WAITING_IN_STUDY,
    MAX_WAITING_OF_PERSON,
    request_report,
)
from studies.reports.tasks import make_report_task
from tests.jobs.concurrency import at_once
from tests.make import Cast

pytestmark = pytest.mark.django_db


def ask(client: Any, cast: Cast) -> Any:
    return client.post(f"/api/v1/studies/{cast.study.slug}/reports")


def test_study_has_few_reports_waiting(locked, client_of, queued):
    client = client_of(locked.coordinator)
    answers = [ask(client, locked) for _ in range(MAX_WAITING_IN_STUDY + 1)]
    assert [response.status_code for response in answers] == [
        *[201] * MAX_WAITING_IN_STUDY,
        429,
    ]
    refused = answers[-1].json()["error"]
    assert refused["code"] == "too_many_waiting"
    assert "3 reports of this study are still being created" in refused["message"]
    other = client_of(locked.statistician)
    assert ask(other, locked).status_code == 429
    page = other.post(reverse("make-report", args=[locked.study.slug]), follow=True)
    assert refused["message"] in page.content.decode()
    assert len(queued) == MAX_WAITING_IN_STUDY
    make_report_task(queued[0])
    assert ask(client, locked).status_code == 201


def test_person_has_few_reports_waiting_in_all_studies(locked, queued):
    for _ in range(MAX_WAITING_OF_PERSON):
        ReportRun.objects.create(
            study=locked.outside_study, by=locked.coordinator, snapshot_at=timezone.now()
        )
    with pytest.raises(StudyError, match="5 of your reports") as refused:
        request_report(study=locked.study, by=locked.coordinator)
    assert refused.value.status == 429
    request_report(study=locked.study, by=locked.statistician)


@pytest.mark.django_db(transaction=True)
def test_limit_holds_for_requests_at_the_same_time(locked, client_of, queued):
    clients = [client_of(user) for user in (locked.coordinator, locked.statistician) * 3]
    at_once(*[lambda client=client: ask(client, locked) for client in clients])
    assert ReportRun.objects.count() == len(queued) == MAX_WAITING_IN_STUDY
