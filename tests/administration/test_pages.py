"""Pages for administrators: people, studies, health, versions and the audit trail."""

from __future__ import annotations

import csv
import io
import threading
import time
from datetime import UTC, datetime

import pytest
from django.core.management import call_command

from studies import __version__
from studies.administration import health, people, storage_use
from studies.audit.models import Event
from studies.audit.record import record
from studies.cases.review import exclude_case
from studies.monitoring.heartbeat import Heartbeat, publish_heartbeat
from studies.monitoring.timed_check import TimedCheck
from studies.readers.models import User
from tests.make import Cast, make_case, make_site, make_study, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_measured_yet(monkeypatch):
    monkeypatch.setattr(storage_use, "_LATEST", {})


@pytest.fixture
def ada(client):
    user = make_user("ada", is_staff=True, is_superuser=True)
    client.force_login(user)
    return user


def test_staff_without_all_rights_are_no_administrators(client):
    client.force_login(make_user("staff", is_staff=True))
    assert client.get("/administration").status_code == 404


def test_overview_names_versions_and_the_model_in_use(ada, cast, client):
    cast.assign_cases()
    text = client.get("/administration").content.decode()
    model = cast.study.study_models.get().model
    for fact in (__version__, model.checksum, "PostgreSQL", "none recorded"):
        assert fact in text


def test_backup_script_leaves_a_mark(ada, client):
    call_command("record_backup")
    event = Event.objects.get(action="backup.recorded")
    assert client.get("/administration").context["last_backup"] == event.at


def test_missing_broker_is_shown_and_does_not_fail_the_page(ada, client, settings, monkeypatch):
    def refuse() -> None:
        raise ConnectionError

    monkeypatch.setattr(health, "BROKER", TimedCheck(refuse))
    monkeypatch.setattr(health, "WORKERS", TimedCheck(refuse))
    monkeypatch.setattr(health, "STORAGE", TimedCheck(refuse))
    answer = client.get("/administration")
    assert answer.status_code == 200
    assert answer.content.decode().count("not reachable") == 2
    assert {queue.state for queue in answer.context["health"].queues} == {"unknown"}


def test_check_that_hangs_ends_with_the_deadline(ada, client, monkeypatch):
    released = threading.Event()
    monkeypatch.setattr(health, "WORKERS", TimedCheck(lambda: released.wait(60)))
    monkeypatch.setattr(health, "DEADLINE_S", 0.2)
    start = time.monotonic()
    assert client.get("/administration").status_code == 200
    assert time.monotonic() - start < 30
    released.set()


def test_queues_have_length_state_and_last_heartbeat(own_broker):
    before = datetime.now(UTC).replace(microsecond=0)
    publish_heartbeat(Heartbeat(model_problem="CheckpointError"), ["analyses"])
    with health.app.connection_for_write() as connection:
        client = connection.default_channel.client
        client.rpush("reports", "a message", "another one")
    queues = {queue.name: queue for queue in health._queues(health._check_workers())}
    assert (queues["analyses"].state, queues["analyses"].waiting) == ("ok", 0)
    assert queues["analyses"].last_seen >= before
    assert queues["analyses"].model_problem == "CheckpointError"
    assert (queues["reports"].state, queues["reports"].waiting) == ("no worker", 2)
    assert queues["training"].last_seen is None


def test_storage_is_measured_for_each_study(cast, settings):
    case = make_case(cast.study, cast.site)
    stored = sum(path.stat().st_size for path in settings.STORAGE.rglob("*") if path.is_file())
    use = storage_use.measure_storage()
    assert use.used == stored > 0
    assert use.by_folder == {str(case.study_id): stored}
    assert use.free > 0


def test_studies_are_listed_with_numbers_and_without_secrets(
    ada, cast, client, django_assert_max_num_queries
):
    cast.assign_cases(cases=2)
    rows = {row.study.slug: row for row in client.get("/administration/studies").context["rows"]}
    row = rows[cast.study.slug]
    assert (row.sites, row.members, row.cases, row.readings) == (2, 5, 2, 8)
    for number in range(5):
        make_site(make_study(cast.outsider, name=f"Study {number}"), "Z")
    with django_assert_max_num_queries(12):
        text = client.get("/administration/studies").content.decode()
    assert "Study 4" in text
    assert bytes(cast.study.key).hex() not in text


def test_people_are_found_by_parts_of_name_and_address(ada, cast, client):
    make_user("nina", first_name="Nina", last_name="Novak", email="nn@example.org")
    for search in ("nov", "nina novak", "nn@EXAMPLE"):
        page = client.get(f"/administration/people?q={search}").context["page"]
        assert [person.username for person in page] == ["nina"]
    assert "No people match" in client.get("/administration/people?q=nobody").content.decode()


def test_list_of_people_is_paged_with_a_constant_number_of_queries(
    ada, client, monkeypatch, django_assert_num_queries, django_assert_max_num_queries
):
    with django_assert_max_num_queries(9) as few:
        client.get("/administration/people")
    User.objects.bulk_create(User(username=f"person{number}") for number in range(60))
    with django_assert_num_queries(len(few)):
        answer = client.get("/administration/people?q=")
    assert len(answer.context["page"]) == people.PEOPLE_PER_PAGE
    assert "Page 1 of 2" in answer.content.decode()
    # The search stays in the address of the next page.
    assert "?q=person&amp;page=2" in client.get("/administration/people?q=person").content.decode()


def test_new_account_gets_a_link_that_is_shown_once(ada, client):
    fields = {"username": "cora", "first_name": "Cora", "may_create_studies": "on"}
    answer = client.post("/administration/people", fields)
    link = answer.context["link"]
    assert "/accounts/password/reset/" in link
    assert link in answer.content.decode()
    assert link not in client.get("/administration/people").content.decode()
    cora = User.objects.get(username="cora")
    assert cora.may_create_studies
    assert not cora.is_staff
    assert not cora.has_usable_password()
    again = client.post("/administration/people", fields)
    assert "already exists" in again.content.decode()


def test_reset_link_is_shown_once_and_never_stored(ada, cast, client):
    answer = client.post(f"/administration/people/{cast.reader.user.pk}/reset-link")
    link = answer.context["link"]
    assert client.get(link).status_code == 200
    assert link.rpartition("/")[2] not in str(list(Event.objects.values("data")))


def test_unknown_account_is_not_found(ada, client):
    assert client.post("/administration/people/999999/deactivate").status_code == 404


def test_trail_shows_no_content_of_studies(ada, cast, client):
    case = make_case(cast.study, cast.site)
    exclude_case(case=case, actor=cast.coordinator, reason="metal over L3")
    answer = client.get("/administration/trail?kind=case.excluded")
    (entry,) = answer.context["entries"]
    assert entry.sentence == f"clara excluded case {case.label}."
    assert "metal" not in answer.content.decode()


def test_trail_is_filtered_by_username(ada, cast, client):
    record("account.signed_in", actor=cast.coordinator)
    record("account.signed_in", actor=cast.outsider)
    answer = client.get("/administration/trail?person=CLARA&kind=account.signed_in")
    assert [entry.sentence for entry in answer.context["entries"]] == ["clara signed in."]
    assert "person=CLARA" in answer.content.decode()
    text = client.get("/administration/trail?person=nobody").content.decode()
    assert "There is no account with this username" in text


def csv_rows(answer) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.getvalue().decode())))


def test_trail_csv_is_safe_in_spreadsheets_and_recorded(ada, cast: Cast, client):
    cast.coordinator.first_name = "=1+1"
    cast.coordinator.save()
    record("account.signed_in", actor=cast.coordinator)
    rows = csv_rows(client.get("/administration/trail.csv"))
    assert rows[0]["sentence"] == "ada downloaded the file audit-trail."
    assert rows[1]["name"] == "'=1+1"
    assert rows[1]["sentence"] == "clara signed in."


def test_trail_takes_the_same_number_of_queries_whatever_its_length(
    ada, client, django_assert_num_queries, django_assert_max_num_queries
):
    record("account.signed_in", actor=ada)
    with django_assert_max_num_queries(9) as few:
        client.get("/administration/trail")
    for number in range(60):
        record("account.signed_in", actor=make_user(f"person{number}"))
    with django_assert_num_queries(len(few)):
        client.get("/administration/trail")
