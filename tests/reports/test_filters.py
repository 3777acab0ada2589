"""Filters of the agreement page, and the numbers of the readings that they select."""

from __future__ import annotations

import pytest
from django.urls import reverse

from studies.analytics.io.tidy_csv import parse_csv
from studies.analytics.study.agreement import agreement
from studies.analytics.study.subset import Subset, select_subset
from studies.reports.agreement_figures import DRAWERS
from tests.make import Cast, make_case, make_reader
from tests.reports.submitted_study import lock, submit_everything

pytestmark = pytest.mark.django_db


@pytest.fixture
def study(db) -> Cast:
    cast = Cast(readers_per_case=3)
    make_reader(cast.study, cast.site, "rosa")
    for number in range(8):
        case = make_case(cast.study, cast.other_site if number % 2 else cast.site)
        case.scanner = "Hologic Horizon" if number % 4 == 0 else "GE Lunar iDXA"
        case.save()
    cast.assign_cases(0)
    submit_everything(cast)
    lock(cast)
    return cast


def records(client, cast: Cast, **query):
    response = client.get(f"/api/v1/studies/{cast.study.slug}/agreement", query)
    assert response.status_code == 200
    return response.json()


@pytest.mark.parametrize(
    ("query", "subset"),
    [
        ({"site": "B"}, Subset(site="B")),
        ({"scanner": "Hologic Horizon"}, Subset(scanner="Hologic Horizon")),
        ({"arm": "guided"}, Subset(arm="guided")),
        ({"reader": ["R01", "R03"]}, Subset(readers=("R01", "R03"))),
        ({"site": "A", "reader": ["R02", "R03"]}, Subset(readers=("R02", "R03"), site="A")),
        ({"site": "nowhere", "reader": ["R01"], "arm": "third"}, Subset()),
    ],
)
def test_numbers_are_those_of_the_selected_readings(study, client_of, query, subset):
    client = client_of(study.statistician)
    shown = records(client, study, outcome="cells", weights="linear", **query)
    csv = client.get(reverse("tidy-csv", args=[study.study.slug]))
    table = select_subset(parse_csv(b"".join(csv.streaming_content).decode()), subset)
    expected = agreement(table, outcomes=["cells"], weights=["linear"])
    assert shown["readers"] == list(table.readers)
    assert (shown["site"] or "", shown["scanner"] or "") == (subset.site, subset.scanner)
    mine = {
        (record["statistic"], record["arm"], tuple(record["readers"])): record["value"]
        for record in shown["results"]
    }
    for result in expected.results:
        key = (result.statistic, result.arm, result.readers)
        assert mine[key] == pytest.approx(result.estimate.value, abs=1e-12), key


def test_page_lists_available_filters_and_shows_the_selected_ones(study, client_of):
    client = client_of(study.coordinator)
    url = reverse("agreement", args=[study.study.slug])
    whole = client.get(url).content.decode()
    for word in ("All sites", "All scanners", "All 3", "Both arms, compared", "Hospital B"):
        assert word in whole, word
    subset = client.get(url, {"site": "B", "reader": ["R01", "R02"]}).content.decode()
    assert '<option value="B" selected>' in subset
    assert "2 of 3" in subset
    assert "subset of readings" in subset
    assert "primary outcome</span>" not in subset
    assert "site=B&amp;reader=R01&amp;reader=R02" in subset
    assert "16 selected of 48 submitted" in subset


def test_filters_without_readings_give_an_explanation(study, client_of):
    client = client_of(study.coordinator)
    url = reverse("agreement", args=[study.study.slug])
    shown = client.get(url, {"site": "B", "scanner": "Hologic Horizon"}).content.decode()
    assert "No readings match these filters" in shown
    query = {"site": "B", "scanner": "Hologic Horizon"}
    for name in DRAWERS:
        figure = reverse("agreement-figure", args=[study.study.slug, name])
        assert client.get(figure, query).status_code in (200, 404), name
    assert records(client, study, **query)["results"] == []


@pytest.mark.parametrize("name", ["totals", "totals-2", "totals-00", f"totals-{'0' * 5000}"])
def test_figure_of_an_unknown_arm_is_not_found(study, client_of, name):
    figure = reverse("agreement-figure", args=[study.study.slug, name])
    assert client_of(study.coordinator).get(figure).status_code == 404
