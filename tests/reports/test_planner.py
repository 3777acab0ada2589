from __future__ import annotations

import pytest
from django.urls import reverse

from tests.make import Cast
from tests.reports.played import submit_everything

pytestmark = pytest.mark.django_db


def page(client, cast: Cast, **query: str) -> str:
    return client.get(reverse("precision", args=[cast.study.slug]), query).content.decode()


def test_plan_is_shown_with_both_models_and_without_a_score(cast, client_of):
    cast.deal(6)
    submit_everything(cast)
    shown = page(client_of(cast.coordinator), cast)
    assert "Latent" in shown and "Guessing" in shown
    assert "121 cases for ± 0.10" in shown
    assert "you are here" in shown
    assert "So far 6 cases" in shown


def test_what_is_asked_stands_in_the_address(cast, client_of):
    asked = {"margins": "78,16,6", "kappa": "0.8", "weights": "quadratic", "readers": "4"}
    shown = page(client_of(cast.statistician), cast, **asked, cases="60")
    assert "78, 16, 6" in shown
    assert "asked for" in shown


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"kappa": "high"}, "Write numbers"),
        ({"kappa": "nan"}, "Kappa lies"),
        ({"kappa": "1"}, "Kappa lies"),
        ({"margins": "50, 40"}, "add up to 100"),
        ({"margins": "nan, 40"}, "shares in percent"),
        ({"readers": "99"}, "readers"),
        ({"cases": "100000"}, "cases"),
    ],
)
def test_what_cannot_be_simulated_is_said(cast, client_of, query, said):
    assert said in page(client_of(cast.coordinator), cast, **query)
