"""Cases whose correction teaches the network most come first."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from inference.results import Landmarks, Prediction, Uncertainty, Vertebra
from studies.cases import listing
from studies.cases.landmarks.usefulness import expected_gain
from studies.cases.models import Case, LandmarkSet
from tests.fine_tuning.corrected_cases import correct
from tests.make import landmarks_at, make_case


def prediction(confidence: float = 0.9, **fields: Any) -> Prediction:
    bodies = Landmarks.from_dict(landmarks_at()).bodies
    bodies = {name: replace(body, confidence=confidence) for name, body in bodies.items()}
    return replace(Prediction(Landmarks(bodies), "right", 0.9), **fields)


def test_gain_is_what_the_bodies_lack_in_confidence():
    assert expected_gain(prediction(1.0)) == 0
    assert expected_gain(prediction(0.9)) == pytest.approx(0.1)
    bodies = dict(prediction(1.0).landmarks.bodies)
    del bodies[Vertebra.L5], bodies[Vertebra.T12]
    assert expected_gain(prediction(landmarks=Landmarks(bodies))) == pytest.approx(2 / 6)


def test_uncertain_labels_and_disagreement_add_to_the_gain():
    uncertain = prediction(0.9, level_uncertainty=Uncertainty("gap", "a gap"))
    assert expected_gain(uncertain) == pytest.approx(1.1)
    assert expected_gain(prediction(0.9, disagreement=0.25)) == pytest.approx(0.35)


@pytest.fixture
def ranked(cast, monkeypatch) -> list[Case]:
    """Seven cases, the most useful one first; the last two have the same gain or none."""
    monkeypatch.setattr(listing, "PAGE_SIZE", 3)
    cases = [make_case(cast.study, cast.site) for _ in range(7)]
    order = [cases[n] for n in (4, 2, 6, 0, 1, 3, 5)]
    for case, gain in zip(order, (1.2, 0.9, 0.5, 0.3, 0.1, 0.1, None), strict=True):
        landmark_set = case.landmark_set
        fields = {f.name: getattr(landmark_set, f.name) for f in LandmarkSet._meta.concrete_fields}
        fields |= {"id": None, "version": 2, "expected_gain": gain}
        del fields["id"]
        case.landmark_set = LandmarkSet.objects.create(**fields)
        case.save()
    return order


@pytest.mark.django_db
def test_list_shows_the_most_useful_cases_first_page_by_page(cast, ranked, client_of):
    client = client_of(cast.coordinator)
    address = f"/api/v1/studies/{cast.study.slug}/cases"
    labels = []
    for page in (1, 2, 3):
        with CaptureQueriesContext(connection) as captured:
            answer = client.get(address, {"order": "useful", "page": page}).json()
        assert len(captured) <= 10
        labels += [case["label"] for case in answer["results"]]
    assert labels == [case.label for case in ranked]


@pytest.mark.django_db
def test_neighbours_of_a_case_follow_the_same_order(cast, ranked):
    filters = listing.CaseFilters(order="useful")
    cases = Case.objects.filter(study=cast.study)
    for index, case in enumerate(ranked):
        position = listing.find_case_position(cases, filters, case)
        assert (position.number, position.total) == (index + 1, 7)
        assert position.previous == (ranked[index - 1] if index else None)
        assert position.next == (ranked[index + 1] if index < 6 else None)


@pytest.mark.django_db
def test_landmarks_of_earlier_versions_get_the_gain_of_the_same_formula(cast):
    """The migration changes rows that the trigger protects, and only the network's own."""
    certain = make_case(cast.study, cast.site)
    uncertain = make_case(cast.study, cast.site, uncertainty={"reason": "gap", "detail": "a gap"})
    corrected = correct(make_case(cast.study, cast.site))
    migration = import_module("studies.cases.migrations.0014_expected_gain")
    with connection.schema_editor() as editor:
        migration.fill(None, editor)
    for case in (certain, uncertain, corrected):
        case.landmark_set.refresh_from_db()
    assert certain.landmark_set.expected_gain == pytest.approx(0.1)
    assert uncertain.landmark_set.expected_gain == pytest.approx(1.1)
    assert corrected.landmark_set.expected_gain is None
