"""Images have 256 x 512 pixels of 0.5 mm (vertical) x 0.25 mm; frame pixels are half as large."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.evaluation.errors import corner_errors, success_curve, summarize_errors
from inference.results import Landmarks, Vertebra
from tests.inference.evaluation.cases import outcome
from tests.inference.spines import straight

OFFSETS = st.floats(-12, 12)


def all_corners(*outcomes, names="as_named"):
    return summarize_errors(corner_errors(outcomes))[names]["all"]


def test_both_definitions_in_three_units_by_hand():
    """An offset of 3 and -4 px is 5 px; 0.75 and 2 mm; 6 and 8 frame px."""
    figures = all_corners(outcome(by=(3, -4)))
    assert figures["euclidean"]["image_px"] == {"n": 24, "mean": 5, "median": 5, "p95": 5}
    assert figures["euclidean"]["frame_px"]["mean"] == 10
    assert figures["euclidean"]["mm"]["mean"] == pytest.approx(np.hypot(0.75, 2), abs=1e-4)
    assert figures["absolute_coordinate"]["image_px"]["n"] == 48
    assert figures["absolute_coordinate"]["image_px"]["mean"] == 3.5
    assert figures["absolute_coordinate"]["frame_px"]["median"] == 7
    assert figures["absolute_coordinate"]["mm"]["mean"] == 1.375


@given(OFFSETS, OFFSETS)
def test_distance_lies_between_mean_and_sum_of_the_differences(across, down):
    figures = all_corners(outcome(by=(across, down)))
    distance = figures["euclidean"]["image_px"]["mean"]
    pooled = figures["absolute_coordinate"]["image_px"]["mean"]
    assert pooled <= distance + 1e-3
    assert distance <= 2 * pooled + 1e-3


def test_images_without_spacing_have_no_mm():
    figures = all_corners(outcome(by=(1, 0)), outcome(by=(1, 0), spacing_mm=None))
    assert figures["euclidean"]["mm"]["n"] == 24
    assert figures["euclidean"]["image_px"]["n"] == 48


def test_shifted_labels_count_as_errors_unless_only_correct_labels_are_included():
    shifted = outcome(predicted=straight().shifted(1))
    assert all_corners(shifted)["euclidean"]["image_px"] == {
        "n": 20,
        "mean": 40,
        "median": 40,
        "p95": 40,
    }
    assert all_corners(shifted, names="rightly_named")["euclidean"]["image_px"]["n"] == 0


def test_groups_contain_only_their_corners():
    predicted = straight().moved(Vertebra.L2, "inferior_anterior", (146.0, 218.0))
    groups = summarize_errors(corner_errors([outcome(predicted=predicted)]))["as_named"]
    assert groups["vertebra"]["L2"]["euclidean"]["image_px"]["mean"] == 2.5
    assert groups["vertebra"]["L3"]["euclidean"]["image_px"]["mean"] == 0
    assert groups["corner"]["inferior_anterior"]["euclidean"]["image_px"]["p95"] == 7.5
    assert groups["family"]["made"]["euclidean"]["image_px"]["n"] == 24


def test_success_counts_missing_corners_as_missed():
    half = Landmarks({v: b for v, b in straight().bodies.items() if v < Vertebra.L3})
    errors = corner_errors([outcome(by=(4, 0)), outcome(predicted=half)])
    assert len(half.bodies) == 2
    curve = success_curve(errors, "mm", np.array([0.0, 0.9, 1.0]))
    assert curve == pytest.approx([8 / 48, 8 / 48, 32 / 48], abs=1e-4)


def test_success_is_none_where_the_unit_is_not_available():
    assert success_curve(corner_errors([outcome(spacing_mm=None)]), "mm", np.ones(1)) is None
    assert success_curve(corner_errors([]), "image_px", np.ones(1)) is None
