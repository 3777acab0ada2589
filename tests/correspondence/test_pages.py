"""Pages and endpoints of messages, as every role."""

from __future__ import annotations

import csv
import io
import re
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from studies.audit.models import Event
from studies.correspondence.inbox import MAX_PENDING
from studies.correspondence.models import Announcement, Message, ReadMark, Thread
from studies.correspondence.summary import CorrespondenceSummary, summarise_correspondence
from studies.correspondence.threads import close_thread
from studies.readers.members import set_active
from tests.correspondence.conftest import announce, answer, ask, lock

pytestmark = pytest.mark.django_db


def page_text(client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200, response.content
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


@pytest.fixture
def url(written):
    return f"/studies/{written.slug}/messages"


def form(text: str = "Is this an osteophyte?", **fields: str) -> dict[str, str]:
    return {"message_id": str(uuid4()), "text": text, **fields}


def test_reader_asks_about_a_reading_and_gets_an_answer(written, url, client_of):
    reader, coordinator = client_of(written.reader.user), client_of(written.cast.coordinator)
    assert "Reading 1, period 1, opened" in page_text(reader, url)
    sent = reader.post(url, form(about=str(written.reading.pk)), format="multipart")
    assert sent.status_code == 302
    thread = Thread.objects.get()
    assert "Messages 1 unread" in page_text(coordinator, f"/studies/{written.slug}/cases")
    assert "unanswered" in page_text(coordinator, url)
    replied = coordinator.post(f"{url}/{thread.pk}", form("See page 2."), format="multipart")
    assert replied.status_code == 302
    assert "Messages 1 unread" in page_text(reader, "/")
    text = page_text(reader, f"{url}/{thread.pk}")
    assert "Coordinator," in text and "See page 2." in text
    assert "unread" not in page_text(reader, "/")


def test_reader_sees_neither_case_nor_name_of_a_coordinator(written, url, client_of):
    question = ask(written.reader, about=written.reading.pk)
    answer(question, written.coordinator)
    reader = client_of(written.reader.user)
    pages = [url, f"{url}/{question.thread.pk}", "/", f"/api/v1/studies/{written.slug}/messages"]
    pages.append(f"/api/v1/readings/{written.reading.pk}/messages")
    case = written.reading.case
    for address in pages:
        shown = reader.get(address).content.decode()
        for secret in (case.label, str(case.pk), "clara", "CO01", "unguided", "R02", "rolf"):
            assert secret not in shown.replace("Guides trial", ""), (address, secret)


def test_form_warns_each_side_of_what_not_to_write(written, url, client_of):
    question = ask(written.reader)
    thread = f"{url}/{question.thread.pk}"
    assert "Do not quote scores." in page_text(client_of(written.reader.user), url)
    assert "Do not quote scores." in page_text(client_of(written.reader.user), thread)
    warned = page_text(client_of(written.cast.coordinator), thread)
    assert "Do not name vertebral levels or grades" in warned


def test_text_is_escaped_and_has_no_active_links(written, url, client_of):
    question = ask(written.reader, "<script>alert(1)</script> https://example.org/x")
    page = client_of(written.cast.coordinator).get(f"{url}/{question.thread.pk}").content.decode()
    assert "&lt;script&gt;alert(1)" in page
    assert "https://example.org/x" in page and 'href="https://example.org' not in page


def test_rejected_text_stays_in_the_form(written, url, client_of):
    question = ask(written.reader)
    close_thread(thread=question.thread, by=written.coordinator)
    client = client_of(written.cast.coordinator)
    answered = client.post(f"{url}/{question.thread.pk}", form("Keep me"), format="multipart")
    assert answered.status_code == 200
    lock(written.study)
    reader = client_of(written.reader.user).post(url, form("Keep me"), format="multipart")
    assert reader.status_code == 200 and Message.objects.count() == 1


def test_site_coordinator_sees_the_case_only_if_it_is_from_their_site(written, url, client_of):
    ask(written.reader, about=written.reading.pk)
    client = client_of(written.cast.site_coordinator)
    case = written.reading.case
    assert case.label in page_text(client, url)
    case.site = written.cast.other_site
    case.save()
    text = page_text(client, url)
    assert case.label not in text and "not a case of your site" in text
    assert case.label in page_text(client_of(written.cast.coordinator), url)


def test_threads_of_others_do_not_exist(written, url, client_of):
    thread = ask(written.other_reader).thread
    for person in (written.reader.user, written.cast.site_coordinator, written.cast.outsider):
        client = client_of(person)
        assert client.get(f"{url}/{thread.pk}").status_code == 404
        assert client.post(f"{url}/{thread.pk}", form(), format="multipart").status_code == 404
        assert client.post(f"{url}/{thread.pk}/close").status_code == 404
    assert client_of(written.cast.statistician).get(url).status_code == 404
    assert client_of(written.reader.user).post(f"{url}/{thread.pk}/close").status_code == 404


def test_reading_of_another_reader_cannot_be_asked_about(written, url, client_of):
    client = client_of(written.reader.user)
    sent = client.post(url, form(about=str(written.other_reading.pk)), format="multipart")
    assert "does not exist" in sent.content.decode()
    address = f"/api/v1/readings/{written.other_reading.pk}/messages"
    assert client.get(address).status_code == client.post(address, form()).status_code == 404
    assert not Thread.objects.exists()


def test_deactivated_reader_reaches_no_messages(written, url, client_of):
    thread = ask(written.reader).thread
    set_active(membership=written.reader, active=False, by=written.cast.coordinator)
    client = client_of(written.reader.user)
    for address in (url, f"{url}/{thread.pk}", f"/api/v1/studies/{written.slug}/messages"):
        assert client.get(address).status_code == 404
    shown = page_text(client_of(written.cast.coordinator), f"{url}/{thread.pk}")
    assert "was deactivated" in shown


def test_lists_take_as_many_queries_with_one_thread_as_with_many(written, url, client_of):
    people = (written.reader.user, written.cast.coordinator)
    for number in range(2):
        answer(ask(written.reader, f"Question {number}"), written.coordinator)
    for _ in range(MAX_PENDING + 1):
        announce(written.coordinator)
    addresses = [url, "/", f"/studies/{written.slug}/announcements"]
    counts = []
    for extra in (0, 12):
        for number in range(extra):
            answer(ask(written.reader, f"More {number}"), written.coordinator)
            announce(written.coordinator)
        queries = []
        for person in people:
            client = client_of(person)
            for address in addresses:
                client.get(address)
                with CaptureQueriesContext(
                    connection,
                ) as captured:
                    client.get(address)
                queries.append(len(captured))
        counts.append(queries)
    assert counts[0] == counts[1]


def test_long_lists_are_paged(written, url, client_of):
    for number in range(21):
        ask(written.reader, f"Question {number}")
    client = client_of(written.cast.coordinator)
    assert client.get(url).content.decode().count("/messages/") == 20
    assert client.get(f"{url}?page=2").content.decode().count("/messages/") == 1


def test_filter_lists_unanswered_answered_and_closed_threads(written, url, client_of):
    open_, answered, closed = (ask(written.reader, name).thread for name in "abc")
    answer(answered.messages.get(), written.coordinator)
    close_thread(thread=closed, by=written.coordinator)
    client = client_of(written.cast.coordinator)
    for state, thread in (("unanswered", open_), ("answered", answered), ("closed", closed)):
        page = client.get(f"{url}?state={state}").content.decode()
        assert re.findall(r"/messages/([0-9a-f-]{36})", page) == [str(thread.pk)]


def test_download_has_every_message_and_no_formula(written, url, client_of):
    question = ask(written.reader, "=1+1", about=written.reading.pk)
    answer(question, written.site_coordinator, "See\nthe guide, page 2")
    ask(written.other_reader)
    announce(written.coordinator, "Pause on Friday.")
    client = client_of(written.cast.coordinator)
    response = client.get(f"/studies/{written.slug}/messages.csv")
    text = b"".join(response.streaming_content).decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(row["kind"], row["author"], row["text"]) for row in rows] == [
        ("question", "R01", "'=1+1"),
        ("answer", "CO02", "See\nthe guide, page 2"),
        ("question", "R02", "Is this an osteophyte?"),
        ("announcement", "CO01", "Pause on Friday."),
    ]
    assert rows[0]["case"] == written.reading.case.label
    assert rows[0]["about"] == "reading 1, period 1"
    assert "score" not in text and "guided" not in text
    assert Event.objects.filter(action="messages.downloaded").count() == 1


def test_coordinator_publishes_and_withdraws_and_the_reader_acknowledges(written, client_of):
    address = f"/studies/{written.slug}/announcements"
    coordinator, reader = client_of(written.cast.coordinator), client_of(written.reader.user)
    sent = coordinator.post(address, form("Pause on Friday.", site=""), format="multipart")
    assert sent.status_code == 302
    row = Announcement.objects.get()
    assert "Announcement by the coordinator" in page_text(reader, "/")
    back = reader.post(f"{address}/{row.pk}/acknowledge", {"from": "home"}, format="multipart")
    assert back["Location"] == "/"
    assert "Pause on Friday." not in page_text(reader, "/")
    assert "Acknowledged by 1 reader." in page_text(coordinator, address)
    coordinator.post(f"{address}/{row.pk}/withdraw", {"reason": "wrong day"}, format="multipart")
    assert "wrong day" in page_text(coordinator, address)
    assert "Pause on Friday." not in page_text(reader, f"/studies/{written.slug}/messages")


def test_site_coordinator_writes_to_their_site(written, client_of):
    client = client_of(written.cast.site_coordinator)
    client.post(
        f"/studies/{written.slug}/announcements",
        form("Site news", site=str(written.cast.other_site.pk)),
        format="multipart",
    )
    assert Announcement.objects.get().site == written.cast.site


def test_room_gets_the_thread_of_a_reading_and_marks_it_as_read(written, client_of):
    client = client_of(written.reader.user)
    address = f"/api/v1/readings/{written.reading.pk}/messages"
    inbox = f"/api/v1/studies/{written.slug}/messages"
    empty = client.get(address).json()
    assert empty["name"] == "reading 1, period 1" and empty["messages"] == []
    sent = client.post(address, form("From the room")).json()
    assert [(m["author"], m["text"]) for m in sent["messages"]] == [("You", "From the room")]
    answer(Message.objects.get(), written.coordinator)
    announce(written.coordinator)
    waiting = client.get(inbox).json()
    assert waiting["unread"] == 1 and waiting["announcements"][0]["author"] == "Coordinator"
    assert [m["author"] for m in client.get(address).json()["messages"]] == ["You", "Coordinator"]
    pk = waiting["announcements"][0]["id"]
    assert client.post(f"/api/v1/announcements/{pk}/acknowledge").status_code == 204
    assert client.get(inbox).json() == {"unread": 0, "announcements": []}


def test_room_shows_the_latest_messages_of_a_long_thread(written, client_of):
    for number in range(12):
        ask(written.reader, f"Question {number}", about=written.reading.pk)
    shown = client_of(written.reader.user).get(f"/api/v1/readings/{written.reading.pk}/messages")
    assert shown.json()["earlier"] == 2
    assert shown.json()["messages"][-1]["text"] == "Question 11"


def test_looking_at_a_thread_marks_it_as_read_for_that_member_only(written, url, client_of):
    question = ask(written.reader)
    client_of(written.cast.coordinator).get(f"{url}/{question.thread.pk}")
    marks = ReadMark.objects.filter(thread=question.thread)
    assert set(marks.values_list("member", flat=True)) == {
        written.reader.pk,
        written.coordinator.pk,
    }


def test_summary_counts_without_texts(written):
    answer(ask(written.reader, about=written.reading.pk), written.coordinator)
    ask(written.other_reader)
    announce(written.coordinator)
    assert summarise_correspondence(written.study) == CorrespondenceSummary(
        threads=2, about_readings=1, questions=2, answers=1, announcements=1, withdrawn=0
    )


def test_empty_list_of_announcements_names_those_who_would_get_one(cast, client_of):
    address = f"/studies/{cast.study.slug}/announcements"
    pages = {
        name: client_of(getattr(cast, name)).get(address).content.decode()
        for name in ("coordinator", "site_coordinator")
    }
    assert "Write to all readers" in pages["coordinator"]
    assert "Write to the readers of Hospital A" in pages["site_coordinator"]
