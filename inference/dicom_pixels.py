"""Dataset to grey values: the one place where DICOM pixels are decoded.

The order of PS3.4 N.2 holds: stored values, modality LUT, then the window, and the inversion of
MONOCHROME1 last. Window and inversion are handed on, not applied.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.encaps import generate_frames
from pydicom.pixels.decoders.base import get_decoder
from pydicom.pixels.processing import apply_modality_lut
from pydicom.pixels.utils import pixel_array
from pydicom.uid import UID, ExplicitVRLittleEndian, ImplicitVRLittleEndian, RLELossless

from inference.codestream import claimed_size
from inference.decoder_process import decode_apart
from inference.dicom_file import UnreadableImage, quiet_pydicom, word

MAX_SIDE = 16_384
MAX_PIXELS = 64_000_000
MIN_SIDE = 64
GREY = ("MONOCHROME1", "MONOCHROME2")


@dataclass(frozen=True, slots=True, eq=False)
class GreyValues:
    """One decoded frame.

    Attributes
    ----------
    stored
        The stored values, integer, (rows, columns), free of bits beyond BitsStored.
    values
        The same after the modality LUT; integer unless the LUT makes fractions.
    bits_stored
        BitsStored of the header.
    identity
        Whether the modality LUT changes nothing.
    inverted
        Whether low values are to be shown bright.
    """

    stored: NDArray[Any]
    values: NDArray[Any]
    bits_stored: int
    identity: bool
    inverted: bool


def decode_grey(dataset: Dataset) -> GreyValues:
    """Decode the one grey frame of a dataset.

    Raises
    ------
    UnreadableImage
        ``no_pixels``, ``colour``, ``multi_frame``, ``too_large``, ``too_small``, ``depth``,
        ``unknown_transfer_syntax``, ``truncated`` or ``undecodable``.
    """
    with quiet_pydicom():
        rows, columns = _checked_size(dataset)
        bits_allocated, bits_stored = _checked_depth(dataset)
        syntax = _checked_syntax(dataset)
        _check_data(dataset, syntax, rows, columns, bits_allocated)
        try:
            stored = _decode(dataset, syntax)
        except Exception as error:  # the decoders raise nearly anything on nonsense
            raise UnreadableImage(
                "undecodable",
                "The image in this file is damaged and cannot be decoded. Export it again, "
                "uncompressed if the scanner or the archive allows it.",
            ) from error
        if stored.shape != (rows, columns):
            raise UnreadableImage(
                "undecodable",
                "The image in this file has another size than its header says. Export it again.",
            )
        stored = _sample_bits(stored, dataset, bits_allocated, bits_stored)
        values = _modality_values(stored, dataset)
    return GreyValues(
        stored=stored,
        values=values,
        bits_stored=bits_stored,
        identity=values is stored,
        inverted=is_inverted(dataset),
    )


def _decode(dataset: Dataset, syntax: UID) -> NDArray[Any]:
    """The stored values; anything but plain and run-length pixels is decoded apart."""
    if syntax.is_encapsulated and syntax != RLELossless:
        return decode_apart(dataset, syntax)
    plugin = "pydicom" if syntax == RLELossless else ""
    return np.asarray(pixel_array(dataset, index=0, raw=True, decoding_plugin=plugin))


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


def _checked_depth(dataset: Dataset) -> tuple[int, int]:
    allocated = whole_number(dataset, "BitsAllocated") or 0
    stored = whole_number(dataset, "BitsStored") or allocated
    high = whole_number(dataset, "HighBit")
    if allocated not in (8, 16) or not 1 < stored <= allocated or (high or 0) >= allocated:
        raise UnreadableImage(
            "depth",
            "This image is stored with an unusual number of bits; 8 to 16 bits can be read. Export "
            "it as an ordinary grey image.",
        )
    return allocated, stored


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


def _check_data(dataset: Dataset, syntax: UID, rows: int, columns: int, bits: int) -> None:
    """Compare what the header claims with the bytes that are there, before any allocation."""
    data = dataset.PixelData
    if not isinstance(data, bytes) or not data:
        raise UnreadableImage("no_pixels", "The image in this file is empty. Export it again.")
    if not syntax.is_encapsulated:
        if len(data) < rows * columns * bits // 8:
            raise UnreadableImage(
                "truncated",
                f"This file says that its image has {columns} x {rows} pixels, but holds fewer: it "
                "was cut off on the way. Copy or export it again.",
            )
        return
    try:
        stream = next(generate_frames(data, number_of_frames=1))
    except Exception as error:  # damaged fragments raise nearly anything
        raise UnreadableImage(
            "truncated",
            "The compressed image in this file is cut off or damaged. Copy or export it again.",
        ) from error
    size = claimed_size(stream)
    if size is not None and size != (columns, rows):
        raise UnreadableImage(
            "undecodable",
            "The image in this file has another size than its header says. Export it again.",
        )


def _sample_bits(stored: NDArray[Any], dataset: Dataset, allocated: int, bits: int) -> NDArray[Any]:
    """Bring the sample to the low bits and drop what is not part of it (PS3.5 8.1.1).

    Old files keep an overlay in the unused bits. A lone value of exactly 2^bits, which Hologic
    writes (4096), is left as it is.
    """
    high = whole_number(dataset, "HighBit")
    shift = 0 if high is None else high - bits + 1
    if shift > 0:
        stored = stored >> shift
    if bits == allocated:
        return stored
    kept: NDArray[Any] = stored
    if stored.dtype.kind == "i":
        unused = allocated - bits
        kept = (stored << unused) >> unused
    else:
        above = stored[stored >= 2**bits]
        if above.size and not np.all(above == 2**bits):
            kept = stored & np.array(2**bits - 1, stored.dtype)
    return kept


def _modality_values(stored: NDArray[Any], dataset: Dataset) -> NDArray[Any]:
    """Apply the modality LUT; the same array where it changes nothing."""
    if "ModalityLUTSequence" not in dataset:
        slope, intercept = _rescale(dataset)
        if (slope, intercept) == (1.0, 0.0):
            return stored
    try:
        values = np.asarray(apply_modality_lut(stored, dataset), dtype=np.float64)
    except Exception as error:  # a damaged table raises nearly anything
        raise UnreadableImage(
            "undecodable",
            "The table of grey values in this file is damaged. Export it again.",
        ) from error
    if not np.all(np.isfinite(values)):
        raise UnreadableImage(
            "undecodable", "The rescaling in this file's header is no number. Export it again."
        )
    whole = np.rint(values)
    return whole.astype(np.int64) if np.array_equal(whole, values) else values


def _rescale(dataset: Dataset) -> tuple[float, float]:
    """RescaleSlope and RescaleIntercept, (1, 0) when there are none."""
    try:
        if dataset.get("RescaleSlope") is None:
            return 1.0, 0.0
        slope = float(dataset.RescaleSlope)
        intercept = float(dataset.get("RescaleIntercept", 0) or 0)
    except Exception:  # a damaged element fails in its conversion
        slope, intercept = math.nan, math.nan
    if not math.isfinite(slope) or not math.isfinite(intercept) or slope == 0:
        raise UnreadableImage(
            "undecodable", "The rescaling in this file's header is no number. Export it again."
        )
    return slope, intercept
