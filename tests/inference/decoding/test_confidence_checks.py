from __future__ import annotations

import numpy as np

from inference.decoding.confidence_checks import check_level_labels
from inference.decoding.level_labels import LevelLabels
from inference.decoding.vertebrae import DetectedBody
from inference.results import Uncertainty
from tests.inference.decoding.test_vertebrae import body

SIX = ("T12", "L1", "L2", "L3", "L4", "L5")


def spine(count: int = 6) -> list[DetectedBody]:
    return [body(50 + 2 * k, 20 + 25 * k) for k in range(count)]


def reason(uncertainty: Uncertainty | None) -> str | None:
    return None if uncertainty is None else uncertainty.reason


def test_regular_column_with_probable_labels_is_accepted() -> None:
    assert check_level_labels(spine(), LevelLabels(SIX, 0.99, 1, ())) is None


def test_missing_bodies_are_listed() -> None:
    uncertainty = check_level_labels(spine(5), LevelLabels(SIX[:5], 0.99, 1, ()))
    assert uncertainty is not None
    assert uncertainty.reason == "fewer_than_six"
    assert "L5" in uncertainty.detail


def test_gap_is_reported_with_its_size() -> None:
    bodies = [body(50, y) for y in (20, 45, 70, 95, 145, 170, 195)]
    names = ("T11", "T12", "L1", "L2", "L3", "L4", "L5")
    uncertainty = check_level_labels(bodies, LevelLabels(names, 0.99, 1, (3,)))
    assert uncertainty is not None
    assert uncertainty.reason == "gap"
    assert "2.5 body heights between L2 and L3" in uncertainty.detail


def test_improbable_labels_are_flagged_with_the_second_best() -> None:
    uncertainty = check_level_labels(spine(), LevelLabels(SIX, 0.6, -1, ()))
    assert uncertainty is not None
    assert uncertainty.reason == "names_uncertain"
    assert "all labels moved 1 level cranially" in uncertainty.detail


def test_weak_body_among_the_six_is_flagged() -> None:
    bodies = spine()
    bodies[2] = DetectedBody(bodies[2].corners, 0.9, 0.05, np.empty(0))
    assert reason(check_level_labels(bodies, LevelLabels(SIX, 0.99, 1, ()))) == "weak_body"


def test_body_of_another_size_is_flagged() -> None:
    bodies = spine()
    bodies[3] = body(56, 95, size=40)
    assert reason(check_level_labels(bodies, LevelLabels(SIX, 0.99, 1, ()))) == "irregular_size"


def test_seventh_body_beside_the_ranked_six_is_reported_with_its_position() -> None:
    for index, names, position in (
        (0, ("", *SIX), "above T12"),
        (6, (*SIX, ""), "below L5"),
        (3, (*SIX[:3], "", *SIX[3:]), "between L2 and L3"),
    ):
        uncertainty = check_level_labels(spine(7), LevelLabels(names, 1.0, 0, ()), by_rank=True)
        assert uncertainty is not None, index
        assert uncertainty.reason == "seventh_body"
        assert uncertainty.detail == f"A seventh body of similar strength lies {position}."


def test_further_bodies_do_not_matter_where_appearance_assigns_the_labels() -> None:
    assert check_level_labels(spine(8), LevelLabels(("T10", "T11", *SIX), 0.99, 1, ())) is None


def test_body_detected_twice_is_flagged() -> None:
    bodies = [body(50, y) for y in (20, 45, 55, 80, 105, 130)]
    uncertainty = check_level_labels(bodies, LevelLabels(SIX, 1.0, 0, ()), by_rank=True)
    assert uncertainty is not None
    assert uncertainty.reason == "marked_twice"
    assert "L1 and L2 are only 0.5 body heights apart" in uncertainty.detail


def test_labels_by_rank_are_not_checked_for_their_probability() -> None:
    assert check_level_labels(spine(), LevelLabels(SIX, 0.3, 0, ()), by_rank=True) is None
    assert reason(check_level_labels(spine(), LevelLabels(SIX, 0.3, 1, ()))) == "names_uncertain"


def test_image_that_ends_at_the_last_body_is_flagged() -> None:
    """The six bodies are 20 pixels high and reach from 10 to 155."""
    labels = LevelLabels(SIX, 1.0, 0, ())
    assert check_level_labels(spine(), labels, end=180, by_rank=True) is None
    below = check_level_labels(spine(), labels, end=157, by_rank=True)
    assert below is not None
    assert below.reason == "end_uncertain"
    assert "ends 0.1 body heights below L5" in below.detail
    higher = [body(50, 10 + 25 * k) for k in range(6)]
    above = check_level_labels(higher, labels, end=180, by_rank=True)
    assert above is not None
    assert "above T12" in above.detail


def test_labels_by_appearance_need_a_seventh_body_only_if_six_fill_the_image() -> None:
    only_six = check_level_labels(spine(), LevelLabels(SIX, 0.99, 1, ()), end=157)
    assert reason(only_six) == "end_uncertain"
    more = [body(50, 20 + 25 * k) for k in range(7)]
    assert check_level_labels(more, LevelLabels(("T11", *SIX), 0.99, 1, ()), end=182) is None


def test_column_that_turns_sharply_is_flagged_with_the_level() -> None:
    bodies = spine()
    bodies[3] = body(80, 95)
    uncertainty = check_level_labels(bodies, LevelLabels(SIX, 0.99, 1, ()))
    assert uncertainty is not None
    assert uncertainty.reason == "curvature"
    assert "at L3" in uncertainty.detail
