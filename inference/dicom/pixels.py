"""Dataset to grey values: the one place where DICOM pixels are decoded.

The order of PS3.4 N.2 holds: stored values, modality LUT, then the window, and the inversion of
MONOCHROME1 last. Window and inversion are handed on, not applied.
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
MIN_SIDE = 64
GREY = ("MONOCHROME1", "MONOCHROME2")
DIRECTORY = "1.2.840.10008.1.3.10"
OVERLAY_GROUPS = range(0x6000, 0x6020, 2)


@dataclass(frozen=True, slots=True, eq=False)
class GreyValues:
    """One decoded frame.

    Attributes
    ----------
    stored
        The stored values, integer, (rows, columns), free of bits that are no part of them.
    values
        The same after the modality LUT; integer unless the LUT makes fractions. Padding has the
        value that is shown darkest.
    bits_stored
        How many bits the samples take: BitsStored of the header, or more where they need more.
    rescale, table
        The modality LUT: `rescale` counts where `table` is ``None``.
    inverted
        Whether low values are to be shown bright.
    padding
        (rows, columns), true where the header calls a pixel padding; ``None`` where none is.
    padding_range
        The lowest and the highest stored value that is padding.
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
        """Whether the modality LUT changes nothing."""
        return self.table is None and self.rescale.identity


def decode_grey(dataset: Dataset) -> GreyValues:
    """Decode the one grey frame of a dataset.

    Raises
    ------
    UnreadableImage
        ``no_pixels``, ``colour``, ``multi_frame``, ``more_pixels``, ``too_large``, ``too_small``,
        ``depth``, ``unknown_transfer_syntax``, ``truncated`` or ``undecodable``.
    MemoryError
        Where the image takes more than this process may use.
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
    except Exception as error:  # the decoders raise nearly anything on nonsense
        raise undecodable() from error
    padded = padding_range(dataset, bits=layout.word_bits, signed=layout.signed)
    layout = replace(layout, word_bits=word_bits)
    stored, padding = _samples(words, layout, padded)
    table = read_table(dataset, "ModalityLUTSequence", signed=layout.signed)
    rescale = Rescale() if table is not None else read_rescale(dataset)
    values = modality_values(stored, table, rescale)
    inverted = is_inverted(dataset)
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
    """The refusal of a file whose pixels the decoder cannot decode."""
    return UnreadableImage(
        "undecodable",
        "The image in this file is damaged and cannot be decoded. Export it again, uncompressed if "
        "the scanner or the archive allows it.",
    )


def _decode(
    dataset: Dataset, syntax: UID, shape: tuple[int, int], allocated: int
) -> tuple[NDArray[Any], int]:
    """Unsigned words of the image, and how many bits of them are used."""
    data, size = dataset.PixelData, allocated // 8
    if not syntax.is_encapsulated:
        frame = native_frame(data, *shape, allocated)
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
    """The samples in words, and which of them are padding."""
    whole = None if layout.shift else mark_padding(whole_words(words, layout), padded)
    samples = sample_values(words, layout, whole)
    return samples, mark_padding(samples, padded)


def _darkened(values: NDArray[Any], padding: NDArray[np.bool_], inverted: bool) -> NDArray[Any]:
    """Values whose padding is as dark as the darkest of the others."""
    others = values[~padding]
    return np.where(padding, others.max() if inverted else others.min(), values)


def is_inverted(dataset: Dataset) -> bool:
    """Whether the header asks for low values to be shown bright (MONOCHROME1 or INVERSE)."""
    photometric = word(dataset, "PhotometricInterpretation")
    return photometric == "MONOCHROME1" or word(dataset, "PresentationLUTShape") == "INVERSE"


def whole_number(dataset: Dataset, keyword: str) -> int | None:
    """An integer of the header, or ``None`` when it is missing or nonsense."""
    try:
        value = dataset.get(keyword)
        return None if value is None else int(value)
    except Exception:  # a damaged element fails in its conversion
        return None


def _checked_size(dataset: Dataset) -> tuple[int, int]:
    rows, columns = whole_number(dataset, "Rows"), whole_number(dataset, "Columns")
    if "PixelData" not in dataset and _is_directory(dataset):
        raise UnreadableImage(
            "no_pixels",
            "This file is a directory of files (DICOMDIR), not an image. Use the image files that "
            "it lists instead.",
        )
    if "PixelData" not in dataset or not rows or not columns:
        raise UnreadableImage(
            "no_pixels",
            "This DICOM file holds no image (it may be a report or a list of measurements). "
            "Export the image itself.",
        )
    photometric, samples = (
        word(dataset, "PhotometricInterpretation"),
        whole_number(dataset, "SamplesPerPixel"),
    )
    if (samples or 1) != 1 or photometric not in ("", *GREY):
        raise UnreadableImage(
            "colour",
            "This file is a colour picture; a lateral-spine scan is a grey one. It may be a report "
            "page: export the image itself instead.",
        )
    frames = whole_number(dataset, "NumberOfFrames") or 1
    if frames > 1:
        raise UnreadableImage(
            "multi_frame",
            f"This file holds {frames} images in one; only single images can be read. Export the "
            "lateral image alone.",
        )
    if max(rows, columns) > MAX_SIDE or rows * columns > MAX_PIXELS:
        raise UnreadableImage(
            "too_large",
            f"This file says that its image has {columns} x {rows} pixels, far more than any DXA "
            "scanner makes. Export it again.",
        )
    if min(rows, columns) < MIN_SIDE:
        raise UnreadableImage(
            "too_small",
            f"This image has only {columns} x {rows} pixels; a spine cannot be read on it. Export "
            "it at full size.",
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
        "This image is stored with an unusual number of bits; 8 to 16 bits can be read. Export it "
        "as an ordinary grey image.",
    )


def _has_overlay_in_unused_bits(dataset: Dataset) -> bool:
    """Whether an overlay plane lies in the pixels' own words (retired, PS3.3-2004 C.9.2)."""
    return any(
        (group, 0x0102) in dataset and (group, 0x3000) not in dataset for group in OVERLAY_GROUPS
    )


def _checked_syntax(dataset: Dataset) -> UID:
    """The transfer syntax; where the file names none, the one it was parsed with."""
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
    known = syntax.name if syntax.name != str(syntax) else "an unknown or private way"
    raise UnreadableImage(
        "unknown_transfer_syntax",
        f"The pixels of this file are packed in a way that cannot be unpacked here ({known}). "
        "Export it uncompressed (Explicit VR Little Endian).",
    )
