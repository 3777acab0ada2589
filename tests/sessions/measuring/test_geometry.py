"""Lengths of calcified wall: examples calculated by hand, and properties."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from studies.sessions.measuring.geometry import measure_wall, merge_intervals
from studies.sessions.measuring.grades import aac8_of_wall, grade_of_share, measure_traces

# Horizontal boundaries 30 apart: four levels of 30.
LEVEL_LINES = [np.array([[0.0, y], [60.0, y]]) for y in (0, 30, 60, 90, 120)]


def trace(*points: tuple[float, float]) -> np.ndarray:
    return np.array(points, float)


def calcified(traces, boundaries=LEVEL_LINES) -> list[float | None]:
    return [level.calcified for level in measure_wall(traces, boundaries)]


def test_vertical_trace_is_divided_at_the_boundaries():
    levels = measure_wall([trace((40, 20), (40, 70))], LEVEL_LINES)
    assert [level.calcified for level in levels] == pytest.approx([10, 30, 10, 0])
    assert [level.wall for level in levels] == pytest.approx([30, 30, 30, 30])


def test_lengths_along_an_oblique_wall_are_longer_than_the_levels_are_high():
    """A 3-4-5 triangle: 4 down for 3 across, so a level 30 high has 37.5 of wall."""
    levels = measure_wall([trace((0, 10), (30, 50))], LEVEL_LINES)
    assert [level.wall for level in levels] == pytest.approx([37.5] * 4)
    assert [level.calcified for level in levels] == pytest.approx([25, 25, 0, 0])


def test_overlapping_traces_count_once():
    assert calcified([trace((5, 0), (5, 20)), trace((5, 10), (5, 25))]) == pytest.approx(
        [25, 0, 0, 0]
    )


def test_traces_beyond_the_outer_boundaries_do_not_count():
    assert calcified([trace((5, -20), (5, 10)), trace((5, 110), (5, 150))]) == pytest.approx(
        [10, 0, 0, 10]
    )


def test_wall_without_traces_has_no_calcification_and_no_line():
    levels = measure_wall([], LEVEL_LINES)
    assert [(level.calcified, level.wall) for level in levels] == [(0.0, None)] * 4


@pytest.mark.parametrize("length", [0, 5e-324, 1e-285, 1e-9])
def test_trace_without_a_measurable_length_is_no_calcification(length):
    levels = measure_wall([trace((20, 0), (20, length))], LEVEL_LINES)
    assert [(level.calcified, level.wall) for level in levels] == [(0.0, None)] * 4


def test_short_transverse_trace_is_projected_onto_the_direction_of_the_spine():
    """6 across and 3 down: it does not show where the wall runs."""
    levels = measure_wall([trace((10, 40), (16, 43))], LEVEL_LINES)
    assert levels[1].calcified == pytest.approx(3)
    assert levels[1].wall == pytest.approx(30)


def test_level_between_unknown_or_crossing_boundaries_is_not_defined():
    lines = [None, *LEVEL_LINES[1:]]
    assert calcified([trace((5, 10), (5, 70))], lines) == [None, 30, 10, 0]
    swapped = [LEVEL_LINES[0], LEVEL_LINES[2], LEVEL_LINES[1], *LEVEL_LINES[3:]]
    assert calcified([trace((5, 10), (5, 70))], swapped)[1] is None


def test_boundary_along_the_wall_has_no_position_on_it():
    lines = [*LEVEL_LINES[:2], trace((5, 0), (6, 60)), *LEVEL_LINES[3:]]
    assert calcified([trace((5, 10), (5, 70))], lines) == [20, None, None, 0]


@pytest.mark.parametrize(
    "share, lower, upper", [(0, 0, 0), (1 / 3, 1, 2), (0.34, 2, 2), (2 / 3, 2, 3), (0.67, 3, 3)]
)
def test_exact_thirds_belong_to_the_grade_of_the_studys_rule(share, lower, upper):
    assert (grade_of_share(share, "lower"), grade_of_share(share, "upper")) == (lower, upper)


def test_third_of_a_level_measured_in_image_pixels_is_exactly_a_third():
    """Pixels 0.35 wide and 0.7 high: a level of 30 rows is 21 mm, and 10 rows are 7 mm."""
    lines = [[[0, y], [60, y]] for y in (0, 30, 60, 90, 120)]
    traces = [{"wall": "anterior", "points": [[40, 5], [40, 15]]}]
    measured = measure_traces(traces, lines, across=0.35, down=0.7, rule="lower")
    assert measured["cells"]["L1_anterior"] == {
        "calcified": pytest.approx(7),
        "wall": pytest.approx(21),
        "grade": 1,
    }
    assert measured["cells"]["L1_posterior"] == {"calcified": 0.0, "wall": None, "grade": 0}
    upper = measure_traces(traces, lines, across=0.35, down=0.7, rule="upper")
    assert upper["cells"]["L1_anterior"]["grade"] == 2


@pytest.mark.parametrize(
    "lengths, score",
    [([0], 0), ([30], 1), ([30, 1], 2), ([30, 30], 2), ([30, 30, 30], 3), ([30, 30, 30, 1], 4)],
)
def test_aac8_counts_calcified_length_in_mean_heights(lengths, score):
    traces = [trace((5, 30 * k), (5, 30 * k + length)) for k, length in enumerate(lengths)]
    assert aac8_of_wall(measure_wall(traces, LEVEL_LINES)) == score


def test_aac8_needs_all_boundaries_unless_there_is_no_trace():
    unknown = [*LEVEL_LINES[:4], None]
    assert aac8_of_wall(measure_wall([trace((5, 0), (5, 70))], unknown)) is None
    assert aac8_of_wall(measure_wall([], unknown)) == 0


def test_merging_keeps_gaps():
    assert merge_intervals([(5, 6), (0, 2), (2, 3)]) == [(0, 3), (5, 6)]


def coordinates(lowest: float, highest: float) -> st.SearchStrategy[float]:
    """Thousandths of a unit, so that a trace either has a length or is a point."""
    return st.floats(lowest, highest).map(lambda value: round(value, 3))


points = st.lists(st.tuples(coordinates(20, 60), coordinates(0, 120)), min_size=2, max_size=6)
drawn_traces = st.lists(points.map(lambda p: np.array(p, float)), min_size=1, max_size=4)
tilts = st.lists(st.floats(-6, 6), min_size=5, max_size=5)


def boundaries_from(tilt: list[float]) -> list[np.ndarray]:
    return [np.array([[0.0, 30 * k - t], [80.0, 30 * k + t]]) for k, t in enumerate(tilt)]


def values(traces, lines) -> list[float]:
    """Return lengths as numbers; -1 where a length is not defined."""
    levels = measure_wall(traces, lines)
    return [-1 if v is None else v for level in levels for v in (level.calcified, level.wall)]


def is_stable(traces, lines) -> bool:
    """Whether rounding cannot change which line is fitted."""
    # In both diagonal directions: a trace along one of them keeps its direction.
    shaken = [
        [t + np.array([1e-6, sign * 1e-6]) * np.arange(len(t))[:, None] for t in traces]
        for sign in (1, -1)
    ]
    return all(
        np.allclose(values(traces, lines), values(moved, lines), atol=1e-3) for moved in shaken
    )


@settings(max_examples=150, deadline=None)
@given(drawn_traces, tilts, st.floats(-3, 3), st.floats(0.2, 5), st.floats(-500, 500))
def test_lengths_follow_rotation_scaling_and_translation(traces, tilt, angle, scale, shift):
    lines = boundaries_from(tilt)
    assume(is_stable(traces, lines))
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])

    def moved(shapes):
        return [scale * shape @ turn.T + [shift, -shift] for shape in shapes]

    before, after = values(traces, lines), values(moved(traces), moved(lines))
    expected = [v if v == -1 else scale * v for v in before]
    assert after == pytest.approx(expected, rel=1e-5, abs=1e-4 * scale)


@settings(max_examples=150, deadline=None)
@given(drawn_traces, tilts, st.floats(0.05, 0.95), st.randoms(use_true_random=False))
def test_order_direction_and_splitting_of_traces_change_nothing(traces, tilt, part, rng):
    lines = boundaries_from(tilt)
    assume(is_stable(traces, lines))
    first, *others = traces
    middle = first[0] + part * (first[1] - first[0])
    pieces = [np.array([first[0], middle]), np.vstack([middle, first[1:]])[::-1], *others]
    rng.shuffle(pieces)
    assert values(pieces, lines) == pytest.approx(values(traces, lines), rel=1e-6, abs=1e-5)


@settings(max_examples=150, deadline=None)
@given(drawn_traces, tilts)
def test_calcified_length_never_exceeds_the_wall(traces, tilt):
    for level in measure_wall(traces, boundaries_from(tilt)):
        if level.calcified is not None and level.wall is not None:
            assert 0 <= level.calcified <= level.wall * (1 + 1e-9)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(coordinates(0, 120), coordinates(0, 120)), min_size=1, max_size=5))
def test_tracing_a_stretch_twice_changes_nothing(stretches):
    traces = [trace((30, start), (30, end)) for start, end in stretches]
    assert calcified([*traces, *traces]) == pytest.approx(calcified(traces), abs=1e-9)
