from __future__ import annotations

import pytest
from django.urls import reverse

from tests.make import Cast
from tests.reports.submitted_study import submit_everything

pytestmark = pytest.mark.django_db


def page(client, cast: Cast, **query: str) -> str:
    return client.get(reverse("precision", args=[cast.study.slug]), query).content.decode()


def test_plan_is_shown_with_both_models_and_without_a_score(cast, client_of):
    cast.assign_cases(6)
    submit_everything(cast)
    shown = page(client_of(cast.coordinator), cast)
    assert "Latent" in shown and "Guessing" in shown
    assert "121 cases for ± 0.10" in shown
    assert "read so far" in shown
    assert "So far 6 cases" in shown


def test_plan_is_part_of_the_address(cast, client_of):
    query = {"margins": "78,16,6", "kappa": "0.8", "weights": "quadratic", "readers": "4"}
    shown = page(client_of(cast.statistician), cast, **query, cases="60")
    assert "78, 16, 6" in shown
    assert "planned" in shown


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"kappa": "high"}, "Enter numbers"),
        ({"kappa": "nan"}, "Expected kappa"),
        ({"kappa": "1"}, "Expected kappa"),
        ({"margins": "50, 40"}, "add up to 100"),
        ({"margins": "nan, 40"}, "2 to 25 percentages"),
        ({"readers": "99"}, "readers"),
        ({"cases": "100000"}, "cases"),
        ({"cases": "9" * 5000}, "Enter numbers"),
        ({"margins": "100, 1e-320"}, "at least 0.1 %"),
        ({"margins": "99.9999, 0.0001", "kappa": "0.98"}, "at least 0.1 %"),
        ({"margins": "1e-300, 100"}, "at least 0.1 %"),
    ],
)
def test_invalid_plan_is_explained(cast, client_of, query, message):
    assert message in page(client_of(cast.coordinator), cast, **query)


@pytest.mark.parametrize(
    "margins", ["99.9, 0.1", ",".join(["0.1"] * 24 + ["97.6"]), "0, 99.6, 0.4"]
)
@pytest.mark.parametrize("kappa", ["0", "1e-320", "0.98"])
@pytest.mark.parametrize("weights", ["unweighted", "linear", "quadratic"])
def test_extreme_plan_is_simulated_or_refused_with_a_sentence(
    cast, client_of, monkeypatch, margins, kappa, weights
):
    monkeypatch.setattr("studies.reports.pages.planner.SIMULATIONS", 2)
    url = reverse("precision", args=[cast.study.slug])
    query = {"margins": margins, "kappa": kappa, "weights": weights, "cases": "10"}
    response = client_of(cast.coordinator).get(url, query)
    assert response.status_code == 200
    shown = response.content.decode()
    assert "cases for ± 0.10" in shown or "cannot reach this kappa" in shown
