"""Parse untrusted DICOM bytes into a dataset.

Sizes that a file declares are compared with the bytes that it contains before they are used.
Messages never repeat a header value, because it may be a patient's name.
"""

from __future__ import annotations

import logging
import struct
from collections.abc import Callable

import pydicom.config
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset, FileDataset
from pydicom.filereader import read_partial
from pydicom.tag import BaseTag

from inference.dicom.parser_limits import WARNINGS, BeyondBounds, CountedBytes, bound_pydicom

MAX_ELEMENTS = 5_000
"""Limit for top-level elements; a DXA image has a few hundred."""
MAX_VALUE_BYTES = 2**20
"""Limit for one value except pixels; a lookup table of 65,536 entries of 16 bits has 128 KB."""
READ_GROUPS = {0x0002, 0x0008, 0x0010, 0x0018, 0x0020, 0x0028, 0x0054, 0x2050}
READ_TAGS = {0x00400254, 0x00400303}
"""Description of the procedure step and exposed area; the rest of group 0040 is not used."""
# Specific Character Set (0008,0005).
CHARACTER_SET = 0x00080005
# The group of the pixel data: nothing behind it is used.
LAST_NEEDED_GROUP = 0x7FE0
UNDEFINED_LENGTH = 0xFFFFFFFF
# Tag (FFFE,E0DD) and length 0 (PS3.5 7.5).
SEQUENCE_DELIMITER = b"\xfe\xff\xdd\xe0\0\0\0\0"

# Warnings and validation errors of pydicom quote header values, so they are switched off.
bound_pydicom()
pydicom.config.settings.reading_validation_mode = pydicom.config.IGNORE
logging.getLogger("pydicom").setLevel(logging.CRITICAL)

# First bytes of other formats that people upload by mistake, so that the message can name them.
OTHER_KINDS = (
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a zip archive or an Office document"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"II*\x00", "a TIFF picture"),
    (b"MM\x00*", "a TIFF picture"),
    (b"BM", "a BMP picture"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
)


class UnreadableImage(Exception):
    """A file that cannot be read as an image.

    Attributes
    ----------
    code
        Stable identifier of the reason.
    text
        Sentences for users: what is wrong and what to do. Never contains header values.
    """

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


def looks_like_dicom(data: bytes) -> bool:
    """Return whether bytes begin like a DICOM file, with or without the PS3.10 preamble."""
    if data[128:132] == b"DICM":
        return True
    if len(data) < 16:
        return False
    group, element = struct.unpack("<HH", data[:4])
    # Without a preamble, a file starts with its meta information or with group 0008.
    if group not in (0x0002, 0x0008) or element > 0x0100:
        return False
    # An explicit VR is two capital letters. With implicit VR, these bytes start the length of the
    # first element, which is short.
    explicit = data[4:6].isalpha() and data[4:6].isupper()
    return explicit or struct.unpack("<I", data[4:8])[0] <= 256


def open_dataset(data: bytes) -> FileDataset:
    """Parse a DICOM file.

    Parameters
    ----------
    data
        The whole file.

    Raises
    ------
    UnreadableImage
        ``not_dicom``, ``empty``, ``truncated``, ``damaged`` or ``too_large`` (beyond the limits of
        `inference.dicom.parser_limits`, `MAX_ELEMENTS` or `MAX_VALUE_BYTES`).
    MemoryError
        If the file needs more memory than this process may use.
    """
    if not data:
        raise UnreadableImage("empty", "This file is empty. Export or copy it again.")
    if not looks_like_dicom(data):
        raise UnreadableImage("not_dicom", _not_dicom_text(data))
    try:
        dataset, truncated = _parse(data)
        if truncated and "PixelData" not in dataset:
            # The delimiter after compressed pixels may be missing; the code stream shows later
            # whether the image is complete.
            dataset, truncated = _parse(data + SEQUENCE_DELIMITER)
            truncated = truncated or not _is_compressed(dataset)
        _check_values(dataset)
    except (UnreadableImage, MemoryError):
        raise
    except BeyondBounds as error:
        raise UnreadableImage("too_large", str(error)) from error
    except EOFError as error:
        raise _truncated() from error
    except Exception as error:  # pydicom raises almost any exception on invalid data
        raise damaged() from error
    if truncated or _ends_early(dataset):
        raise _truncated()
    return dataset


def _parse(data: bytes) -> tuple[FileDataset, bool]:
    """Return the dataset up to its pixels, and whether the file was truncated before them."""
    WARNINGS.truncated = False
    # force=True, because files without the preamble are accepted (looks_like_dicom has checked
    # them).
    dataset = read_partial(CountedBytes(data), stop_when=_stop_after_pixels(), force=True)
    return dataset, WARNINGS.truncated


def _is_compressed(dataset: FileDataset) -> bool:
    """Return whether the last element contains fragments of compressed pixels."""
    return "PixelData" in dataset and bool(dataset["PixelData"].is_undefined_length)


def _stop_after_pixels() -> Callable[[BaseTag, str | None, int], bool]:
    """Return a condition that ends reading after the pixels, or raises at too many elements."""
    count = 0

    def stop(tag: BaseTag, vr: str | None, length: int) -> bool:
        nonlocal count
        count += 1
        if count > MAX_ELEMENTS:
            raise UnreadableImage(
                "too_large",
                f"This file's header has more than {MAX_ELEMENTS} entries, which no image needs. "
                "Export it again from the scanner or the archive.",
            )
        if tag == CHARACTER_SET and MAX_VALUE_BYTES < length < UNDEFINED_LENGTH:
            raise _huge_value()  # pydicom converts this element while reading
        return tag.group > LAST_NEEDED_GROUP

    return stop


def _check_values(dataset: Dataset) -> None:
    """Raise UnreadableImage for a huge value in a part of the header that is used."""
    for tag in list(dataset.keys()):
        # get_item returns the unconverted element: conversion of a huge value is what is to be
        # avoided.
        raw = dataset.get_item(tag)
        used = tag.group in READ_GROUPS or tag in READ_TAGS
        if used and isinstance(raw, RawDataElement) and len(raw.value or b"") > MAX_VALUE_BYTES:
            raise _huge_value()


def _huge_value() -> UnreadableImage:
    return UnreadableImage(
        "too_large",
        "This file's header has an entry of more than 1 MB, which no image needs. Export it again "
        "from the scanner or the archive.",
    )


def uppercase_value(dataset: Dataset, keyword: str) -> str:
    """Return a header value in capitals, or "" if it is missing or damaged."""
    try:
        return str(dataset.get(keyword) or "").strip().upper()
    except Exception:  # converting a damaged element fails
        return ""


def _not_dicom_text(data: bytes) -> str:
    for start, kind in OTHER_KINDS:
        if data.startswith(start):
            return (
                f"This file is {kind}, not a DICOM image. Export the image itself from the scanner "
                "or the archive as DICOM."
            )
    return (
        "This file is not a DICOM image. Export the image from the scanner or the archive as DICOM."
    )


def damaged() -> UnreadableImage:
    """Return the error for a DICOM file whose header cannot be read."""
    return UnreadableImage(
        "damaged",
        "This file begins like a DICOM file, but its header cannot be read. Export it again from "
        "the scanner or the archive.",
    )


def _truncated() -> UnreadableImage:
    return UnreadableImage(
        "truncated",
        "This file is incomplete: it ends before its image does. Copy or export it again.",
    )


def _ends_early(dataset: FileDataset) -> bool:
    """Return whether the last element has fewer bytes than it declares."""
    tags = list(dataset.keys())
    if not tags:
        return False
    # pydicom returns a short value without an error, so the declared length is compared with it.
    last = dataset.get_item(tags[-1])
    if not isinstance(last, RawDataElement) or last.length == UNDEFINED_LENGTH:
        return False
    return len(last.value or b"") < last.length
