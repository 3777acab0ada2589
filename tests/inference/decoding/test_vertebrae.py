from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from inference.decoding.vertebrae import DetectedBody, decode_all, decode_ranked, select_column
from inference.network.configuration import LEVEL_CLASSES

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
    """Add a body of twice ``half`` (across, down) cells with sharp corners."""
    maps["hm"][0, row, column] = peak
    across, down = half
    reach = [across, down, -across, down, across, -down, -across, -down]
    maps["wh"][:, row, column] = reach
    for kind in range(4):
        x = round(2 * (column - reach[2 * kind]))
        y = round(2 * (row - reach[2 * kind + 1]))
        if 0 <= y < maps["corner"].shape[1] and 0 <= x < maps["corner"].shape[2]:
            maps["corner"][kind, y, x] = 20.0


def body(x: float, y: float, level: Sequence[float] = (), size: float = 20.0) -> DetectedBody:
    half = size / 2
    corners = np.array(
        [[x - half, y - half], [x + half, y - half], [x - half, y + half], [x + half, y + half]]
    )
    return DetectedBody(corners, 0.9, 0.9, np.array(level))


def test_ranked_decode_returns_the_six_strongest_from_top_to_bottom() -> None:
    maps = empty_maps()
    for k in range(8):
        put_body(maps, 4 + 7 * k, 15, peak=0.3 + 0.05 * k)
    bodies = decode_ranked(maps)
    assert [round(b.peak, 2) for b in bodies] == [0.4, 0.45, 0.5, 0.55, 0.6, 0.65]
    assert bodies[0].corners[0] == pytest.approx([4 * (15 - 4), 4 * (18 - 3)])


def test_ranked_decode_returns_fewer_bodies_for_fewer_peaks() -> None:
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
    bodies = decode_all(maps)
    assert [round(b.peak, 2) for b in bodies] == [0.9, 0.7]


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


def test_bodies_beside_the_column_are_left_out() -> None:
    bodies = [body(50, y) for y in (30, 55, 80, 105)]
    assert len(select_column([body(200, 20), *bodies])) == 4
    assert len(select_column([*bodies, body(50, 400)])) == 4
    assert select_column([]) == []
