from __future__ import annotations

import numpy as np

from inference.decoding.vertebrae import DetectedBody
from inference.decoding.view_check import check_view
from tests.inference.decoding.test_confidence_checks import reason, spine
from tests.inference.decoding.test_vertebrae import body


def test_regular_column_in_a_lateral_view_is_accepted() -> None:
    assert check_view(spine(), lateral=0.99) is None


def test_column_of_weak_bodies_is_checked_without_an_error() -> None:
    weak = [DetectedBody(strong.corners, 0.3, 0.3, np.empty(0)) for strong in spine()]
    assert check_view(weak, lateral=0.9) is None


def test_view_is_flagged_by_the_network_by_few_bodies_and_by_a_bent_column() -> None:
    assert reason(check_view(spine(), lateral=0.1)) == "not_lateral"
    assert reason(check_view(spine(2), lateral=0.9)) == "few_bodies"
    bent = [body(50, 20), body(50, 45), body(110, 50), body(50, 70), body(50, 95)]
    assert reason(check_view(bent, lateral=0.9)) == "no_column"
