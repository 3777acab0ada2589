"""What a person changed, in numbers, and the column of bodies that follows."""

from __future__ import annotations

import pytest

from inference.geometry.pixel_size import PixelSize
from inference.results import Landmarks, Vertebra
from studies.cases.landmarks.diff import apply_moved_corners, compare_corners, update_column
from tests.make import landmarks_at

FOUND = Landmarks.from_dict(landmarks_at())
SIZE = PixelSize.of((2.0, 0.5))


def with_corner(vertebra, corner, point):
    return FOUND.moved(vertebra, corner, point)


def test_way_is_measured_in_mm_along_pixels_that_are_not_square():
    x, y = FOUND.corner(Vertebra.L1, "superior_anterior")
    moves = compare_corners(FOUND, with_corner("L1", "superior_anterior", (x + 6, y + 2)), SIZE)
    assert (moves.moved, moves.mean, moves.most, moves.unit) == (1, 5.0, 5.0, "mm")


def test_corner_taken_out_and_corner_put_in_have_no_way():
    without = with_corner("L5", "inferior_anterior", None)
    out, back = compare_corners(FOUND, without, SIZE), compare_corners(without, FOUND, SIZE)
    assert (out.moved, out.removed, out.added, out.corners, out.most) == (0, 1, 0, 1, 0.0)
    assert (back.removed, back.added) == (0, 1)


def test_body_that_nobody_touched_keeps_how_sure_the_network_was():
    moved = with_corner("L1", "superior_anterior", (1.0, 1.0)).to_dict()
    for body in moved.values():
        del body["confidence"]
    placed = apply_moved_corners(FOUND, Landmarks.from_dict(moved))
    assert placed.bodies[Vertebra.L2] == FOUND.bodies[Vertebra.L2]
    assert placed.bodies[Vertebra.L1].confidence is None


def test_body_without_any_corner_is_no_body():
    emptied = Landmarks.from_dict({**FOUND.to_dict(), "L5": {"confidence": None}})
    assert Vertebra.L5 not in apply_moved_corners(FOUND, emptied).bodies


@pytest.mark.parametrize("name", ["T12", "L3", "L5"])
def test_moved_body_keeps_its_place_in_the_column(name):
    column = list(FOUND.bodies.values())
    after = apply_moved_corners(FOUND, with_corner(name, "superior_anterior", (33.5, 44.5)))
    bodies = update_column(column, FOUND, after)
    assert [body in after.bodies.values() for body in bodies] == [True] * 6
    assert bodies.index(after.bodies[name]) == list(FOUND.bodies).index(name)


def test_body_that_was_put_in_stands_by_its_height_and_a_nameless_one_stays():
    above = Landmarks.from_dict(landmarks_at(top=-14)).bodies[Vertebra.T12]
    without = Landmarks({v: b for v, b in FOUND.bodies.items() if v != Vertebra.L2})
    column = [above, *without.bodies.values()]
    assert update_column(column, without, FOUND) == [above, *FOUND.bodies.values()]
