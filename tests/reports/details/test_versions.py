"""Report details: entered by the coordinator, kept in versions, frozen in finished reports."""

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from studies.audit.models import Event
from studies.errors import Conflict
from studies.reports.details.versions import FIELDS, change_details, current_details
from studies.reports.models import ReportDetails, ReportRun
from studies.reports.tasks import make_report_task
from tests.reports.pages.test_results import content_of

pytestmark = pytest.mark.django_db
EMPTY = dict.fromkeys(FIELDS, "")


def address(cast):
    return reverse("report-details", args=[cast.study.slug])


def post(client, cast, **texts):
    return client.post(address(cast), {"version": 0, **texts}, format="multipart")


def test_coordinator_enters_the_details_before_and_after_the_lock(locked, client_of):
    client = client_of(locked.coordinator)
    assert post(client, locked, ethics="Board 12/3", authors="A. <b>Author</b>").status_code == 302
    details = current_details(locked.study)
    assert (details.version, details.ethics, details.by) == (1, "Board 12/3", locked.coordinator)
    event = Event.objects.get(action="report_details.changed")
    assert event.data == {"fields": ["authors", "ethics"]}
    shown = client.get(address(locked)).content.decode()
    assert "A. &lt;b&gt;Author&lt;/b&gt;" in shown


def test_pages_link_to_the_details_for_coordinators_only(locked, client_of):
    downloads = reverse("downloads", args=[locked.study.slug])
    assert address(locked) in client_of(locked.coordinator).get(downloads).content.decode()
    assert address(locked) not in client_of(locked.statistician).get(downloads).content.decode()
    setup = reverse("setup", args=[locked.study.slug])
    assert address(locked) in client_of(locked.coordinator).get(setup).content.decode()


def test_second_person_does_not_overwrite_the_first_one_unseen(cast, client_of):
    client = client_of(cast.coordinator)
    post(client, cast, ethics="first")
    shown = post(client, cast, ethics="second").content.decode()
    assert "were changed in the meantime" in shown
    assert "second" in shown
    assert current_details(cast.study).ethics == "first"
    assert post(client, cast, version=1, ethics="second").status_code == 302
    assert current_details(cast.study).version == 2


def test_unchanged_details_are_no_new_version(cast):
    for _ in range(2):
        details = change_details(
            study=cast.study, by=cast.coordinator, version=0, texts={**EMPTY, "funding": "None"}
        )
    assert details.version == 1
    with pytest.raises(Conflict):
        change_details(study=cast.study, by=cast.coordinator, version=0, texts=EMPTY)


def test_text_that_is_too_long_is_rejected_with_the_limit(cast, client_of):
    shown = post(client_of(cast.coordinator), cast, ethics="x" * 4001).content.decode()
    assert "at most 4000 characters" in shown
    assert current_details(cast.study) is None


@pytest.mark.django_db(transaction=True)
def test_versions_cannot_be_changed(cast):
    details = change_details(study=cast.study, by=cast.coordinator, version=0, texts=EMPTY)
    with pytest.raises(DatabaseError), transaction.atomic():
        ReportDetails.objects.filter(pk=details.pk).update(ethics="other")


def test_finished_report_keeps_the_details_that_it_printed(locked, client_of):
    client = client_of(locked.coordinator)
    post(client, locked, ethics="Board 12/3")
    run = ReportRun.objects.create(
        study=locked.study, by=locked.coordinator, snapshot_at=locked.study.locked_at
    )
    make_report_task(str(run.pk))
    post(client, locked, version=1, ethics="Board 99")
    run.refresh_from_db()
    assert run.details.version == 1
    page = client.get(reverse("report-page", args=[locked.study.slug, run.pk]))
    text = content_of(page).decode()
    assert "Board 12/3" in text
    assert "Board 99" not in text
