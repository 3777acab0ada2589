"""Read and check the header elements that describe the pixels."""

from __future__ import annotations

from pydicom.dataset import Dataset
from pydicom.pixels.decoders.base import get_decoder
from pydicom.uid import UID, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from inference.dicom.dataset import UnreadableImage, uppercase_value
from inference.dicom.samples import Layout

MAX_SIDE = 16_384
MAX_PIXELS = 64_000_000
"""Limits in pixels, far above any DXA image, that bound the memory of decoding."""
MIN_SIDE = 64
"""Smallest side in pixels; a spine cannot be read on smaller images."""
GREY = ("MONOCHROME1", "MONOCHROME2")
# SOP class of a DICOMDIR.
DIRECTORY = "1.2.840.10008.1.3.10"
# Overlays are in the 16 even groups 6000 to 601E (PS3.3 C.9.2).
OVERLAY_GROUPS = range(0x6000, 0x6020, 2)


def whole_number(dataset: Dataset, keyword: str) -> int | None:
    """Return an integer of the header, ``None`` if it is missing or invalid."""
    try:
        value = dataset.get(keyword)
        return None if value is None else int(value)
    except Exception:  # converting a damaged element fails
        return None


def read_size(dataset: Dataset) -> tuple[int, int]:
    """Return the rows and columns of the single grey image that the header declares.

    Raises
    ------
    UnreadableImage
        ``no_pixels``, ``colour``, ``multi_frame``, ``too_large`` or ``too_small``.
    """
    rows, columns = whole_number(dataset, "Rows"), whole_number(dataset, "Columns")
    if "PixelData" not in dataset and _is_directory(dataset):
        raise UnreadableImage(
            "no_pixels",
            "This file is a DICOMDIR, which lists images but contains none. Use the image files "
            "that it lists.",
        )
    if "PixelData" not in dataset or not rows or not columns:
        raise UnreadableImage(
            "no_pixels",
            "This DICOM file contains no image. It may be a report or a list of measurements. "
            "Export the image itself.",
        )
    _check_single_grey_image(dataset)
    if max(rows, columns) > MAX_SIDE or rows * columns > MAX_PIXELS:
        raise UnreadableImage(
            "too_large",
            f"This file declares an image of {columns} x {rows} pixels, far more than DXA scanners "
            "produce. Export it again.",
        )
    if min(rows, columns) < MIN_SIDE:
        raise UnreadableImage(
            "too_small",
            f"This image has only {columns} x {rows} pixels, too few to read a spine. Export it at "
            "full size.",
        )
    return rows, columns


def _check_single_grey_image(dataset: Dataset) -> None:
    """Raise UnreadableImage for colour images and for several frames."""
    photometric, samples = (
        uppercase_value(dataset, "PhotometricInterpretation"),
        whole_number(dataset, "SamplesPerPixel"),
    )
    if (samples or 1) != 1 or photometric not in ("", *GREY):
        raise UnreadableImage(
            "colour",
            "This file is a colour picture, but lateral-spine scans are grey. It may be a page of "
            "a report. Export the image itself.",
        )
    frames = whole_number(dataset, "NumberOfFrames") or 1
    if frames > 1:
        raise UnreadableImage(
            "multi_frame",
            f"This file contains {frames} images, but only single images can be read. Export the "
            "lateral image on its own.",
        )


def _is_directory(dataset: Dataset) -> bool:
    meta = getattr(dataset, "file_meta", Dataset())
    return (
        "DirectoryRecordSequence" in dataset
        or uppercase_value(meta, "MediaStorageSOPClassUID") == DIRECTORY
    )


def read_layout(dataset: Dataset) -> Layout:
    """Return the position of samples in their words; raise UnreadableImage (``depth``)."""
    # Missing BitsStored and HighBit mean that all bits are used; the code stream or the samples
    # themselves are checked later (sample_values).
    allocated = whole_number(dataset, "BitsAllocated") or 0
    stored = whole_number(dataset, "BitsStored") or allocated
    high = whole_number(dataset, "HighBit") or stored - 1
    if allocated not in (8, 16) or not 1 < stored <= allocated or high >= allocated:
        raise unsupported_depth()
    return Layout(
        word_bits=allocated,
        bits=stored,
        high_bit=high,
        signed=whole_number(dataset, "PixelRepresentation") == 1,
        overlay=_has_overlay_in_unused_bits(dataset),
    )


def unsupported_depth() -> UnreadableImage:
    """Return the error for an unsupported number of bits per pixel."""
    return UnreadableImage(
        "depth",
        "This image is stored with an unsupported number of bits per pixel. Export it as a grey "
        "image of 8 to 16 bits.",
    )


def _has_overlay_in_unused_bits(dataset: Dataset) -> bool:
    """Return whether an overlay plane uses bits of the pixel words (retired, PS3.3-2004 C.9.2)."""
    return any(
        # A bit position without separate data: the overlay is inside the pixel words.
        (group, 0x0102) in dataset and (group, 0x3000) not in dataset
        for group in OVERLAY_GROUPS
    )


def read_syntax(dataset: Dataset) -> UID:
    """Return the transfer syntax; if the file names none, that of the parsed header.

    Raises
    ------
    UnreadableImage
        ``unknown_transfer_syntax`` if no decoder is available.
    """
    meta = getattr(dataset, "file_meta", None)
    syntax = UID(str(meta.get("TransferSyntaxUID", "") or "")) if meta is not None else UID("")
    if not syntax:
        implicit = dataset.original_encoding[0]
        # Files without meta information are valid input.
        syntax = ImplicitVRLittleEndian if implicit else ExplicitVRLittleEndian
        if meta is not None:
            meta.TransferSyntaxUID = syntax
    try:
        if get_decoder(syntax).is_available:
            return syntax
    except NotImplementedError:
        pass
    known = syntax.name if syntax.name != str(syntax) else "an unknown or private transfer syntax"
    raise UnreadableImage(
        "unknown_transfer_syntax",
        f"The compression of this file is not supported ({known}). Export it uncompressed "
        "(Explicit VR Little Endian).",
    )
