"""The experiment on useful cases: its interval and the family of phantoms."""

from __future__ import annotations

import json

import numpy as np
import pytest

from tests.bench.usefulness.experiment import read_results, summarise
from tests.bench.usefulness.family import shifted_samples


def rows(*differences: float) -> list[dict[str, float]]:
    return [{"useful_px": 5 + d, "random_px": 5.0, "before_px": 9.0} for d in differences]


def test_interval_is_that_of_the_paired_t_test():
    """Student 1908, Biometrika 6:1-25, additional sleep: mean 1.58, 95 % CI 0.70 to 2.46."""
    text = summarise(rows(1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4))
    assert "10 repetitions" in text and "+1.580 px [+0.700, +2.460]" in text
    assert "excludes 0" in text


def test_interval_that_includes_0_says_so():
    assert "includes 0" in summarise(rows(-1.0, 1.0, 0.5))
    assert "too few" in summarise(rows(1.0))


def test_finished_repetitions_are_read_again(tmp_path):
    path = tmp_path / "a.jsonl"
    assert read_results(path) == []
    path.write_text("".join(json.dumps(row) + "\n" for row in rows(1.0, 2.0)))
    assert len(read_results(path)) == 2


def test_shifted_phantom_is_darker_and_reproducible():
    (sample,) = shifted_samples([4_500_000])
    image, marked = sample.open()
    again, _ = sample.open()
    assert np.array_equal(image.pixels, again.pixels)
    assert (marked.width, marked.height) == (image.width, image.height)
    assert image.pixels.mean() < 0.5
    assert image.pixels.min() == pytest.approx(0)
