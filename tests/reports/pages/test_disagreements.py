"""The review of disagreements: who may open it, what it lists, and the links that lead to it."""

from __future__ import annotations

import json
import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse

from studies.analytics.scale import CELLS
from studies.cases.review import exclude_case
from studies.readers.models import Membership
from studies.review.notes import add_note
from studies.sessions.masking import record_interim_look
from studies.sessions.models import Measurement, Reading, Score
from tests.make import Cast
from tests.reports.submitted_study import lock, submit_everything

pytestmark = pytest.mark.django_db


def list_page(cast: Cast) -> str:
    return reverse("disagreements", args=[cast.study.slug])


def case_page(cast: Cast, label: str) -> str:
    return reverse("disagreement", args=[cast.study.slug, label])


def pixels(cast: Cast, label: str) -> str:
    return reverse("api-review-pixels", args=[cast.study.slug, label])


def listed(page: str) -> list[tuple[str, str]]:
    return re.findall(
        r'<th scope="row"><a href="[^"]+">(C\d+)</a></th><td class="number">([\d.]+)', page
    )


def data_of(page: str) -> dict:
    match = re.search(r'<script id="page-data" type="application/json">(.*?)</script>', page)
    return json.loads(match.group(1))


def grades_of(cast: Cast, arm: str) -> dict[tuple[str, str], dict[str, int]]:
    """Return the stored grades by case and reader."""
    scores = Score.objects.filter(reading__reading_list__study=cast.study)
    grades: dict[tuple[str, str], dict[str, int]] = {}
    for case, reader, cell, score in scores.filter(reading__reading_list__arm=arm).values_list(
        "reading__case__label", "reading__reading_list__reader__label", "cell", "score"
    ):
        grades.setdefault((case, reader), {})[cell] = score
    return grades


def test_cases_are_listed_by_the_stored_scores(locked, client_of):
    grades = grades_of(locked, "unguided")
    labels = sorted({case for case, _ in grades})
    expected = []
    for case in labels:
        first, second = grades[case, "R01"], grades[case, "R02"]
        mean = sum(abs(first[cell] - second[cell]) for cell in CELLS) / 3 / 8
        expected.append((case, f"{mean:.3f}"))
    expected.sort(key=lambda row: (-float(row[1]), row[0]))
    page = client_of(locked.statistician).get(list_page(locked), {"arm": "unguided"})
    assert listed(page.content.decode()) == expected


def test_list_follows_outcome_pair_and_arm(locked, client_of):
    grades = grades_of(locked, "guided")
    client = client_of(locked.coordinator)
    query = {"arm": "guided", "outcome": "aac24", "weights": "none", "pair": "R01~R02"}
    page = client.get(list_page(locked), query).content.decode()
    totals = {key: sum(of_cell.values()) for key, of_cell in grades.items()}
    for case, disagreement in listed(page):
        first, second = totals[case, "R01"], totals[case, "R02"]
        assert float(disagreement) == (first != second)
        assert f">{first} and {second}</td>" in page
    cell = {**query, "first": str(totals[case, "R01"]), "second": str(totals[case, "R02"])}
    page = client.get(list_page(locked), cell).content.decode()
    behind = {
        name for name, _ in totals if (totals[name, "R01"], totals[name, "R02"]) == (first, second)
    }
    assert {name for name, _ in listed(page)} == behind
    assert f"R01: {first} and R02: {second}" in page


def test_case_page_shows_both_readings_with_labels_only(locked, client_of):
    grades = grades_of(locked, "guided")
    case = locked.study.cases.first().label
    client = client_of(locked.statistician)
    page = client.get(case_page(locked, case), {"arm": "guided"}).content.decode()
    data = data_of(page)
    assert {reading["reader"] for reading in data["readings"]} == {"R01", "R02"}
    for reading in data["readings"]:
        expected = grades[case, reading["reader"]]
        assert {cell: value["score"] for cell, value in reading["cells"].items()} == expected
        assert reading["total"] == sum(expected.values())
    assert data["guides"][0]["name"] == "T12/L1"
    assert client.get(data["pixels"]).status_code == 200
    for person in (locked.reader.user, locked.other_reader.user):
        assert person.username not in page


def test_next_and_previous_follow_the_list(locked, client_of):
    client = client_of(locked.coordinator)
    order = [case for case, _ in listed(client.get(list_page(locked)).content.decode())]
    page = client.get(case_page(locked, order[1])).content.decode()
    for rel, label in (("prev", order[0]), ("next", order[2])):
        link = re.search(rf'rel="{rel}"[^>]+href="([^"]+)"', page).group(1)
        assert f"/cases/{label}?" in link
    assert f"2 of {len(order)}" in page


def test_shifted_levels_give_a_hint(read, client_of):
    case = read.study.cases.first()
    grades = [0, 0, 2, 3, 3, 1, 0, 0]
    for reading in Reading.objects.filter(case=case):
        shifted = reading.reading_list.reader.label == "R02"
        values = [*grades[-2:], *grades[:-2]] if shifted else grades
        for cell, value in zip(CELLS, values, strict=True):
            Score.objects.filter(reading=reading, cell=cell).update(score=value)
    lock(read)
    client = client_of(read.statistician)
    hint = "R02 agrees with R01 after a shift cranially by one level"
    assert hint in client.get(list_page(read)).content.decode()
    data = data_of(client.get(case_page(read, case.label)).content.decode())
    assert data["hints"] == [{"readers": ["R01", "R02"], "text": hint}]


def test_traces_of_measured_readings_are_shown(locked, client_of):
    case = locked.study.cases.first()
    reading = Reading.objects.filter(case=case, reading_list__arm="guided").first()
    line = [[30, 40], [31, 50]]
    Measurement.objects.create(reading=reading, traces=[{"wall": "anterior", "points": line}])
    page = client_of(locked.coordinator).get(case_page(locked, case.label), {"arm": "guided"})
    traces = {r["reader"]: r["traces"] for r in data_of(page.content.decode())["readings"]}
    assert traces.pop(reading.reading_list.reader.label) == [line]
    assert list(traces.values()) == [[]]


@pytest.mark.parametrize("role", ["reader", "other_reader", "site_coordinator", "outsider"])
def test_others_get_404_even_after_the_lock(locked, client_of, role):
    person = getattr(locked, role)
    client = client_of(getattr(person, "user", person))
    label = locked.study.cases.first().label
    for address in (list_page(locked), case_page(locked, label), pixels(locked, label)):
        assert client.get(address).status_code == 404


def test_review_stays_closed_during_an_interim_look(read, client_of):
    record_interim_look(study=read.study, by=read.statistician, reason="Safety")
    client = client_of(read.statistician)
    label = read.study.cases.first().label
    page = client.get(list_page(read)).content.decode()
    assert "Readings can be reviewed once the study is locked" in page
    assert label not in page
    assert client.get(case_page(read, label)).status_code == 403
    assert client.get(pixels(read, label)).status_code == 403
    agreement = client.get(reverse("agreement", args=[read.study.slug])).content.decode()
    assert list_page(read) not in agreement


def test_case_of_another_study_an_unknown_and_an_excluded_one_are_404(read, client_of):
    excluded = read.study.cases.first()
    exclude_case(case=excluded, actor=read.coordinator, reason="Not a spine")
    lock(read)
    client = client_of(read.coordinator)
    for label in (excluded.label, "C9999", "x"):
        assert client.get(case_page(read, label)).status_code == 404
        assert client.get(pixels(read, label)).status_code == 404
    shown = [case for case, _ in listed(client.get(list_page(read)).content.decode())]
    assert excluded.label not in shown


def test_number_of_queries_does_not_depend_on_the_number_of_cases(
    cast, client_of, django_assert_max_num_queries
):
    cast.assign_cases(4)
    submit_everything(cast)
    lock(cast)
    member = Membership.objects.get(study=cast.study, user=cast.coordinator)
    for case in cast.study.cases.all():
        add_note(case=case, by=member, text="Look again")
    client = client_of(cast.coordinator)
    # Once, so that the data snapshot is in the cache.
    client.get(list_page(cast))
    with django_assert_max_num_queries(38) as few:
        client.get(list_page(cast))
    assert sum("review_reviewnote" in query["sql"] for query in few) == 1
    with django_assert_max_num_queries(42) as few:
        client.get(case_page(cast, cast.study.cases.first().label))
    assert sum("sessions_score" in query["sql"] for query in few) <= 1


def test_rows_of_the_agreement_page_lead_to_their_cases(locked, client_of):
    client = client_of(locked.statistician)
    page = client.get(reverse("agreement", args=[locked.study.slug])).content.decode()
    links = {
        text: parse_qs(urlsplit(unescape(address)).query)
        for address, text in re.findall(
            r'<th scope="row"><a href="([^"]+)" title="Review the cases behind this row">(.*?)</a>',
            page,
        )
    }
    assert links["L2, both walls (0–6)"]["outcome"] == ["L2"]
    assert links["Posterior wall (0–12)"]["outcome"] == ["posterior"]
    assert links["R01 – R02"]["pair"] == ["R01~R02"]


def test_counts_of_the_confusion_matrix_lead_to_their_cases(locked, client_of):
    client = client_of(locked.statistician)
    address = reverse("agreement", args=[locked.study.slug])
    page = client.get(address, {"outcome": "aac_group"}).content.decode()
    cells = re.findall(r'<td class="number"><a href="([^"]+first=[^"]+)">(\d+)</a></td>', page)
    # One item per case, six cases in each of the two arms.
    assert sum(int(count) for _, count in cells) == 12
    for link, count in cells:
        assert len(listed(client.get(unescape(link)).content.decode())) == int(count)
