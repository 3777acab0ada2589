import os
from io import BytesIO
from pathlib import Path

import numpy as np
import PIL.Image
import pytest
from pydicom.uid import JPEGLSLossless, RLELossless

from inference.image import display, read_image
from tests.dicom_files import gradient, lateral_dataset, lateral_file, to_bytes
from tests.inference.error_codes import code_of


def png(pixels, **options):
    out = BytesIO()
    PIL.Image.fromarray(pixels).save(out, "PNG", **options)
    return out.getvalue()


def jpeg(pixels):
    out = BytesIO()
    PIL.Image.fromarray(pixels).save(out, "JPEG", quality=95)
    return out.getvalue()


class TestDicom:
    def test_grey_values_are_those_of_the_file(self):
        image = read_image(lateral_file())
        np.testing.assert_allclose(image.pixels, gradient() / 255, atol=1e-7)
        np.testing.assert_array_equal(image.stored, gradient())
        assert (image.width, image.height) == (80, 120)

    def test_monochrome1_is_inverted_so_that_bone_is_bright(self):
        image = read_image(lateral_file(PhotometricInterpretation="MONOCHROME1"))
        np.testing.assert_allclose(image.pixels, 1 - gradient() / 255, atol=1e-6)
        assert display(image).invert
        np.testing.assert_array_equal(display(image).pixels, gradient())

    def test_presentation_lut_shape_inverse_inverts_once(self):
        assert read_image(lateral_file(PresentationLUTShape="INVERSE")).inverted
        both = lateral_file(PresentationLUTShape="INVERSE", PhotometricInterpretation="MONOCHROME1")
        assert read_image(both).inverted

    def test_rescale_comes_before_scaling(self):
        image = read_image(lateral_file(RescaleSlope="4", RescaleIntercept="-100"))
        shown = display(image)
        assert shown.bits == 16
        np.testing.assert_array_equal(shown.pixels, gradient().astype(int) * 4)
        assert image.scaling["offset"] == -100

    def test_signed_values_are_read(self):
        signed = gradient(high=600).astype(np.int16) - 300
        image = read_image(lateral_file(signed))
        np.testing.assert_array_equal(image.stored, signed + 300)

    def test_bits_beyond_bits_stored_are_ignored(self):
        twelve = gradient(high=4000)
        overlaid = twelve | np.uint16(0x8000)
        image = read_image(lateral_file(overlaid, BitsStored=12, HighBit=11))
        np.testing.assert_array_equal(image.stored, twelve)

    @pytest.mark.parametrize("syntax", [RLELossless, JPEGLSLossless])
    def test_lossless_compression_preserves_values(self, syntax):
        dataset = lateral_dataset(gradient(high=4000), BitsStored=12, HighBit=11)
        dataset.file_meta = None
        to_bytes(dataset)
        dataset.compress(syntax, generate_instance_uid=False)
        np.testing.assert_array_equal(
            read_image(to_bytes(dataset, syntax)).stored, gradient(high=4000)
        )

    def test_deflated_file_is_read(self):
        data = to_bytes(lateral_dataset(), "1.2.840.10008.1.2.1.99")
        np.testing.assert_array_equal(read_image(data).stored, gradient())

    def test_file_without_preamble_is_read(self):
        np.testing.assert_array_equal(read_image(lateral_file()[132:]).stored, gradient())

    def test_header_windows_follow_the_rescale(self):
        image = read_image(
            lateral_file(
                WindowCenter=["-860", "-900"],
                WindowWidth=["200", "2000"],
                RescaleSlope="1",
                RescaleIntercept="-1000",
            )
        )
        _, first, second, *_ = image.windows
        assert (first.name, first.center, first.width) == ("Scanner", 140, 200)
        assert (second.name, second.center, second.width) == ("Scanner 2", 100, 2000)
        assert {window.name for window in image.windows} >= {"Bone", "Soft tissue", "Full"}

    @pytest.mark.parametrize("function", ["LINEAR", "LINEAR_EXACT"])
    def test_header_window_of_stretched_values_has_the_same_limits(self, function):
        """Limits follow C.11.2.1.2.1 and C.11.2.1.3.2, for values from 0 to 0.252."""
        image = read_image(
            lateral_file(
                WindowCenter="2",
                WindowWidth="4",
                RescaleSlope="0.001",
                RescaleIntercept="0",
                VOILUTFunction=function,
            )
        )
        scanner = image.windows[0]
        per_value = float(image.stored.max()) / (0.001 * gradient().max())
        half = (scanner.width - 1) / 2
        ends = [(scanner.center - 0.5 + sign * half) / per_value for sign in (-1, 1)]
        assert ends == pytest.approx([0, 3] if function == "LINEAR" else [0, 4], abs=0.001)

    def test_computed_bone_window_of_inverted_image_covers_low_values(self):
        upright = read_image(lateral_file())
        inverted = read_image(
            lateral_file(252 - gradient(), PhotometricInterpretation="MONOCHROME1")
        )
        bone = {window.name: window.center for window in upright.windows}["Bone"]
        dark = {window.name: window.center for window in inverted.windows}["Bone"]
        assert dark == pytest.approx(252 - bone, abs=3)


class TestSpacing:
    @pytest.mark.parametrize(
        ("elements", "spacing", "source"),
        [
            ({"PixelSpacing": ["0.5", "0.25"]}, (0.5, 0.25), "pixel_spacing"),
            ({"ImagerPixelSpacing": ["0.3", "0.2"]}, (0.3, 0.2), "imager_pixel_spacing"),
            (
                {"NominalScannedPixelSpacing": ["0.3", "0.2"]},
                (0.3, 0.2),
                "nominal_scanned_pixel_spacing",
            ),
            ({"ExposedArea": [20, 30]}, (0.25, 0.25), "exposed_area"),
            ({"ExposedArea": [30, 20]}, (0.25, 0.25), "exposed_area"),
            ({"ExposedArea": [30, 100]}, None, "none"),
            ({"PixelSpacing": ["0", "0.25"]}, None, "none"),
            ({}, None, "none"),
        ],
    )
    def test_spacing_is_row_then_column_with_its_source(self, elements, spacing, source):
        image = read_image(lateral_file(**elements))
        assert image.spacing_source == source
        assert image.spacing_mm == (None if spacing is None else pytest.approx(spacing))

    def test_pixel_aspect_ratio_is_vertical_to_horizontal(self):
        image = read_image(lateral_file(PixelAspectRatio=["3", "2"]))
        assert image.spacing_mm is None
        assert image.pixel_aspect == 1.5


class TestPictures:
    @pytest.mark.parametrize("high", [252, 4000])
    def test_png_gives_the_same_values_as_dicom(self, high):
        image = read_image(png(gradient(high=high)))
        np.testing.assert_allclose(
            image.pixels, read_image(lateral_file(gradient(high=high))).pixels
        )
        assert (image.spacing_mm, image.spacing_source) == (None, "none")

    def test_jpeg_is_read_within_its_compression_error(self):
        image = read_image(jpeg(gradient()))
        np.testing.assert_allclose(image.pixels, gradient() / 255, atol=0.03)

    def test_grey_picture_stored_as_colour_is_read(self):
        np.testing.assert_array_equal(
            read_image(png(np.repeat(gradient()[..., None], 3, axis=2))).stored, gradient()
        )

    def test_colour_picture_is_rejected(self):
        colours = np.random.default_rng(0).integers(0, 255, (100, 100, 3), dtype=np.uint8)
        assert code_of(png(colours)) == "colour"

    def test_truncated_png_is_rejected(self):
        noise = np.random.default_rng(0).integers(0, 255, (100, 100), dtype=np.uint8)
        assert code_of(png(noise)[:3000]) == "undecodable"


@pytest.mark.skipif(
    "VERTEREAD_REAL_DATA" not in os.environ, reason="VERTEREAD_REAL_DATA is not set"
)
class TestRealScan:
    """A GE Lunar iDXA lateral; its spacing follows from the exposed area."""

    @pytest.fixture
    def image(self):
        folder = Path(os.environ["VERTEREAD_REAL_DATA"])
        files = sorted(folder.rglob("*.dcm"), key=lambda path: path.stat().st_size)
        return read_image(files[-1])

    def test_spacing_down_and_across(self, image):
        assert image.spacing_mm == pytest.approx((0.2477, 0.2475), abs=5e-5)
        assert image.spacing_source == "exposed_area"

    def test_bone_is_bright(self, image):
        """The vertebral bodies in the middle are denser than the bowel anterior to them."""
        rows = slice(1200, 1500)
        assert image.pixels[rows, 360:480].mean() > 2 * image.pixels[rows, 600:780].mean()
        assert not image.inverted
