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
from pydicom.uid import UID, ExplicitVRBigEndian

from inference.dicom.dataset import UnreadableImage, uppercase_value
from inference.dicom.decoder_sandbox import decode_in_sandbox
from inference.dicom.frames import compressed_frame, native_frame, run_length_planes
from inference.dicom.padding import mark_padding, padding_range, shifted_range
from inference.dicom.pixel_header import (
    read_layout,
    read_size,
    read_syntax,
    unsupported_depth,
)
from inference.dicom.samples import (
    Layout,
    bits_needed,
    effective_layout,
    sample_values,
    whole_words,
)
from inference.dicom.tables import LookupTable, Rescale, modality_values, read_rescale, read_table
from inference.dicom.voi_tables import read_window_table, table_span


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
    window_table
        The VOI LUT, monotonic; ``None`` without a usable one.
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
    window_table: LookupTable | None
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
    rows, columns = read_size(dataset)
    layout = read_layout(dataset)
    syntax = read_syntax(dataset)
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
    # Decoders return words as deep as the code stream, whatever BitsAllocated is.
    layout = replace(layout, word_bits=word_bits)
    stored, padding, padded = _samples(words, layout, padded)
    table = read_table(dataset, "ModalityLUTSequence", signed=layout.signed)
    # A modality LUT and rescale values exclude each other (C.11.1); the table takes precedence.
    rescale = Rescale() if table is not None else read_rescale(dataset)
    values = modality_values(stored, table, rescale)
    window_table = read_window_table(dataset, values)
    # A VOI LUT that falls inverts the image before MONOCHROME1 does (PS3.4 N.2).
    falling = window_table is not None and table_span(window_table).falling
    inverted = is_inverted(dataset) != falling
    # Padding may exceed BitsStored and must not count as depth.
    image_only = stored if padding is None else stored[~padding]
    return GreyValues(
        stored=stored,
        values=values if padding is None else _darkened(values, padding, inverted),
        bits_stored=max(layout.bits, bits_needed(image_only)),
        rescale=rescale,
        table=table,
        window_table=window_table,
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
        # Segments are decoded byte by byte, the most significant byte first (PS3.5 G.2).
        planes = run_length_planes(stream, *shape, size).astype(f"u{size}")
        return (planes[0] if size == 1 else planes[0] << 8 | planes[1]), allocated
    if not 2 <= header.precision <= 16:
        raise unsupported_depth()
    return decode_in_sandbox(stream, header), header.precision


def _samples(
    words: NDArray[Any], layout: Layout, padded: tuple[int, int] | None
) -> tuple[NDArray[Any], NDArray[np.bool_] | None, tuple[int, int] | None]:
    """Return the samples in words, the mask of padding, and the range of samples it has."""
    # PixelPaddingValue may lie beyond BitsStored, so whole words are compared with it before
    # samples are extracted, and the samples afterwards.
    whole = mark_padding(whole_words(words, layout), padded)
    layout = effective_layout(words, layout, whole)
    if layout.shift:
        whole = None
        padded = shifted_range(padded, layout.shift, bits=layout.bits, signed=layout.signed)
    samples = sample_values(words, layout, whole)
    return samples, mark_padding(samples, padded), padded


def _darkened(values: NDArray[Any], padding: NDArray[np.bool_], inverted: bool) -> NDArray[Any]:
    """Return values with padding set to the darkest value of the image."""
    others = values[~padding]
    return np.where(padding, others.max() if inverted else others.min(), values)


def is_inverted(dataset: Dataset) -> bool:
    """Return whether low values are to be displayed bright (MONOCHROME1 or INVERSE)."""
    photometric = uppercase_value(dataset, "PhotometricInterpretation")
    return (
        photometric == "MONOCHROME1"
        or uppercase_value(dataset, "PresentationLUTShape") == "INVERSE"
    )
