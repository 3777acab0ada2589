"""The API of the report details: versions as on the page, for coordinators and statisticians."""

import pytest

from studies.audit.models import Event
from studies.reports.details.versions import current_details
from studies.reports.models import ReportDetails

pytestmark = pytest.mark.django_db


def address(cast):
    return f"/api/v1/studies/{cast.study.slug}/report-details"


def test_texts_that_are_sent_change_and_the_others_stay(cast, client_of):
    client = client_of(cast.coordinator)
    assert client.get(address(cast)).json()["version"] == 0
    first = client.patch(address(cast), {"version": 0, "ethics": "Board 12/3\r\nOslo"})
    assert first.status_code == 200
    second = client.patch(address(cast), {"version": 1, "authors": "A. Author"}).json()
    assert (second["version"], second["ethics"], second["authors"]) == (
        2,
        "Board 12/3\nOslo",
        "A. Author",
    )
    assert second["changed_at"] is not None
    assert client.get(address(cast)).json() == second
    assert current_details(cast.study).by == cast.coordinator
    assert Event.objects.filter(action="report_details.changed").count() == 2


def test_repeated_request_stores_no_further_version(cast, client_of):
    client = client_of(cast.coordinator)
    for _ in range(2):
        answer = client.patch(address(cast), {"version": 0, "funding": "None"})
        assert (answer.status_code, answer.json()["version"]) == (200, 1)
    assert ReportDetails.objects.count() == 1


def test_change_of_another_person_is_not_overwritten_unseen(cast, client_of):
    client = client_of(cast.coordinator)
    client.patch(address(cast), {"version": 0, "ethics": "first"})
    answer = client.patch(address(cast), {"version": 0, "ethics": "second"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "details_changed")
    assert current_details(cast.study).ethics == "first"


@pytest.mark.parametrize("body", [{}, {"version": -1}, {"version": 0, "ethics": "x" * 4001}])
def test_invalid_details_are_rejected(cast, client_of, body):
    assert client_of(cast.coordinator).patch(address(cast), body).status_code == 400
    assert current_details(cast.study) is None


@pytest.mark.parametrize(
    ("role", "get", "patch"),
    [
        ("coordinator", 200, 200),
        ("statistician", 200, 404),
        ("site_coordinator", 404, 403),
        ("reader", 404, 404),
        ("outsider", 404, 404),
    ],
)
def test_statisticians_read_and_only_coordinators_of_the_study_change_them(
    cast, client_of, role, get, patch
):
    person = getattr(cast, role)
    client = client_of(getattr(person, "user", person))
    assert client.get(address(cast)).status_code == get
    assert client.patch(address(cast), {"version": 0, "ethics": "x"}).status_code == patch
