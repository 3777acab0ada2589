from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from inference.configuration import LEVEL_CLASSES
from inference.decode import (
    FoundBody,
    decode_all,
    decode_ranked,
    find_gaps,
    keep_column,
    name_bodies,
    name_ranked,
)

Maps = dict[str, NDArray[np.float32]]


def empty_maps(height: int = 64, width: int = 32) -> Maps:
    return {
        "hm": np.zeros((1, height, width), np.float32),
        "reg": np.zeros((2, height, width), np.float32),
        "wh": np.zeros((8, height, width), np.float32),
        "corner": np.zeros((4, 2 * height, 2 * width), np.float32),
        "level": np.zeros((len(LEVEL_CLASSES), height // 4, width // 4), np.float32),
    }


def put_body(
    maps: Maps, row: int, column: int, peak: float = 0.9, half: tuple[float, float] = (4.0, 3.0)
) -> None:
    """A body of twice ``half`` (across, down) cells with sharp corners."""
    maps["hm"][0, row, column] = peak
    across, down = half
    reach = [across, down, -across, down, across, -down, -across, -down]
    maps["wh"][:, row, column] = reach
    for kind in range(4):
        x = round(2 * (column - reach[2 * kind]))
        y = round(2 * (row - reach[2 * kind + 1]))
        if 0 <= y < maps["corner"].shape[1] and 0 <= x < maps["corner"].shape[2]:
            maps["corner"][kind, y, x] = 20.0


def body(x: float, y: float, level: Sequence[float] = (), size: float = 20.0) -> FoundBody:
    half = size / 2
    corners = np.array(
        [[x - half, y - half], [x + half, y - half], [x - half, y + half], [x + half, y + half]]
    )
    return FoundBody(corners, 0.9, 0.9, np.array(level))


def votes(*names: str, strength: float = 5.0) -> list[NDArray[np.float64]]:
    rows = []
    for name in names:
        logits = np.zeros(len(LEVEL_CLASSES))
        logits[LEVEL_CLASSES.index(name)] = strength
        rows.append(logits - np.log(np.exp(logits).sum()))
    return rows


def column(rows: Sequence[NDArray[np.float64]], ys: Sequence[float]) -> list[FoundBody]:
    return [body(50, y, row) for y, row in zip(ys, rows, strict=True)]


def test_ranked_decode_takes_the_strongest_six_and_sorts_them_from_above() -> None:
    maps = empty_maps()
    for k in range(8):
        put_body(maps, 4 + 7 * k, 15, peak=0.3 + 0.05 * k)
    bodies = decode_ranked(maps)
    assert [round(b.peak, 2) for b in bodies] == [0.4, 0.45, 0.5, 0.55, 0.6, 0.65]
    assert bodies[0].corners[0] == pytest.approx([4 * (15 - 4), 4 * (18 - 3)])


def test_ranked_decode_gives_fewer_where_there_are_fewer_peaks() -> None:
    maps = empty_maps()
    put_body(maps, 10, 10)
    assert len(decode_ranked(maps)) == 1
    assert decode_ranked(empty_maps()) == []


def test_equal_neighbours_are_both_maxima_as_in_the_released_code() -> None:
    maps = empty_maps()
    maps["hm"][0, 10, 10:12] = 0.5
    assert len(decode_ranked(maps)) == 2


def test_double_peak_in_one_body_counts_once() -> None:
    maps = empty_maps()
    put_body(maps, 20, 15, peak=0.9)
    put_body(maps, 22, 15, peak=0.8)
    put_body(maps, 28, 15, peak=0.7)
    found = decode_all(maps)
    assert [round(b.peak, 2) for b in found] == [0.9, 0.7]


def test_corner_is_refined_to_the_mean_of_its_map() -> None:
    maps = empty_maps()
    put_body(maps, 20, 15)
    maps["corner"][0] = 0
    maps["corner"][0, 35, 23] = maps["corner"][0, 35, 24] = 20.0
    corner = decode_all(maps)[0].corners[0]
    assert corner == pytest.approx([47.0, 70.0], abs=0.05)


def test_corner_outside_the_field_keeps_its_first_guess() -> None:
    maps = empty_maps()
    put_body(maps, 62, 15, half=(4.0, 8.0))
    assert decode_all(maps)[0].corners[2, 1] == pytest.approx(4 * 70)


def test_flat_corner_maps_lower_the_confidence() -> None:
    sharp, flat = empty_maps(), empty_maps()
    put_body(sharp, 20, 15)
    put_body(flat, 20, 15)
    flat["corner"][:] = 0
    assert decode_all(flat)[0].confidence < 0.3 < decode_all(sharp)[0].confidence


def test_what_stands_beside_the_column_is_left_out() -> None:
    bodies = [body(50, y) for y in (30, 55, 80, 105)]
    assert len(keep_column([body(200, 20), *bodies])) == 4
    assert len(keep_column([*bodies, body(50, 400)])) == 4
    assert keep_column([]) == []


def test_names_are_the_best_consecutive_run() -> None:
    wrong_in_the_middle = votes("T12", "L1", "L3", "L3", "L4", "L5")
    naming = name_bodies(column(wrong_in_the_middle, range(20, 170, 25)), LEVEL_CLASSES)
    assert naming.names == ("T12", "L1", "L2", "L3", "L4", "L5")
    assert naming.probability > 0.9


def test_undecided_names_are_improbable() -> None:
    even = [
        np.logaddexp(a, b)
        for a, b in zip(
            votes("T11", "T12", "L1", "L2", "L3", "L4"),
            votes("T12", "L1", "L2", "L3", "L4", "L5"),
            strict=True,
        )
    ]
    naming = name_bodies(column(even, range(20, 170, 25)), LEVEL_CLASSES)
    assert naming.probability < 0.6
    assert abs(naming.runner_up) == 1


def test_missed_body_leaves_a_gap_and_does_not_shift_the_names_below() -> None:
    bodies = column(votes("T12", "L1", "L3", "L4", "L5"), (20, 45, 95, 120, 145))
    naming = name_bodies(bodies, LEVEL_CLASSES)
    assert naming.gaps == (1,)
    assert naming.names == ("T12", "L1", "L3", "L4", "L5")


def test_regular_column_has_no_gap() -> None:
    assert find_gaps([body(50, y) for y in (20, 45, 72, 101, 132)]) == ()


def test_ranked_names_follow_the_order_whatever_is_seen() -> None:
    naming = name_ranked([body(50, y) for y in (20, 45, 70)])
    assert naming.names == ("T12", "L1", "L2")


def test_ranked_names_go_to_the_six_strongest_and_a_further_body_has_none() -> None:
    bodies = [replace(body(50, 20 + 25 * k), peak=0.5 if k == 0 else 0.9) for k in range(7)]
    assert name_ranked(bodies).names == ("", "T12", "L1", "L2", "L3", "L4", "L5")
