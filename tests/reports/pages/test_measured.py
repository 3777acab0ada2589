"""AAC-8 and measured reading on the Agreement page, its pages of pairs, and in the API."""

from __future__ import annotations

import json

import pytest
from django.urls import reverse

from studies.protocol.models import Study
from tests.make import Cast
from tests.reports.measured_study import submit_measured
from tests.reports.submitted_study import lock

pytestmark = pytest.mark.django_db


@pytest.fixture
def measured() -> Cast:
    """A study with an unguided and a measured arm that scores AAC-8, before the lock."""
    cast = Cast(arms=["unguided", "measured"], scores=Study.Scores.AAC24_AAC8)
    cast.assign_cases(6)
    submit_measured(cast)
    return cast


def test_agreement_page_shows_measured_reading_and_aac8_after_the_lock(measured, client_of):
    client = client_of(measured.coordinator)
    url = reverse("agreement", args=[measured.study.slug])
    titles = ("Final and measured grades", "Agreement of measured and final grades")
    titles += ("Traced lengths", "AAC-8 scores", "AAC-8 totals: bias, limits of agreement and ICC")
    masked = client.get(url).content.decode()
    assert not any(title in masked for title in titles)
    lock(measured)
    shown = client.get(url).content.decode()
    for title in titles:
        assert title in shown, title
    # The posterior grade of L1 was overridden in each of the six readings.
    assert "6 (12.5 %)" in shown
    for outcome in ("aac8", "aac8_posterior", "aac8_group"):
        selected = client.get(url, {"outcome": outcome, "weights": "linear"})
        assert selected.status_code == 200, outcome


@pytest.mark.parametrize("kind", ["aac8", "measured", "lengths"])
def test_pairs_of_measured_reading_and_aac8_have_pages(measured, client_of, kind):
    lock(measured)
    url = reverse("agreement-pairs", args=[measured.study.slug, kind])
    shown = client_of(measured.statistician).get(url).content.decode()
    assert "–" in shown and "Measured" in shown
    assert client_of(measured.reader.user).get(url).status_code == 404


def test_statistics_and_api_have_aac8_and_measured_reading(measured, client_of):
    lock(measured)
    client = client_of(measured.coordinator)
    answer = client.get(reverse("statistics-json", args=[measured.study.slug]))
    records = json.loads(b"".join(answer.streaming_content))["results"]
    names = {(record["statistic"], record["outcome"]) for record in records}
    assert {
        ("light_kappa", "aac8"),
        ("cohen_kappa", "aac8_anterior"),
        ("bland_altman_bias", "aac8"),
        ("cohen_kappa", "aac8_group"),
        ("agreement_with_measured", "cells"),
        ("kappa_with_measured", "aac8_posterior"),
        ("cohen_kappa", "measured_cells"),
        ("icc_a_1", "calcified_mm"),
    } <= names
    api = client.get(f"/api/v1/studies/{measured.study.slug}/agreement", {"outcome": "aac8"})
    assert api.status_code == 200
    assert {record["outcome"] for record in api.json()["results"]} == {"aac8"}
    plain = client.get(f"/api/v1/studies/{measured.study.slug}/agreement").json()
    assert any(record.get("overridden") == 6 for record in plain["results"])
