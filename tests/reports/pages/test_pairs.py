"""Tables of pairs: a few on the agreement page, all of them a page at a time."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from studies.reports.pages import pairs
from studies.reports.pages.pairs import page_number
from tests.make import Cast, make_reader
from tests.reports.submitted_study import lock, submit_everything

pytestmark = pytest.mark.django_db


@pytest.fixture
def study(db) -> Cast:
    cast = Cast(readers_per_case=4)
    for name in ("rosa", "ruth"):
        make_reader(cast.study, cast.site, name)
    cast.assign_cases(4)
    submit_everything(cast)
    lock(cast)
    return cast


@pytest.fixture
def few(monkeypatch) -> None:
    monkeypatch.setattr(pairs, "PAIRS_ON_PAGE", 2)
    monkeypatch.setattr(pairs, "PAIRS_PER_PAGE", 4)


def shown(client, cast: Cast, name: str, *args: str, **query: str) -> str:
    return client.get(reverse(name, args=[cast.study.slug, *args]), query).content.decode()


def pairs_in(html: str) -> list[str]:
    return re.findall(r'<th scope="row">(?:<a [^>]+>)?(R\d\d – R\d\d)(?:</a>)?</th>', html)


def test_page_lists_all_pairs_if_they_are_few(study, client_of) -> None:
    html = shown(client_of(study.statistician), study, "agreement")
    assert "Show all 6 pairs" not in html
    assert len(set(pairs_in(html))) == 6


def test_page_lists_the_pairs_with_the_lowest_kappa_and_links_to_all(study, client_of, few) -> None:
    html = shown(client_of(study.statistician), study, "agreement", outcome="L1")
    assert html.count("Show all 6 pairs</a>") == 3
    assert "The 2 of 6 pairs with the lowest kappa, lowest first." in html
    address = reverse("agreement-pairs", args=[study.study.slug, "kappa"])
    assert f'href="{address}?outcome=L1&amp;weights=linear' in html


def test_pages_of_pairs_have_every_pair_once_in_order(study, client_of, few) -> None:
    client = client_of(study.statistician)
    for kind, rows in (("kappa", 1), ("readable", 1), ("totals", 2)):
        first, second = (
            pairs_in(shown(client, study, "agreement-pairs", kind, page=page)) for page in "12"
        )
        assert len(first) == 4 * rows and len(second) == 2 * rows, kind
        assert sorted(first + second) == first + second
        assert len(set(first + second)) == 6


def test_page_of_pairs_keeps_the_filters(study, client_of, few) -> None:
    html = shown(
        client_of(study.statistician), study, "agreement-pairs", "kappa", outcome="L2", page="1"
    )
    assert "L2, both walls" in html
    assert "Pairs 1 to 4 of 6" in html
    assert "outcome=L2&amp;weights=linear" in html and "page=2" in html


def test_kind_that_does_not_exist_is_not_found(study, client_of) -> None:
    address = reverse("agreement-pairs", args=[study.study.slug, "median"])
    assert client_of(study.statistician).get(address).status_code == 404


def test_pairs_are_masked_before_the_lock(read, client_of) -> None:
    address = reverse("agreement-pairs", args=[read.study.slug, "kappa"])
    assert client_of(read.statistician).get(address).status_code == 403


def test_page_number_is_limited_to_the_existing_pages() -> None:
    given = ("", "0", "2", "99", "-1", "x", "²")
    assert [page_number(text, 3) for text in given] == [1, 1, 2, 3, 1, 1, 1]


def test_no_column_heading_is_a_single_letter(study, client_of) -> None:
    html = shown(client_of(study.statistician), study, "agreement")
    heads = re.findall(r'<th scope="col"[^>]*>([^<]*)</th>', html)
    assert "Cells" in heads and "Readings" in heads
    assert "n" not in heads
