"""A window shows the same grey levels in Python as in the viewer (frontend window.test.ts)."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from inference.dicom.voi_windows import Window, apply_window

SHARED = json.loads((Path(__file__).parent / "grey_levels.json").read_text())


@pytest.mark.parametrize("row", SHARED, ids=lambda row: f"{row['center']}-{row['width']}")
def test_grey_levels_equal_those_of_the_viewer(row):
    values = np.array([row["values"]], np.uint16)
    window = Window(row["center"], row["width"], "Bone")
    greys = apply_window(values, window, inverted=False)
    assert greys.dtype == np.uint8
    assert greys.tolist() == [row["greys"]]
    inverted = apply_window(values, window, inverted=True)
    assert inverted.tolist() == [[255 - grey for grey in row["greys"]]]


def test_8_bits_are_unchanged_by_the_window_of_their_whole_range():
    values = np.arange(256, dtype=np.uint8).reshape(16, 16)
    assert np.array_equal(apply_window(values, Window(128, 256, "Full"), inverted=False), values)
