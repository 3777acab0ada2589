from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from inference.decoding.confidence_checks import check_level_labels
from inference.decoding.level_labels import LevelLabels
from inference.decoding.vertebrae import DetectedBody
from inference.results import LevelPosterior, Uncertainty
from tests.inference.decoding.test_vertebrae import body

SIX = ("T12", "L1", "L2", "L3", "L4", "L5")
SEVEN = ("T11", *SIX)


def labels(
    names: tuple[str, ...],
    probability: float | None = 0.99,
    *,
    second: int = 1,
    gaps: tuple[int, ...] = (),
    lumbar: int = 5,
    fit: float = 0.99,
) -> LevelLabels:
    """Return labels with their probability, which is shared with one other shift alone."""
    if probability is None:
        return LevelLabels(names, None, gaps, lumbar)
    posterior = LevelPosterior({0: probability, second: 1 - probability})
    return LevelLabels(names, posterior, gaps, lumbar, fit)


def spine(count: int = 6) -> list[DetectedBody]:
    return [body(50 + 2 * k, 20 + 25 * k) for k in range(count)]


def reason(uncertainty: Uncertainty | None) -> str | None:
    return None if uncertainty is None else uncertainty.reason


def test_regular_column_with_probable_labels_is_accepted() -> None:
    assert check_level_labels(spine(7), labels(SEVEN)) is None


def test_missing_scored_levels_are_listed() -> None:
    uncertainty = check_level_labels(spine(4), labels(SIX[:4]))
    assert uncertainty is not None
    assert uncertainty.reason == "fewer_than_six"
    assert "missing: L4, L5." in uncertainty.detail


def test_scored_level_whose_centre_lies_outside_the_image_or_close_to_its_border_is_flagged() -> (
    None
):
    """Bodies of 20 pixels are centred at y = 20, 45 and so on, so L4 is at 145."""
    for end in (130, 146, 147):
        assert reason(check_level_labels(spine(7), labels(SEVEN), end=end)) == "level_outside", end
    assert check_level_labels(spine(7), labels(SEVEN), end=148) is None
    for x, flagged in ((-2, True), (1, True), (2, False), (97, False), (98, True), (102, True)):
        vertical = [body(x, 20 + 25 * k) for k in range(7)]
        uncertainty = check_level_labels(vertical, labels(SEVEN), width=100, end=500)
        assert (reason(uncertainty) == "level_outside") is flagged, x


def test_levels_outside_the_image_are_listed() -> None:
    one = check_level_labels(spine(7), labels(SEVEN), end=140)
    assert one is not None
    assert one.detail.startswith("L4 lies at or beyond the border of the image: the walls cannot")
    two = check_level_labels(spine(7), labels(SEVEN), end=115)
    assert two is not None
    assert two.detail.startswith("L3, L4 lie at or beyond the border of the image")


def test_t12_and_l5_may_lie_outside_the_image_if_the_other_end_shows_the_levels() -> None:
    above = [replace(one, corners=one.corners - (0, 50)) for one in spine(8)]
    assert check_level_labels(above, labels((*SEVEN, "S1")), end=500) is None
    assert check_level_labels(spine(7), labels(SEVEN), end=150) is None
    neither = check_level_labels(above[:7], labels(SEVEN), end=100)
    assert reason(neither) == "no_reference_level"


def test_levels_are_not_counted_from_a_body_whose_centre_is_outside_the_image() -> None:
    for y, expected in ((-1.5, "no_reference_level"), (0.5, None)):
        bodies = [body(50, y + 25 * k) for k in range(7)]
        assert reason(check_level_labels(bodies, labels(SEVEN), end=500)) == expected
    with_sacrum = labels((*SIX, "S1"))
    assert reason(check_level_labels(spine(7), with_sacrum, end=169)) == "no_reference_level"
    assert check_level_labels(spine(7), with_sacrum, end=171) is None


def test_missing_l5_is_not_a_labelling_problem_unless_order_assigns_the_labels() -> None:
    assert check_level_labels(spine(6), labels(SEVEN[:6]), end=500) is None
    by_order = check_level_labels(spine(5), labels(SIX[:5], None), end=500, by_rank=True)
    assert reason(by_order) == "fewer_than_six"


def test_missing_t12_is_flagged_only_where_the_field_shows_the_place_above_l1() -> None:
    """The first body is 20 pixels high and begins at 10."""
    to_the_sacrum = labels((*SIX[1:], "S1"))
    assert check_level_labels(spine(6), to_the_sacrum, end=500) is None
    lower = [body(50 + 2 * k, 60 + 25 * k) for k in range(6)]
    assert reason(check_level_labels(lower, to_the_sacrum, end=500)) == "fewer_than_six"


def test_weak_or_oddly_sized_l5_is_not_a_labelling_problem() -> None:
    bodies = spine(7)
    bodies[6] = DetectedBody(body(62, 175, size=40).corners, 0.9, 0.05, np.empty(0))
    assert check_level_labels(bodies, labels(SEVEN)) is None


def test_gap_is_reported_with_its_size() -> None:
    bodies = [body(50, y) for y in (20, 45, 70, 95, 145, 170, 195)]
    names = ("T11", "T12", "L1", "L2", "L3", "L4", "L5")
    uncertainty = check_level_labels(bodies, labels(names, gaps=(3,)))
    assert uncertainty is not None
    assert uncertainty.reason == "gap"
    assert "2.5 body heights between L2 and L3" in uncertainty.detail


def test_hidden_l5_leaves_a_gap_that_is_not_a_labelling_problem() -> None:
    """T11 is visible, so L1 to L4 are counted from above; without it, nothing shows where L5 is."""
    names = (*SEVEN[:6], "S1")
    bodies = [*spine(6), body(62, 195)]
    assert check_level_labels(bodies, labels(names, gaps=(5,)), end=500) is None
    without_t11 = check_level_labels(bodies[1:], labels(names[1:], gaps=(4,)), end=500)
    assert reason(without_t11) == "no_reference_level"
    hidden_l4 = labels((*SEVEN[:5], "L5", "S1"), gaps=(4,))
    assert reason(check_level_labels(bodies, hidden_l4, end=500)) == "fewer_than_six"


def test_misplaced_l5_is_not_a_labelling_problem_unless_order_assigns_the_labels() -> None:
    """L5 lies far to one side, then close to the sacrum."""
    aside = [*spine(6), body(110, 170)]
    assert check_level_labels(aside, labels(SEVEN), end=500) is None
    close = [*spine(7), body(62, 178)]
    assert check_level_labels(close, labels((*SEVEN, "S1")), end=500) is None
    for_order = labels(SIX, None)
    assert reason(check_level_labels(aside[1:], for_order, end=500, by_rank=True)) == "curvature"


def test_improbable_labels_are_flagged_with_the_second_best() -> None:
    uncertainty = check_level_labels(spine(), labels(SIX, 0.6, second=-1))
    assert uncertainty is not None
    assert uncertainty.reason == "names_uncertain"
    assert "0.60; second best (0.40): the vertebra labelled L2 is L1." in uncertainty.detail


def test_labels_that_the_bodies_do_not_look_like_are_flagged() -> None:
    """Four or six lumbar vertebrae often give probable labels, none of which fits well."""
    uncertainty = check_level_labels(spine(7), labels(SEVEN, fit=0.8))
    assert uncertainty is not None
    assert uncertainty.reason == "appearance_unusual"
    assert "fit 0.80 of 1): check the number of lumbar vertebrae" in uncertainty.detail
    assert check_level_labels(spine(7), labels(SEVEN, fit=0.9)) is None


def test_weak_body_among_the_six_is_flagged() -> None:
    bodies = spine()
    bodies[2] = DetectedBody(bodies[2].corners, 0.9, 0.05, np.empty(0))
    assert reason(check_level_labels(bodies, labels(SIX))) == "weak_body"


def test_body_of_another_size_is_flagged() -> None:
    bodies = spine()
    bodies[3] = body(56, 95, size=40)
    assert reason(check_level_labels(bodies, labels(SIX))) == "irregular_size"


def test_seventh_body_beside_the_ranked_six_is_reported_with_its_position() -> None:
    for index, names, position in (
        (0, ("", *SIX), "above T12"),
        (6, (*SIX, ""), "below L5"),
        (3, (*SIX[:3], "", *SIX[3:]), "between L2 and L3"),
    ):
        uncertainty = check_level_labels(spine(7), labels(names, None), by_rank=True)
        assert uncertainty is not None, index
        assert uncertainty.reason == "seventh_body"
        assert uncertainty.detail == f"A seventh body of similar strength lies {position}."


def test_further_bodies_do_not_matter_where_appearance_assigns_the_labels() -> None:
    assert check_level_labels(spine(8), labels(("T10", "T11", *SIX))) is None


def test_body_detected_twice_is_flagged() -> None:
    bodies = [body(50, y) for y in (20, 45, 55, 80, 105, 130)]
    uncertainty = check_level_labels(bodies, labels(SIX, None), by_rank=True)
    assert uncertainty is not None
    assert uncertainty.reason == "marked_twice"
    assert "L1 and L2 are only 0.5 body heights apart" in uncertainty.detail


def test_labels_by_rank_are_not_checked_for_their_probability() -> None:
    assert check_level_labels(spine(), labels(SIX, None), by_rank=True) is None
    assert reason(check_level_labels(spine(), labels(SIX, 0.3))) == "names_uncertain"


def test_image_that_ends_at_the_last_body_is_flagged() -> None:
    """The six bodies are 20 pixels high and reach from 10 to 155."""
    by_order = labels(SIX, None)
    assert check_level_labels(spine(), by_order, end=180, by_rank=True) is None
    below = check_level_labels(spine(), by_order, end=157, by_rank=True)
    assert below is not None
    assert below.reason == "end_uncertain"
    assert "ends 0.1 body heights below L5" in below.detail
    higher = [body(50, 10 + 25 * k) for k in range(6)]
    above = check_level_labels(higher, by_order, end=180, by_rank=True)
    assert above is not None
    assert "above T12" in above.detail


def test_labels_by_appearance_may_fill_the_image() -> None:
    assert check_level_labels(spine(7), labels(SEVEN), end=182) is None


def test_column_without_t11_and_sacrum_cannot_be_counted() -> None:
    assert reason(check_level_labels(spine(), labels(SIX))) == "no_reference_level"
    assert check_level_labels(spine(7), labels((*SIX, "S1"))) is None
    assert check_level_labels(spine(), labels(SIX, None), by_rank=True) is None
    # A sacrum below L4 does not show where L5 is.
    assert reason(check_level_labels(spine(5), labels(SIX[:5]))) == "no_reference_level"


@pytest.mark.parametrize("weak", ["L5", "S1"])
def test_levels_are_not_counted_from_a_sacrum_that_is_hardly_visible(weak: str) -> None:
    names = (*SIX, "S1")
    bodies = spine(7)
    bodies[names.index(weak)] = replace(bodies[names.index(weak)], peak=0.3)
    assert reason(check_level_labels(bodies, labels(names))) == "no_reference_level"
    lower = [replace(one, corners=one.corners - (0, -20)) for one in bodies]
    assert check_level_labels([body(48, 15), *lower], labels(("T11", *names))) is None


def test_column_that_turns_sharply_is_flagged_with_the_level() -> None:
    bodies = spine()
    bodies[3] = body(80, 95)
    uncertainty = check_level_labels(bodies, labels(SIX))
    assert uncertainty is not None
    assert uncertainty.reason == "curvature"
    assert "at L3" in uncertainty.detail
