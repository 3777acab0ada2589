"""Lists of cases and uploads: one page at a time, whatever the number of rows."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from studies.cases import listing
from studies.cases.models import Case, Upload
from studies.cases.review import release_case
from studies.cases.upload import history
from studies.sessions.study_lifecycle import assign_cases
from tests.make import make_case

pytestmark = pytest.mark.django_db


class Watched:
    """A client's answers with the queries they took."""

    def __init__(self, client: Any) -> None:
        self.client = client

    def get(self, address: str) -> tuple[Any, int]:
        with CaptureQueriesContext(connection) as captured:
            answer = self.client.get(address)
        assert answer.status_code == 200, answer.content
        return answer, len(captured)


@pytest.fixture
def watched(cast, client_of):
    return Watched(client_of(cast.coordinator))


@pytest.fixture
def small_pages(monkeypatch):
    monkeypatch.setattr(listing, "PAGE_SIZE", 3)
    monkeypatch.setattr(history, "PAGE_SIZE", 3)
    monkeypatch.setattr(history, "MAX_CHANGES", 2)


def make_cases(cast, count: int, **fields: Any) -> list[Case]:
    return [make_case(cast.study, cast.site, **fields) for _ in range(count)]


def make_uploads(cast, cases: list[Case]) -> list[Upload]:
    return [
        Upload.objects.create(
            study=cast.study, uploader=cast.coordinator, name="a.dcm", status="accepted", case=case
        )
        for case in cases
    ]


def tiles(answer: Any) -> list[str]:
    page = answer.content.decode()
    return [part.partition("</strong>")[0] for part in page.split("<strong>")[1:]]


@pytest.mark.parametrize("path", ["/studies/{}/cases", "/api/v1/studies/{}/cases"])
def test_cases_take_as_many_queries_and_bytes_for_many_as_for_few(cast, watched, small_pages, path):
    address = path.format(cast.study.slug)
    make_cases(cast, 4)
    few, few_queries = watched.get(address)
    make_cases(cast, 8)
    many, many_queries = watched.get(address)
    assert many_queries == few_queries <= 10
    assert len(many.content) < len(few.content) * 1.1


def test_pages_hold_every_case_once_and_in_order(cast, watched, small_pages):
    labels = [case.label for case in make_cases(cast, 7)]
    address = f"/studies/{cast.study.slug}/cases"
    pages = [tiles(watched.get(f"{address}?page={number}")[0]) for number in (1, 2, 3)]
    assert pages == [labels[:3], labels[3:6], labels[6:]]
    newest = tiles(watched.get(f"{address}?order=newest&page=3")[0])
    assert newest == labels[:1]
    assert tiles(watched.get(f"{address}?page=99")[0]) == labels[6:]


@pytest.mark.parametrize("page", ["0", "-1", "x", "9" * 40, "²"])
def test_page_that_is_no_number_is_the_first_or_the_last(cast, watched, small_pages, page):
    make_cases(cast, 4)
    answer, _ = watched.get(f"/studies/{cast.study.slug}/cases?page={page}&state=nonsense")
    assert tiles(answer)


def test_case_10000_comes_after_case_9999(cast, watched):
    for label, case in zip(["C10000", "C9999"], make_cases(cast, 2), strict=True):
        Case.objects.filter(pk=case.pk).update(label=label)
    assert tiles(watched.get(f"/studies/{cast.study.slug}/cases")[0]) == ["C9999", "C10000"]


def test_filters_say_how_many_cases_they_show_under_the_other_filters(cast, watched):
    make_cases(cast, 2)
    make_case(cast.study, cast.other_site, aorta="cropped")
    excluded = make_case(cast.study, cast.site, state="excluded")
    make_case(cast.study, cast.site, uncertainty={"reason": "gap", "detail": "a gap"})
    page = watched.get(f"/studies/{cast.study.slug}/cases?site=A")[0].content.decode()
    assert "level labelling uncertain (1)" in page and "aorta cropped (0)" in page
    assert "ready (3)" in page and "excluded (1)" in page
    assert "Hospital A (4)" in page and "Hospital B (1)" in page
    page = watched.get(f"/studies/{cast.study.slug}/cases?q={excluded.label}")[0].content.decode()
    assert "ready (0)" in page and "Hospital B (0)" in page


def test_released_filter_shows_and_counts_released_cases_until_they_are_assigned(cast, watched):
    """Each case is counted once, however many readings it has."""
    released, pending = make_cases(cast, 2, state="pending_review")
    make_case(cast.study, cast.site)
    release_case(case=released, actor=cast.coordinator)
    address = f"/studies/{cast.study.slug}/cases"
    answer = watched.get(f"{address}?state=released")[0]
    assert tiles(answer) == [released.label]
    page = answer.content.decode()
    assert "released, not yet assigned (1)" in page
    assert "pending de-identification review (1)" in page
    assign_cases(study=cast.study, by=cast.coordinator)
    release_case(case=pending, actor=cast.coordinator)
    answer = watched.get(f"{address}?state=released")[0]
    assert tiles(answer) == [pending.label]
    page = answer.content.decode()
    assert "released, not yet assigned (1)" in page and "ready (3)" in page
    page = watched.get(f"/api/v1{address}?state=released")[0].json()
    assert (page["count"], [case["label"] for case in page["results"]]) == (1, [pending.label])


def test_links_of_the_list_keep_filter_order_and_page(cast, watched, small_pages):
    make_cases(cast, 7)
    query = "?state=ready&amp;site=A&amp;order=newest"
    address = f"/studies/{cast.study.slug}/cases{query}".replace("&amp;", "&")
    page = watched.get(f"{address}&page=2")[0].content.decode()
    assert f'rel="prev" aria-keyshortcuts="p" href="{query}"' in page
    assert f'rel="next" aria-keyshortcuts="n" href="{query}&amp;page=3"' in page
    assert f'{query}">' in page.partition('class="thumbnail"')[2].partition("<img")[0]


def test_case_page_leads_through_the_list_that_it_was_opened_from(cast, watched, small_pages):
    cases = make_cases(cast, 6)
    for case in cases[1::2]:
        Case.objects.filter(pk=case.pk).update(site=cast.other_site)
    mine = cases[::2]
    page = watched.get(f"/cases/{mine[1].pk}?site=A")[0].content.decode()
    assert f'rel="prev" aria-keyshortcuts="p" href="/cases/{mine[0].pk}?site=A"' in page
    assert f'rel="next" aria-keyshortcuts="n" href="/cases/{mine[2].pk}?site=A"' in page
    assert "2 of 3" in page
    newest = watched.get(f"/cases/{mine[1].pk}?site=A&order=newest")[0].content.decode()
    assert (
        f'rel="next" aria-keyshortcuts="n" href="/cases/{mine[0].pk}?site=A&amp;order=newest"'
        in newest
    )
    assert 'rel="next"' not in watched.get(f"/cases/{mine[2].pk}?site=A")[0].content.decode()


def test_back_from_a_case_leads_to_the_page_that_it_is_on(cast, watched, small_pages):
    cases = make_cases(cast, 5)
    page = watched.get(f"/cases/{cases[4].pk}?state=ready")[0].content.decode()
    assert f'href="/studies/{cast.study.slug}/cases?state=ready&amp;page=2"' in page


def test_case_page_of_a_site_leads_to_no_other_sites_case(cast, client_of):
    mine, other = make_cases(cast, 2)
    Case.objects.filter(pk=other.pk).update(site=cast.other_site)
    page = client_of(cast.site_coordinator).get(f"/cases/{mine.pk}").content.decode()
    assert str(other.pk) not in page and "1 of 1" in page


def test_uploads_take_as_many_queries_and_bytes_for_many_as_for_few(cast, watched, small_pages):
    address = f"/api/v1/studies/{cast.study.slug}/uploads"
    make_uploads(cast, make_cases(cast, 4))
    few, few_queries = watched.get(address)
    make_uploads(cast, make_cases(cast, 8))
    many, many_queries = watched.get(address)
    assert many_queries == few_queries <= 10
    assert len(many.content) < len(few.content) * 1.1
    assert many.json()["counts"]["accepted"] == 12


def test_older_uploads_come_page_by_page(cast, watched, small_pages):
    uploads = make_uploads(cast, make_cases(cast, 7))
    address = f"/api/v1/studies/{cast.study.slug}/uploads"
    seen: list[str] = []
    before = ""
    while results := watched.get(f"{address}{before}")[0].json()["results"]:
        seen += [one["id"] for one in results]
        before = f"?before={results[-1]['at']}_{results[-1]['id']}"
    assert seen == [str(one.pk) for one in reversed(uploads)]


def test_poll_gets_only_what_changed_and_all_of_it(cast, watched, small_pages, monkeypatch):
    monkeypatch.setattr(history, "OVERLAP", timedelta(0))
    cases = make_cases(cast, 6, state="analysing")
    uploads = make_uploads(cast, cases)
    address = f"/api/v1/studies/{cast.study.slug}/uploads"
    first = watched.get(address)[0].json()
    assert first["counts"]["analysing"] == 6
    changed = uploads[:5]
    for upload in changed:
        Case.objects.filter(pk=upload.case_id).update(state="ready")
    seen: list[str] = []
    more, cursor = True, first["cursor"]
    while more:
        answer, queries = watched.get(f"{address}?since={cursor.replace('+', '%2B')}")
        assert queries <= 10
        page = answer.json()
        assert len(page["results"]) <= 2
        seen += [one["id"] for one in page["results"]]
        more, cursor = page["more"], page["cursor"]
    assert seen == [str(one.pk) for one in changed]
    assert page["counts"]["analysing"] == 1
    quiet = watched.get(f"{address}?since={cursor.replace('+', '%2B')}")[0].json()
    assert quiet["results"] == []


def test_change_that_is_committed_late_is_sent_with_the_next_poll(cast, watched):
    """Its time is before the cursor's, since the poll came between the change and its commit."""
    (upload,) = make_uploads(cast, make_cases(cast, 1, state="analysing"))
    address = f"/api/v1/studies/{cast.study.slug}/uploads"
    Case.objects.filter(pk=upload.case_id).update(state="ready")
    cursor = watched.get(address)[0].json()["cursor"].replace("+", "%2B")
    results = watched.get(f"{address}?since={cursor}")[0].json()["results"]
    assert [one["case"]["state"] for one in results] == ["ready"]


@pytest.mark.parametrize("cursor", ["x", "2026-01-01_x", "2026-01-01T00:00:00_" + "0" * 32])
def test_cursor_that_is_none_is_refused(cast, client_of, cursor):
    address = f"/api/v1/studies/{cast.study.slug}/uploads?since={cursor}"
    answer = client_of(cast.coordinator).get(address)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "bad_cursor"


def test_upload_of_another_sites_twin_shows_and_counts_no_case(cast, client_of):
    case = make_case(cast.study, cast.other_site, state="analysing")
    Upload.objects.create(
        study=cast.study, uploader=cast.site_coordinator, name="a", status="duplicate", case=case
    )
    answer = client_of(cast.site_coordinator).get(f"/api/v1/studies/{cast.study.slug}/uploads")
    assert answer.json()["results"][0]["case"] is None
    assert answer.json()["counts"]["analysing"] == answer.json()["counts"]["to_analyse"] == 0
