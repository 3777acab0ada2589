"""A prepared file as work in the background: written once for the same readings.

The workbook stands for both kinds.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from studies.audit.models import Event
from studies.cases.models import Case
from studies.errors import StudyError
from studies.jobs.claims import MAX_ATTEMPTS
from studies.jobs.requeue import requeue_stale_work
from studies.reports import prepared_files
from studies.reports.models import MAX_WAITING_OF_PERSON, WorkbookRun
from studies.reports.prepared_files import request_file
from studies.reports.tasks import write_workbook_task
from studies.sessions.masking import record_interim_look
from studies.sessions.models import Reading
from tests.jobs.concurrency import at_once
from tests.make import Cast
from tests.reports.submitted_study import submit_everything

pytestmark = pytest.mark.django_db


def address(cast: Cast) -> str:
    return f"/api/v1/studies/{cast.study.slug}/workbook"


def prepare(client: Any, cast: Cast) -> Any:
    return client.post(address(cast))


def file_of(client: Any, cast: Cast) -> Any:
    return client.get(reverse("workbook", args=[cast.study.slug]))


def downloads(client: Any, cast: Cast) -> str:
    return client.get(reverse("downloads", args=[cast.study.slug])).content.decode()


def stored(settings: Any) -> list[Path]:
    return list(Path(settings.STORAGE).rglob("*.xlsx"))


def requeue_unheard() -> None:
    WorkbookRun.objects.update(heard_at=timezone.now() - timedelta(seconds=61))
    requeue_stale_work()


def test_page_prepares_the_workbook_shows_its_progress_and_offers_it(locked, client_of, queued):
    client = client_of(locked.statistician)
    assert "Prepare workbook" in downloads(client, locked)
    url = reverse("prepare-workbook", args=[locked.study.slug])
    response = client.post(url, {}, format="multipart")
    assert response["Location"].endswith("#workbook")
    assert "waiting for the worker" in downloads(client, locked)
    WorkbookRun.objects.update(state="writing", readings_done=10)
    assert "being written: 10 of 24 readings" in downloads(client, locked)
    assert "Prepare workbook" not in downloads(client, locked)
    WorkbookRun.objects.update(state="queued")
    write_workbook_task(queued[0])
    assert "Download workbook (XLSX)" in downloads(client, locked)
    assert 'data-refresh="2"' not in downloads(client, locked)
    book = file_of(client, locked)
    assert "attachment" in book["Content-Disposition"]
    content = b"".join(book.streaming_content)
    assert "xl/workbook.xml" in zipfile.ZipFile(io.BytesIO(content)).namelist()
    run = WorkbookRun.objects.get()
    assert hashlib.sha256(content).hexdigest() == run.file_hash
    tidy = client.get(reverse("tidy-csv", args=[locked.study.slug]))
    assert hashlib.sha256(b"".join(tidy.streaming_content)).hexdigest() == run.data_hash
    assert Event.objects.get(action="data.downloaded", subject="workbook").actor == run.by


@pytest.mark.parametrize(
    ("role", "code"),
    [
        ("coordinator", 200),
        ("statistician", 200),
        ("site_coordinator", 404),
        ("reader", 404),
        ("other_reader", 404),
        ("outsider", 404),
    ],
)
def test_after_the_lock_only_those_who_may_see_all_scores_get_it(
    locked, client_of, queued, role, code
):
    prepare(client_of(locked.coordinator), locked)
    write_workbook_task(queued[0])
    person = getattr(locked, role)
    client = client_of(getattr(person, "user", person))
    page = client.post(reverse("prepare-workbook", args=[locked.study.slug]), {}, "multipart")
    assert page.status_code == (302 if code == 200 else code)
    for response in (
        file_of(client, locked),
        client.get(address(locked)),
        prepare(client, locked),
    ):
        assert response.status_code == code


def test_workbook_before_the_lock_requires_an_interim_look_and_is_marked_interim(
    read, client_of, queued
):
    client = client_of(read.coordinator)
    assert prepare(client, read).status_code == file_of(client, read).status_code == 403
    record_interim_look(study=read.study, by=read.coordinator, reason="Safety board")
    assert prepare(client, read).json()["workbook"]["interim"] is True
    assert prepare(client_of(read.statistician), read).status_code == 403


def test_prepared_twice_it_is_written_once_and_reused_until_the_readings_change(
    read, client_of, queued, settings
):
    record_interim_look(study=read.study, by=read.coordinator, reason="Safety board")
    Reading.objects.filter(pk=Reading.objects.order_by("pk").first().pk).update(state="open")
    client = client_of(read.coordinator)
    answers = [prepare(client, read) for _ in range(2)]
    assert [response.status_code for response in answers] == [201, 200]
    write_workbook_task(queued[0])
    write_workbook_task(queued[0])
    again = prepare(client, read)
    assert (again.status_code, again.json()["workbook"]["state"]) == (200, "done")
    assert len(stored(settings)) == len(queued) == 1
    assert Event.objects.filter(action="workbook.made").count() == 1
    submit_everything(read)
    assert client.get(address(read)).json() == {"workbook": None}
    assert file_of(client, read).status_code == 409
    assert prepare(client, read).status_code == 201
    write_workbook_task(queued[1])
    assert file_of(client, read).status_code == 200
    assert WorkbookRun.objects.filter(state="done").count() == 2


@pytest.mark.django_db(transaction=True)
def test_requests_at_the_same_time_give_one_run_and_one_message(locked, client_of, queued):
    people = [client_of(user) for user in (locked.coordinator, locked.statistician) * 3]
    at_once(*[lambda client=client: prepare(client, locked) for client in people])
    assert queued == [str(WorkbookRun.objects.get().pk)]


def test_file_that_is_not_ready_says_what_to_do(locked, client_of, queued):
    client = client_of(locked.coordinator)
    client.raise_request_exception = False
    missing = file_of(client, locked)
    assert missing.status_code == 409
    assert "Select Prepare workbook" in missing.content.decode()
    prepare(client, locked)
    assert "still being written" in file_of(client, locked).content.decode()


def test_study_without_a_reading_has_no_workbook(cast, client_of, queued):
    cast.assign_cases(2)
    record_interim_look(study=cast.study, by=cast.coordinator, reason="Curiosity")
    response = prepare(client_of(cast.coordinator), cast)
    assert (response.status_code, response.json()["error"]["code"]) == (409, "nothing_read")
    page = client_of(cast.coordinator).post(
        reverse("prepare-workbook", args=[cast.study.slug]), {}, "multipart", follow=True
    )
    assert "No reading has been submitted yet" in page.content.decode()


def test_person_has_few_workbooks_waiting(locked, queued):
    for number in range(MAX_WAITING_OF_PERSON):
        WorkbookRun.objects.create(
            study=locked.outside_study,
            by=locked.coordinator,
            key=number,
            snapshot_at=timezone.now(),
        )
    with pytest.raises(StudyError, match="5 of your workbooks") as refused:
        request_file(WorkbookRun, study=locked.study, by=locked.coordinator)
    assert refused.value.status == 429
    request_file(WorkbookRun, study=locked.study, by=locked.statistician)


def test_one_whose_worker_was_stopped_is_written_by_the_next(
    locked, client_of, queued, monkeypatch, settings
):
    client = client_of(locked.coordinator)
    prepare(client, locked)

    class Killed(BaseException):
        """What no task catches."""

    def killed(*args: Any) -> None:
        raise Killed

    with monkeypatch.context() as stopped, pytest.raises(Killed):
        stopped.setattr(prepared_files, "_store", killed)
        write_workbook_task(queued[0])
    assert client.get(address(locked)).json()["workbook"]["state"] == "writing"
    assert stored(settings) == []
    requeue_unheard()
    assert queued == [str(WorkbookRun.objects.get().pk)] * 2
    write_workbook_task(queued[1])
    run = WorkbookRun.objects.get()
    assert (run.state, run.attempts, run.readings_done) == ("done", 2, 24)
    assert len(stored(settings)) == 1


def test_worker_that_lost_its_workbook_stores_nothing(
    locked, client_of, queued, monkeypatch, settings
):
    prepare(client_of(locked.coordinator), locked)
    store = prepared_files._store

    def late(run: WorkbookRun, *rest: Any) -> None:
        requeue_unheard()
        prepared_files.begin_file(WorkbookRun, pk=queued[0])
        store(run, *rest)

    monkeypatch.setattr(prepared_files, "_store", late)
    write_workbook_task(queued[0])
    run = WorkbookRun.objects.get()
    assert (run.state, run.attempts, run.failure) == ("writing", 2, "")
    assert stored(settings) == []


def test_one_that_was_interrupted_too_often_fails_and_can_be_prepared_again(
    locked, client_of, queued
):
    client = client_of(locked.statistician)
    prepare(client, locked)
    WorkbookRun.objects.update(state="writing", attempts=MAX_ATTEMPTS)
    requeue_unheard()
    assert "interrupted 3 times because its worker stopped. Prepare it again." in downloads(
        client, locked
    )
    assert "Prepare workbook again" in downloads(client, locked)
    assert prepare(client, locked).status_code == 201
    write_workbook_task(queued[-1])
    assert WorkbookRun.objects.get().state == "done"


def test_readings_submitted_while_the_workbook_waited_are_included(read, client_of, queued):
    record_interim_look(study=read.study, by=read.coordinator, reason="Safety board")
    Reading.objects.filter(pk=Reading.objects.order_by("pk").first().pk).update(state="open")
    client = client_of(read.coordinator)
    prepare(client, read)
    submit_everything(read)
    write_workbook_task(queued[0])
    present = client.get(address(read)).json()["workbook"]
    assert (present["state"], present["readings"]) == ("done", 24)


def test_workbook_of_earlier_readings_is_replaced(read, client_of, queued):
    record_interim_look(study=read.study, by=read.coordinator, reason="Safety board")
    Reading.objects.filter(pk=Reading.objects.order_by("pk").first().pk).update(state="open")
    client = client_of(read.coordinator)
    prepare(client, read)
    submit_everything(read)
    prepare(client, read)
    for pk in queued:
        write_workbook_task(pk)
    first, second = (WorkbookRun.objects.get(pk=pk) for pk in queued)
    assert first.state == "failed"
    assert "a workbook with them has already been requested" in first.failure
    assert second.state == "done"


def test_queries_do_not_grow_with_the_readings(locked, client_of, queued):
    client = client_of(locked.coordinator)

    def queries() -> int:
        prepare(client, locked)
        with CaptureQueriesContext(connection) as captured:
            write_workbook_task(queued[-1])
        return len(captured)

    whole = queries()
    excluded = [case.pk for case in locked.study.cases.order_by("pk")[:4]]
    Case.objects.filter(pk__in=excluded).update(state="excluded", reason_text="for a test")
    assert queries() == whole
    runs = WorkbookRun.objects.filter(state="done")
    assert sorted(runs.values_list("readings_done", flat=True)) == [8, 24]
