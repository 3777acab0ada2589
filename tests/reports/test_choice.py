"""What is chosen in the address, and that the numbers are those of what is left."""

from __future__ import annotations

import pytest
from django.urls import reverse

from studies.analytics.io.tidy_csv import parse_csv
from studies.analytics.study.agreement import agreement
from studies.reports.agreement_figures import DRAWERS
from studies.reports.subset import Part, part_of
from tests.make import Cast, make_case, make_reader
from tests.reports.played import lock, submit_everything

pytestmark = pytest.mark.django_db


@pytest.fixture
def study(db) -> Cast:
    cast = Cast(readers_per_case=3)
    make_reader(cast.study, cast.site, "rosa")
    for place in range(8):
        made = make_case(cast.study, cast.other_site if place % 2 else cast.site)
        made.scanner = "Hologic Horizon" if place % 4 == 0 else "GE Lunar iDXA"
        made.save()
    cast.assign_cases(0)
    submit_everything(cast)
    lock(cast)
    return cast


def records(client, cast: Cast, **asked):
    answer = client.get(f"/api/v1/studies/{cast.study.slug}/agreement", asked)
    assert answer.status_code == 200
    return answer.json()


@pytest.mark.parametrize(
    ("asked", "part"),
    [
        ({"site": "B"}, Part(site="B")),
        ({"scanner": "Hologic Horizon"}, Part(scanner="Hologic Horizon")),
        ({"arm": "guided"}, Part(arm="guided")),
        ({"reader": ["R01", "R03"]}, Part(readers=("R01", "R03"))),
        ({"site": "A", "reader": ["R02", "R03"]}, Part(readers=("R02", "R03"), site="A")),
        ({"site": "nowhere", "reader": ["R01"], "arm": "third"}, Part()),
    ],
)
def test_numbers_are_those_of_what_is_left(study, client_of, asked, part):
    client = client_of(study.statistician)
    shown = records(client, study, outcome="cells", weights="linear", **asked)
    csv = client.get(reverse("tidy-csv", args=[study.study.slug]))
    table = part_of(parse_csv(b"".join(csv.streaming_content).decode()), part)
    expected = agreement(table, outcomes=["cells"], weights=["linear"])
    assert shown["readers"] == list(table.readers)
    assert (shown["site"] or "", shown["scanner"] or "") == (part.site, part.scanner)
    mine = {
        (each["statistic"], each["arm"], tuple(each["readers"])): each["value"]
        for each in shown["results"]
    }
    for result in expected.results:
        key = (result.statistic, result.arm, result.readers)
        assert mine[key] == pytest.approx(result.estimate.value, abs=1e-12), key


def test_page_offers_what_there_is_and_keeps_what_is_chosen(study, client_of):
    client = client_of(study.coordinator)
    url = reverse("agreement", args=[study.study.slug])
    whole = client.get(url).content.decode()
    for word in ("All sites", "All scanners", "All 3", "Both, compared", "Hospital B"):
        assert word in whole, word
    part = client.get(url, {"site": "B", "reader": ["R01", "R02"]}).content.decode()
    assert '<option value="B" selected>' in part
    assert "2 of 3" in part
    assert "a part of the readings" in part
    assert "primary outcome</span>" not in part
    assert "site=B&amp;reader=R01&amp;reader=R02" in part
    assert "16 chosen, of 48 submitted" in part


def test_choice_that_leaves_nothing_says_so(study, client_of):
    client = client_of(study.coordinator)
    url = reverse("agreement", args=[study.study.slug])
    shown = client.get(url, {"site": "B", "scanner": "Hologic Horizon"}).content.decode()
    assert "No reading is left" in shown
    asked = {"site": "B", "scanner": "Hologic Horizon"}
    for name in DRAWERS:
        figure = reverse("agreement-figure", args=[study.study.slug, name])
        assert client.get(figure, asked).status_code in (200, 404), name
    assert records(client, study, **asked)["results"] == []


@pytest.mark.parametrize("name", ["totals", "totals-2", "totals-00", f"totals-{'0' * 5000}"])
def test_figure_of_no_arm_is_not_there(study, client_of, name):
    figure = reverse("agreement-figure", args=[study.study.slug, name])
    assert client_of(study.coordinator).get(figure).status_code == 404
