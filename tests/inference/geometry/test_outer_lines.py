"""Lines estimated where T12 or L5 is not visible, on a straight spine with steps of 40 pixels."""

from __future__ import annotations

from dataclasses import replace

import pytest

from inference.geometry.guides import draw_guides
from inference.geometry.outer_lines import CAUTIOUS_STEP, estimate_outer_lines
from inference.geometry.pixel_size import PixelSize
from inference.results import Landmarks, Vertebra
from tests.inference.spines import straight

SQUARE = PixelSize.of(None)


def without(*missing: str) -> Landmarks:
    return Landmarks({v: body for v, body in straight().bodies.items() if v not in missing})


def estimate(landmarks: Landmarks):
    return estimate_outer_lines(landmarks, draw_guides(landmarks, SQUARE))


def ends(lines) -> dict[str, tuple]:
    return {line.name: (line.posterior, line.anterior) for line in lines}


@pytest.mark.parametrize(
    ("missing", "expected"),
    [("L5", {"L4/L5", "L4 1/3", "L4 2/3"}), ("T12", {"T12/L1", "L1 1/3", "L1 2/3"})],
)
def test_level_whose_body_is_visible_ends_half_a_disc_beyond_its_endplate(missing, expected):
    outer = estimate(without(missing))
    complete = ends(draw_guides(straight(), SQUARE))
    assert ends(outer.lines) == {name: complete[name] for name in expected}
    assert not outer.extrapolated


def test_guides_beyond_the_last_visible_body_are_placed_cautiously():
    outer = estimate(without("L4", "L5"))
    complete = ends(draw_guides(straight(), SQUARE))
    # L3's own guide L3/L4 follows from its endplate, L4/L5 from the last step.
    assert ends(outer.lines)["L3/L4"] == complete["L3/L4"]
    below = complete["L3/L4"][0][1] + CAUTIOUS_STEP * 40
    assert ends(outer.lines)["L4/L5"] == ((100.0, below), (140.0, below))
    assert outer.extrapolated == {"L4"}


def test_disc_height_is_not_taken_from_a_guide_that_is_itself_extrapolated():
    bodies = without("T12").bodies
    corner_outside = replace(bodies[Vertebra.L2], superior_posterior=None)
    outer = estimate(Landmarks({**bodies, Vertebra.L2: corner_outside}))
    assert outer.extrapolated == {"L1", "L2"}


def test_nothing_is_estimated_between_guides_or_from_a_single_one():
    assert estimate(straight()).lines == ()
    assert estimate(without("L2")).lines == ()
    assert estimate(without("L2", "L3", "L4", "L5")).lines == ()
    assert estimate(Landmarks({})).lines == ()
