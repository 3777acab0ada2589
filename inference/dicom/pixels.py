"""Decode the pixels of a dataset into grey values; no other module decodes DICOM pixels.

Steps follow PS3.4 N.2: stored values, modality LUT, then the window, and inversion (MONOCHROME1)
last. Window and inversion are returned, not applied.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.pixels.decoders.base import get_decoder
from pydicom.uid import (
    UID,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from inference.dicom.dataset import UnreadableImage, word
from inference.dicom.decoder_sandbox import decode_in_sandbox
from inference.dicom.frames import compressed_frame, native_frame, run_length_planes
from inference.dicom.padding import mark_padding, padding_range
from inference.dicom.samples import Layout, bits_needed, sample_values, whole_words
from inference.dicom.tables import LookupTable, Rescale, modality_values, read_rescale, read_table

MAX_SIDE = 16_384
MAX_PIXELS = 64_000_000
"""Limits in pixels, far above any DXA image, that bound the memory of decoding."""
MIN_SIDE = 64
"""Smallest side in pixels; a spine cannot be read on smaller images."""
GREY = ("MONOCHROME1", "MONOCHROME2")
DIRECTORY = "1.2.840.10008.1.3.10"
OVERLAY_GROUPS = range(0x6000, 0x6020, 2)


@dataclass(frozen=True, slots=True, eq=False)
class GreyValues:
    """One decoded frame.

    Attributes
    ----------
    stored
        Stored values, integer (rows, columns), without bits that do not belong to the sample.
    values
        Values after the modality LUT (rows, columns); integer unless the LUT yields fractions.
        Padding has the value that is displayed darkest.
    bits_stored
        Bits per sample: BitsStored, or more if the samples need more.
    rescale, table
        The modality LUT; `rescale` applies if `table` is ``None``.
    inverted
        Whether low values are displayed bright.
    padding
        Boolean (rows, columns), true for padding; ``None`` without padding.
    padding_range
        Lowest and highest stored value that is padding.
    """

    stored: NDArray[Any]
    values: NDArray[Any]
    bits_stored: int
    rescale: Rescale
    table: LookupTable | None
    inverted: bool
    padding: NDArray[np.bool_] | None
    padding_range: tuple[int, int] | None

    @property
    def identity(self) -> bool:
        """Whether the modality LUT leaves values unchanged."""
        return self.table is None and self.rescale.identity


def decode_grey(dataset: Dataset) -> GreyValues:
    """Return the decoded single grey frame of a dataset.

    Raises
    ------
    UnreadableImage
        ``no_pixels``, ``colour``, ``multi_frame``, ``more_pixels``, ``too_large``, ``too_small``,
        ``depth``, ``unknown_transfer_syntax``, ``truncated`` or ``undecodable``.
    MemoryError
        If the image needs more memory than this process may use.
    """
    rows, columns = _checked_size(dataset)
    layout = _checked_layout(dataset)
    syntax = _checked_syntax(dataset)
    data = dataset.PixelData
    if not isinstance(data, bytes) or not data:
        raise UnreadableImage("no_pixels", "The image in this file is empty. Export it again.")
    try:
        words, word_bits = _decode(dataset, syntax, (rows, columns), layout.word_bits)
    except (UnreadableImage, MemoryError):
        raise
    except Exception as error:  # decoders raise almost any exception on invalid data
        raise undecodable() from error
    padded = padding_range(dataset, bits=layout.word_bits, signed=layout.signed)
    layout = replace(layout, word_bits=word_bits)
    stored, padding = _samples(words, layout, padded)
    table = read_table(dataset, "ModalityLUTSequence", signed=layout.signed)
    rescale = Rescale() if table is not None else read_rescale(dataset)
    values = modality_values(stored, table, rescale)
    inverted = is_inverted(dataset)
    # Padding may exceed BitsStored and must not count as depth.
    image_only = stored if padding is None else stored[~padding]
    return GreyValues(
        stored=stored,
        values=values if padding is None else _darkened(values, padding, inverted),
        bits_stored=max(layout.bits, bits_needed(image_only)),
        rescale=rescale,
        table=table,
        inverted=inverted,
        padding=padding,
        padding_range=padded,
    )


def undecodable() -> UnreadableImage:
    """Return the error for a file whose pixels cannot be decoded."""
    return UnreadableImage(
        "undecodable",
        "The image in this file is damaged and cannot be decoded. Export it again, uncompressed if "
        "the scanner or the archive allows it.",
    )


def _decode(
    dataset: Dataset, syntax: UID, shape: tuple[int, int], allocated: int
) -> tuple[NDArray[Any], int]:
    """Return the unsigned words (rows, columns) and the number of bits used in them."""
    data, size = dataset.PixelData, allocated // 8
    if not syntax.is_encapsulated:
        frame = native_frame(data, *shape, allocated)
        # Big-endian OW swaps the bytes of 8-bit pixels pairwise.
        if syntax == ExplicitVRBigEndian and size == 1 and dataset["PixelData"].VR == "OW":
            frame = np.frombuffer(data[: len(data) // 2 * 2], "<u2").byteswap().tobytes()
        order = ">" if syntax == ExplicitVRBigEndian else "<"
        words = np.frombuffer(frame, f"{order}u{size}", shape[0] * shape[1])
        return words.reshape(shape).astype(f"u{size}"), allocated
    stream, header = compressed_frame(data, *shape)
    if header is None:
        planes = run_length_planes(stream, *shape, size).astype(f"u{size}")
        return (planes[0] if size == 1 else planes[0] << 8 | planes[1]), allocated
    if not 2 <= header.precision <= 16:
        raise _unusual_depth()
    return decode_in_sandbox(stream, header), header.precision


def _samples(
    words: NDArray[Any], layout: Layout, padded: tuple[int, int] | None
) -> tuple[NDArray[Any], NDArray[np.bool_] | None]:
    """Return the samples in words, and the mask of padding."""
    whole = None if layout.shift else mark_padding(whole_words(words, layout), padded)
    samples = sample_values(words, layout, whole)
    return samples, mark_padding(samples, padded)


def _darkened(values: NDArray[Any], padding: NDArray[np.bool_], inverted: bool) -> NDArray[Any]:
    """Return values with padding set to the darkest value of the image."""
    others = values[~padding]
    return np.where(padding, others.max() if inverted else others.min(), values)


def is_inverted(dataset: Dataset) -> bool:
    """Return whether low values are to be displayed bright (MONOCHROME1 or INVERSE)."""
    photometric = word(dataset, "PhotometricInterpretation")
    return photometric == "MONOCHROME1" or word(dataset, "PresentationLUTShape") == "INVERSE"


def whole_number(dataset: Dataset, keyword: str) -> int | None:
    """Return an integer of the header, ``None`` if it is missing or invalid."""
    try:
        value = dataset.get(keyword)
        return None if value is None else int(value)
    except Exception:  # converting a damaged element fails
        return None


def _checked_size(dataset: Dataset) -> tuple[int, int]:
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
    photometric, samples = (
        word(dataset, "PhotometricInterpretation"),
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


def _is_directory(dataset: Dataset) -> bool:
    meta = getattr(dataset, "file_meta", Dataset())
    return (
        "DirectoryRecordSequence" in dataset or word(meta, "MediaStorageSOPClassUID") == DIRECTORY
    )


def _checked_layout(dataset: Dataset) -> Layout:
    allocated = whole_number(dataset, "BitsAllocated") or 0
    stored = whole_number(dataset, "BitsStored") or allocated
    high = whole_number(dataset, "HighBit") or stored - 1
    if allocated not in (8, 16) or not 1 < stored <= allocated or high >= allocated:
        raise _unusual_depth()
    return Layout(
        word_bits=allocated,
        bits=stored,
        high_bit=high,
        signed=whole_number(dataset, "PixelRepresentation") == 1,
        overlay=_has_overlay_in_unused_bits(dataset),
    )


def _unusual_depth() -> UnreadableImage:
    return UnreadableImage(
        "depth",
        "This image is stored with an unsupported number of bits per pixel. Export it as a grey "
        "image of 8 to 16 bits.",
    )


def _has_overlay_in_unused_bits(dataset: Dataset) -> bool:
    """Return whether an overlay plane uses bits of the pixel words (retired, PS3.3-2004 C.9.2)."""
    return any(
        (group, 0x0102) in dataset and (group, 0x3000) not in dataset for group in OVERLAY_GROUPS
    )


def _checked_syntax(dataset: Dataset) -> UID:
    """Return the transfer syntax; if the file names none, that of the parsed header."""
    meta = getattr(dataset, "file_meta", None)
    syntax = UID(str(meta.get("TransferSyntaxUID", "") or "")) if meta is not None else UID("")
    if not syntax:
        implicit = dataset.original_encoding[0]
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
