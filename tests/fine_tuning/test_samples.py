"""Samples of a run: what a person corrected, and cases that cannot be used."""

from __future__ import annotations

import copy
import logging
from typing import Any

import pytest

from inference.results import CORNERS, Landmarks, Vertebra
from studies.cases.models import Case, Image
from studies.fine_tuning import tasks
from studies.fine_tuning.models import FineTuningCase
from studies.fine_tuning.samples import corrected_corners
from studies.readers.members import add_member
from studies.readers.models import Role
from tests.fine_tuning.corrected_cases import correct, make_corrected_cases
from tests.fine_tuning.requests import ask
from tests.make import make_case, make_site, make_study, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(cast: Any) -> Case:
    return make_case(cast.study, cast.site)


def corrected(case: Case) -> set[tuple[Vertebra, str]]:
    return corrected_corners(FineTuningCase(case=case, landmark_set=case.landmark_set))


def moved(case: Case, vertebra: str = "L1", corner: str = "superior_anterior") -> dict[str, Any]:
    landmarks = copy.deepcopy(case.landmark_set.landmarks)
    x, y = landmarks[vertebra][corner]
    landmarks[vertebra][corner] = [x + 3, y]
    return landmarks


def test_only_moved_corners_count_as_corrected(case):
    correct(case, landmarks=moved(case))
    assert corrected(case) == {(Vertebra.L1, "superior_anterior")}


def test_corrections_of_all_versions_count(case):
    correct(case, landmarks=moved(case))
    correct(case, landmarks=moved(case, "L3"))
    assert {vertebra for vertebra, _ in corrected(case)} == {Vertebra.L1, Vertebra.L3}


def test_corner_moved_back_is_not_corrected(case):
    network = case.landmark_set
    correct(case, landmarks=moved(case))
    correct(case, landmarks=network.landmarks)
    assert corrected(case) == set()


def test_relabelled_body_is_corrected_with_all_its_corners(case):
    landmarks = copy.deepcopy(case.landmark_set.landmarks)
    landmarks["T12"], landmarks["L1"] = landmarks["L1"], landmarks["T12"]
    correct(case, source="shifted", landmarks=landmarks)
    assert corrected(case) == {(v, c) for v in (Vertebra.T12, Vertebra.L1) for c in CORNERS}


def test_other_anterior_side_corrects_no_corner(case):
    flipped = Landmarks.from_dict(case.landmark_set.landmarks).flipped().to_dict()
    correct(case, source="flipped", landmarks=flipped, anterior="left")
    assert corrected(case) == set()


def test_added_corner_is_corrected(case):
    landmarks = copy.deepcopy(case.landmark_set.landmarks)
    # A body that the network did not locate: the first version is replaced by one without it.
    correct(case, source="model", parent=None, landmarks={**landmarks, "L5": None})
    correct(case, landmarks=landmarks)
    assert corrected(case) == {(Vertebra.L5, corner) for corner in CORNERS}


def test_reason_of_a_failure_does_not_name_the_case_of_another_study(cast, client_of, caplog):
    make_corrected_cases(cast.study, cast.site, 4)
    secret = make_study(cast.coordinator, name="Secret trial")
    unusable = make_corrected_cases(secret, make_site(secret), 2)[0]
    run = ask(cast, studies=[cast.study, secret])
    Image.objects.filter(case=unusable).update(width=81)
    second = make_user("only-first")
    add_member(study=cast.study, user=second, role=Role.COORDINATOR, site=None)
    with caplog.at_level(logging.WARNING, logger="studies.fine_tuning"):
        tasks.train_claimed_part(str(run.pk))
    address = f"/api/v1/studies/{cast.study.slug}/fine-tunings"
    (seen,) = client_of(second).get(address).json()["results"]
    assert seen["state"] == "failed"
    assert "one of its cases cannot be used" in seen["failure"]
    for name in (secret.slug, unusable.label):
        assert name not in seen["failure"]
    # The administrator, who reads the log, can name the case.
    assert f"{secret.slug}/{unusable.label}" in caplog.text
