"""Read DICOM, PNG and JPEG files into images with grey values in [0, 1], spacing and polarity.

`read_image` is the single entry point; only `inference.dicom.pixels` decodes DICOM pixels.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from inference.dicom.dataset import UnreadableImage, looks_like_dicom, open_dataset
from inference.dicom.pixels import GreyValues, decode_grey
from inference.dicom.spacing import is_usable, pixel_aspect, pixel_spacing
from inference.dicom.voi_windows import (
    Window,
    computed_windows,
    display_values,
    header_windows,
    in_opening_order,
)
from inference.grey_scaling import scale_grey
from inference.picture import read_picture
from inference.results import Spacing

__all__ = ["DisplayImage", "Image", "UnreadableImage", "Window", "display", "read_image"]

PICTURE_STARTS = {b"\x89PNG\r\n\x1a\n": "PNG", b"\xff\xd8\xff": "JPEG"}
"""First bytes of the supported picture formats."""


@dataclass(frozen=True, slots=True, eq=False)
class Image:
    """One image, for the network and for display.

    Attributes
    ----------
    pixels
        float32 (height, width) in [0, 1]; brighter is denser.
    stored
        Values for display: uint8 or uint16 modality values (height, width), not inverted.
    spacing_mm
        (row, column) in mm as in the header, or ``None``.
    spacing_source
        Header attribute that the spacing comes from.
    pixel_aspect
        Height of a pixel over its width.
    scaling
        How `pixels` was calculated: ``bits``, ``divisor``, ``offset``, ``clipped`` (number of
        pixels), ``inverted`` and ``note`` (text, if the image was scaled by its own range).
    inverted
        Whether `stored` must be inverted so that bone is bright.
    windows
        Display windows for `stored`; the first is the default.
    name
        Name given by the caller.
    spacing_plausible
        Whether a field of the resulting size can be a DXA scan. The detected vertebrae may still
        show that the spacing is wrong (`inference.geometry.body_heights`).
    padding
        Pixels that the file declares as padding, boolean (height, width); ``None`` if there are
        none. They are 0 in `pixels` and as dark as possible in `stored`.
    """

    pixels: NDArray[np.float32]
    stored: NDArray[Any]
    spacing_mm: Spacing | None
    spacing_source: str
    pixel_aspect: float
    scaling: Mapping[str, Any]
    inverted: bool
    windows: tuple[Window, ...]
    name: str = ""
    padding: NDArray[np.bool_] | None = None
    spacing_plausible: bool = True

    @property
    def width(self) -> int:
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        return int(self.pixels.shape[0])

    def inverted_pixels(self) -> NDArray[np.float32]:
        """Return `pixels` with bright and dark exchanged; padding stays dark."""
        inverted = np.float32(1) - self.pixels
        if self.padding is not None:
            inverted[self.padding] = 0
        return inverted


@dataclass(frozen=True, slots=True, eq=False)
class DisplayImage:
    """The data that a viewer needs to display an image in true proportions and polarity.

    ``invert`` is applied after the window. ``spacing_mm`` is (row, column).
    """

    pixels: NDArray[Any]
    bits: int
    windows: tuple[Window, ...]
    invert: bool
    spacing_mm: Spacing | None
    pixel_aspect: float


def read_image(source: Path | bytes, *, name: str = "") -> Image:
    """Read a DICOM, PNG or JPEG file.

    Parameters
    ----------
    source
        A path, or the bytes of the file.
    name
        Name of the image; by default that of the file.

    Raises
    ------
    UnreadableImage
        If the file cannot be read; its code and text state the reason and the remedy.
    """
    if isinstance(source, Path):
        name = name or source.name
    source = file_bytes(source)
    # The format is detected by content, because file names are unreliable.
    for start, kind in PICTURE_STARTS.items():
        if source.startswith(start):
            return _image_from_picture(read_picture(source, kind), name)
    if source and not looks_like_dicom(source):
        raise UnreadableImage(
            "not_an_image",
            "This file is not a DICOM image, PNG or JPEG picture. Export the scan as DICOM.",
        )
    return image_from_dataset(open_dataset(source), name=name)


def file_bytes(source: Path | bytes) -> bytes:
    """Return the bytes of a file that may be given by its path.

    Raises
    ------
    UnreadableImage
        ``no_file`` if the file cannot be opened.
    """
    if isinstance(source, bytes):
        return source
    try:
        return source.read_bytes()
    except OSError as error:
        raise UnreadableImage(
            "no_file", f"This file cannot be opened ({error.strerror or 'unknown reason'})."
        ) from error


def image_from_dataset(
    dataset: Dataset, *, grey: GreyValues | None = None, name: str = ""
) -> Image:
    """Return the image in a dataset.

    Parameters
    ----------
    dataset
        Header and pixels.
    grey
        Decoded pixels of this dataset, if they are available already.
    name
        Name of the image.

    Raises
    ------
    UnreadableImage
        As `inference.dicom.pixels.decode_grey`.
    """
    grey = grey or decode_grey(dataset)
    rows, columns = grey.values.shape
    spacing_mm, spacing_source = pixel_spacing(dataset, rows, columns)
    shown = display_values(grey.values)
    # BitsStored limits the depth only if the modality LUT leaves the values unchanged.
    cap = grey.bits_stored if grey.identity else None
    pixels, scaling = scale_grey(grey.values, bits_stored=cap, inverted=grey.inverted)
    # Padding must not look like tissue.
    if grey.padding is not None:
        pixels[grey.padding] = 0
    windows = header_windows(dataset, shown, grey.window_table)
    return Image(
        pixels=pixels,
        stored=shown.pixels,
        spacing_mm=spacing_mm,
        spacing_source=spacing_source,
        pixel_aspect=pixel_aspect(dataset, spacing_mm),
        scaling=scaling,
        inverted=grey.inverted,
        windows=in_opening_order(windows, computed_windows(shown.pixels, inverted=grey.inverted)),
        name=name,
        padding=grey.padding,
        spacing_plausible=spacing_mm is None
        or is_usable(spacing_mm, spacing_source, rows, columns),
    )


def display(source: Image | Dataset) -> DisplayImage:
    """Return the data for displaying an image; an implausible spacing is left out."""
    image = source if isinstance(source, Image) else image_from_dataset(source)
    return DisplayImage(
        pixels=image.stored,
        bits=image.stored.dtype.itemsize * 8,
        windows=image.windows,
        invert=image.inverted,
        # An implausible spacing would distort the displayed image.
        spacing_mm=image.spacing_mm if image.spacing_plausible else None,
        pixel_aspect=image.pixel_aspect,
    )


def _image_from_picture(values: NDArray[Any], name: str) -> Image:
    """Return an image with the grey values of a picture, which has no spacing."""
    pixels, scaling = scale_grey(values, bits_stored=8 if values.dtype == np.uint8 else 16)
    return Image(
        pixels=pixels,
        stored=values,
        spacing_mm=None,
        spacing_source="none",
        pixel_aspect=1.0,
        scaling=scaling,
        inverted=False,
        windows=computed_windows(values, inverted=False),
        name=name,
    )
