import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.grey_scaling import scale_grey


class TestScaling:
    """n is 8, 10, 12, 14 or 16; values are divided by 2^n - 1; a value of 2^n is clipped."""

    @pytest.mark.parametrize(
        ("highest", "bits"),
        [(1, 8), (255, 8), (256, 8), (257, 10), (1023, 10), (4095, 12), (16000, 14), (65535, 16)],
    )
    def test_depth_is_the_smallest_that_fits_all_values(self, highest, bits):
        pixels, scaling = scale_grey(np.array([[0, highest]]))
        assert scaling["bits"] == bits
        assert pixels[0, 1] == pytest.approx(min(1, highest / (2**bits - 1)))

    def test_4096_of_hologic_is_clipped_to_twelve_bits(self):
        pixels, scaling = scale_grey(np.array([[0, 2048, 4095, 4096]]))
        assert pixels[0].tolist() == pytest.approx([0, 2048 / 4095, 1, 1])
        assert (scaling["bits"], scaling["clipped"]) == (12, 1)

    def test_depth_stays_within_bits_stored(self):
        assert scale_grey(np.array([[0, 500]]), bits_stored=9)[1]["divisor"] == 511

    def test_negative_values_are_offset(self):
        pixels, scaling = scale_grey(np.array([[-1024, -769]]))
        assert pixels[0].tolist() == [0, 1]
        assert scaling["offset"] == -1024

    @given(st.lists(st.integers(-(2**15), 2**16), min_size=1, max_size=20))
    def test_result_is_between_zero_and_one_and_monotonic(self, values):
        pixels, _ = scale_grey(np.array([values]))
        assert pixels.min() >= 0
        assert pixels.max() <= 1
        assert np.all(np.diff(pixels[0][np.argsort(values, kind="stable")]) >= 0)
