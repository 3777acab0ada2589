"""Lookup tables and rescaling (PS3.3 C.11.1 and C.11.2)."""

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from inference.dicom.dataset import open_dataset
from inference.dicom.pixels import decode_grey
from inference.dicom.voi_windows import Window
from inference.image import Image, read_image
from tests.dicom_files import gradient, lateral_dataset, lateral_file, to_bytes
from tests.inference.dicom.scans import table
from tests.inference.error_codes import code_of


def values(data):
    return decode_grey(open_dataset(data)).values


def blank():
    """Return an item whose elements have no values."""
    item = Dataset()
    item.add_new("LUTDescriptor", "US", None)
    item.add_new("LUTData", "OW", b"")
    item.LUTExplanation = "none"
    return item


@pytest.mark.parametrize("items", [[], [Dataset()], [Dataset(), Dataset()], [blank()]])
def test_empty_table_is_ignored(items):
    data = lateral_file(ModalityLUTSequence=Sequence(items))
    np.testing.assert_array_equal(values(data), gradient())


def test_rescaling_applies_if_the_table_is_empty():
    data = lateral_file(
        ModalityLUTSequence=Sequence([Dataset()]), RescaleSlope="2", RescaleIntercept="0"
    )
    np.testing.assert_array_equal(values(data), gradient().astype(int) * 2)


@pytest.mark.parametrize(
    "elements", [{"RescaleIntercept": "7"}, {"RescaleSlope": "", "RescaleIntercept": "7"}]
)
def test_intercept_without_a_slope(elements):
    np.testing.assert_array_equal(values(lateral_file(**elements)), gradient().astype(int) + 7)


@pytest.mark.parametrize("bits", [9, 10, 12, 14, 16])
def test_entries_of_9_to_16_bits(bits):
    entries = np.linspace(0, 2**bits - 1, 256).astype("<u2")
    data = lateral_file(ModalityLUTSequence=table(0, entries, bits=bits))
    np.testing.assert_array_equal(values(data), entries[gradient()])


@pytest.mark.parametrize("kind", ["u1", "<u2"])
def test_entries_of_8_bits_are_stored_in_one_byte_or_two(kind):
    entries = np.arange(255, -1, -1).astype(kind)
    data = lateral_file(ModalityLUTSequence=table(0, entries, bits=8))
    np.testing.assert_array_equal(values(data), 255 - gradient().astype(int))


def test_count_of_0_means_65536_entries():
    scan = gradient(high=60_000)
    entries = (np.arange(65_536) // 2).astype("<u2")
    data = lateral_file(scan, ModalityLUTSequence=table(0, entries))
    np.testing.assert_array_equal(values(data), scan // 2)


def test_first_input_value_may_be_negative():
    scan = gradient(high=600).astype(np.int16) - 300
    entries = np.arange(0, 1200, 2).astype("<u2")
    data = lateral_file(scan, ModalityLUTSequence=table(-300, entries))
    np.testing.assert_array_equal(values(data), np.clip((scan.astype(int) + 300) * 2, 0, 1198))


def test_values_beyond_the_table_use_its_ends():
    entries = np.array([5, 9], "<u2")
    mapped = values(lateral_file(ModalityLUTSequence=table(100, entries)))
    assert set(mapped[gradient() <= 100]) == {5}
    assert set(mapped[gradient() > 100]) == {9}


def test_table_with_too_few_entries_is_rejected():
    entries = np.arange(100).astype("<u2")
    assert code_of(lateral_file(ModalityLUTSequence=table(0, entries, count=256))) == "undecodable"


def test_table_and_padding_in_implicit_vr():
    """The VR of a descriptor and of a padding value then follows from PixelRepresentation."""
    scan = gradient(high=600).astype(np.int16) - 300
    scan[:, :5] = -2000
    entries = np.arange(0, 1202, 2).astype("<u2")
    dataset = lateral_dataset(scan, ModalityLUTSequence=table(-300, entries))
    dataset.add_new("PixelPaddingValue", "SS", -2000)
    grey = decode_grey(open_dataset(to_bytes(dataset, "1.2.840.10008.1.2")))
    np.testing.assert_array_equal(grey.padding, scan == -2000)
    np.testing.assert_array_equal(grey.values[:, 5:], (scan[:, 5:].astype(int) + 300) * 2)


def test_big_endian_table():
    entries = np.arange(0, 512, 2).astype(">u2")
    dataset = lateral_dataset(ModalityLUTSequence=table(0, entries))
    np.testing.assert_array_equal(
        values(to_bytes(dataset, "1.2.840.10008.1.2.2")), gradient().astype(int) * 2
    )


def of_scanner(image: Image) -> Window:
    """The first window of the header."""
    return next(window for window in image.windows if window.name == "Scanner")


class TestWindows:
    def test_voi_table_becomes_a_window(self):
        """A ramp from 50 to 150 is black up to 50 and white from 150."""
        ramp = np.clip((np.arange(256) - 50) * 655, 0, 65_500).astype("<u2")
        first = of_scanner(read_image(lateral_file(VOILUTSequence=table(0, ramp))))
        assert first.center - 0.5 - (first.width - 1) / 2 == pytest.approx(50, abs=1)
        assert first.center - 0.5 + (first.width - 1) / 2 == pytest.approx(150, abs=1)

    def test_voi_table_follows_the_rescaling(self):
        ramp = np.linspace(0, 65_535, 101).astype("<u2")
        elements = {"RescaleSlope": "1", "RescaleIntercept": "-200"}
        first = of_scanner(read_image(lateral_file(VOILUTSequence=table(-150, ramp), **elements)))
        assert (first.center, first.width) == (100.5, 101)

    def test_falling_voi_table_inverts_the_image_like_monochrome1(self):
        ramp = np.clip((np.arange(256) - 50) * 655, 0, 65_500).astype("<u2")
        rising = read_image(lateral_file(VOILUTSequence=table(0, ramp)))
        falling = read_image(lateral_file(VOILUTSequence=table(0, ramp.max() - ramp)))
        assert (rising.inverted, falling.inverted) == (False, True)
        assert of_scanner(falling) == of_scanner(rising)
        np.testing.assert_array_equal(
            falling.pixels,
            read_image(lateral_file(PhotometricInterpretation="MONOCHROME1")).pixels,
        )

    def test_falling_voi_table_and_monochrome1_cancel_out(self):
        falling = np.arange(255, -1, -1).astype("<u2")
        image = read_image(
            lateral_file(
                VOILUTSequence=table(0, falling, bits=8), PhotometricInterpretation="MONOCHROME1"
            )
        )
        assert not image.inverted

    @pytest.mark.parametrize("sign", [1, -1])
    def test_sigmoid_voi_table_becomes_the_closest_window_and_is_called_approximate(self, sign):
        """The ends of this curve are 0 and 255; it is steep from about 75 to 125."""
        steps = sign * (np.arange(256) - 100) / 12
        curve = np.rint(65_535 / (1 + np.exp(-steps))).astype("<u2")
        image = read_image(lateral_file(VOILUTSequence=table(0, curve)))
        (first,) = (w for w in image.windows if w.name == "Scanner (approximate)")
        assert first.center == pytest.approx(100.5, abs=1)
        assert first.width == pytest.approx(2 * 2 * 12 * np.log(3) + 1, abs=1)
        assert image.inverted == (sign < 0)
        shown = np.clip((np.arange(256) - first.center + 0.5) / (first.width - 1) + 0.5, 0, 1)
        wanted = curve / 65_535 if sign > 0 else 1 - curve / 65_535
        assert np.abs(shown - wanted).max() < 0.15

    @pytest.mark.parametrize("entries", [[0, 9, 5, 20], [7, 7, 7, 7], [7]])
    def test_voi_table_that_is_not_monotonic_or_constant_is_ignored(self, entries):
        image = read_image(lateral_file(VOILUTSequence=table(0, np.array(entries, "<u2"))))
        assert image.windows[0].name == "Bone and soft tissue"
        assert not image.inverted

    @pytest.mark.parametrize("items", [[], [Dataset()]])
    def test_empty_voi_table_is_ignored(self, items):
        image = read_image(lateral_file(VOILUTSequence=Sequence(items)))
        assert "Scanner" not in {window.name for window in image.windows}

    @pytest.mark.parametrize(
        ("center", "width"),
        [
            ("30000", "100"),
            ("-30000", "100"),
            ("252", "1"),
            ("NaN", "100"),
            ("100", "NaN"),
            ("100", "0"),
            ("100", "-50"),
            ("inf", "10"),
            ("100", ""),
        ],
    )
    def test_useless_window_is_replaced_by_a_computed_one(self, center, width):
        image = read_image(lateral_file(WindowCenter=center, WindowWidth=width))
        assert "Scanner" not in {window.name for window in image.windows}

    @pytest.mark.parametrize("text", [b"abcdef", b"100,50", b"1 0 0 "])
    def test_window_that_is_not_a_number_is_replaced_by_a_computed_one(self, text):
        data = lateral_file(WindowCenter="113355", WindowWidth="60").replace(b"113355", text)
        assert "Scanner" not in {window.name for window in read_image(data).windows}

    def test_useful_window_is_used_although_another_is_useless(self):
        image = read_image(lateral_file(WindowCenter=["30000", "100"], WindowWidth=["10", "60"]))
        first = of_scanner(image)
        assert (first.center, first.width) == (100, 60)

    def test_narrow_window_of_fractional_values_is_used(self):
        image = read_image(
            lateral_file(
                WindowCenter="0.1", WindowWidth="0.1", RescaleSlope="0.001", RescaleIntercept="0"
            )
        )
        first = of_scanner(image)
        per_value = 65_535 / (0.001 * int(gradient().max()))
        assert first.width - 1 == pytest.approx(0.1 * per_value, abs=1)


class TestOwnRange:
    @pytest.mark.parametrize(
        ("slope", "intercept"),
        [("0.0004", "-0.3"), ("0.5", "0"), ("1", "-1000"), ("2", "-1000"), ("0.001", "100")],
    )
    def test_fractions_and_negative_values_are_scaled_by_their_own_range(self, slope, intercept):
        scan = gradient(high=4095)
        scan[-1, -1] = 4095
        plain = read_image(lateral_file(scan, BitsStored=12, HighBit=11))
        image = read_image(
            lateral_file(
                scan, BitsStored=12, HighBit=11, RescaleSlope=slope, RescaleIntercept=intercept
            )
        )
        np.testing.assert_allclose(image.pixels, plain.pixels, atol=1e-6)
        assert "own range" in image.scaling["note"]
        assert plain.scaling["note"] == ""
