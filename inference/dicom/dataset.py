"""DICOM bytes to a dataset, without trusting a word of them.

Nothing that a file claims about its own size is believed before it was compared with the bytes
that are there, and no message repeats a value of the header: it may be somebody's name.
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

from inference.dicom.bounded import WARNINGS, BeyondBounds, CountedBytes, bound_pydicom

MAX_ELEMENTS = 5_000
MAX_VALUE_BYTES = 2**20
READ_GROUPS = {0x0002, 0x0008, 0x0010, 0x0018, 0x0020, 0x0028, 0x0054, 0x2050}
READ_TAGS = {0x00400254, 0x00400303}
"""The step's description and the exposed area; the rest of group 0040 is never looked at."""
CHARACTER_SET = 0x00080005
LAST_NEEDED_GROUP = 0x7FE0
UNDEFINED_LENGTH = 0xFFFFFFFF
SEQUENCE_DELIMITER = b"\xfe\xff\xdd\xe0\0\0\0\0"

# pydicom's complaints quote the values that they complain about.
bound_pydicom()
pydicom.config.settings.reading_validation_mode = pydicom.config.IGNORE
logging.getLogger("pydicom").setLevel(logging.CRITICAL)

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
    """A file that cannot be turned into an image: a code, and what is wrong and what to do."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


def looks_like_dicom(data: bytes) -> bool:
    """Whether the bytes begin as a DICOM file does, with or without the preamble of PS3.10."""
    if data[128:132] == b"DICM":
        return True
    if len(data) < 16:
        return False
    group, element = struct.unpack("<HH", data[:4])
    if group not in (0x0002, 0x0008) or element > 0x0100:
        return False
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
        ``not_dicom``, ``empty``, ``truncated``, ``damaged`` or ``too_large`` (a dataset beyond the
        bounds of `inference.dicom.bounded`, `MAX_ELEMENTS` or `MAX_VALUE_BYTES`).
    MemoryError
        Where the file takes more than this process may use.
    """
    if not data:
        raise UnreadableImage("empty", "This file is empty. Export or copy it again.")
    if not looks_like_dicom(data):
        raise UnreadableImage("not_dicom", _not_dicom_text(data))
    try:
        dataset, cut = _parse(data)
        if cut and "PixelData" not in dataset:
            # The delimiter behind compressed pixels may be missing; whether the image is whole
            # shows in its code stream.
            dataset, cut = _parse(data + SEQUENCE_DELIMITER)
            cut = cut or not _is_compressed(dataset)
        _check_values(dataset)
    except (UnreadableImage, MemoryError):
        raise
    except BeyondBounds as error:
        raise UnreadableImage("too_large", str(error)) from error
    except EOFError as error:
        raise _truncated() from error
    except Exception as error:  # pydicom raises nearly anything on nonsense
        raise damaged() from error
    if cut or _ends_early(dataset):
        raise _truncated()
    return dataset


def _parse(data: bytes) -> tuple[FileDataset, bool]:
    """The dataset up to its pixels, and whether the file ended before it did."""
    WARNINGS.cut_short = False
    dataset = read_partial(CountedBytes(data), stop_when=_needless(), force=True)
    return dataset, WARNINGS.cut_short


def _is_compressed(dataset: FileDataset) -> bool:
    """Whether the last element holds fragments of compressed pixels."""
    return "PixelData" in dataset and bool(dataset["PixelData"].is_undefined_length)


def _needless() -> Callable[[BaseTag, str | None, int], bool]:
    """Ends the reading behind the pixels; raises when a file has more elements than any image."""
    seen = 0

    def stop(tag: BaseTag, vr: str | None, length: int) -> bool:
        nonlocal seen
        seen += 1
        if seen > MAX_ELEMENTS:
            raise UnreadableImage(
                "too_large",
                f"This file's header has more than {MAX_ELEMENTS} entries, which no image needs. "
                "Export it again from the scanner or the archive.",
            )
        if tag == CHARACTER_SET and MAX_VALUE_BYTES < length < UNDEFINED_LENGTH:
            raise _huge_value()  # it is converted as it is read
        return tag.group > LAST_NEEDED_GROUP

    return stop


def _check_values(dataset: Dataset) -> None:
    """Refuse a header with a huge value where values are looked at, before it is converted."""
    for tag in list(dataset.keys()):
        raw = dataset.get_item(tag)
        read = tag.group in READ_GROUPS or tag in READ_TAGS
        if read and isinstance(raw, RawDataElement) and len(raw.value or b"") > MAX_VALUE_BYTES:
            raise _huge_value()


def _huge_value() -> UnreadableImage:
    return UnreadableImage(
        "too_large",
        "This file's header has an entry of more than 1 MB, which no image needs. Export it again "
        "from the scanner or the archive.",
    )


def word(dataset: Dataset, keyword: str) -> str:
    """A header value in capitals, or "" when it is missing or damaged."""
    try:
        return str(dataset.get(keyword) or "").strip().upper()
    except Exception:  # a damaged element fails in its conversion
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
    """The refusal of a DICOM file whose header cannot be read."""
    return UnreadableImage(
        "damaged",
        "This file begins as DICOM does, but its header cannot be read. Export it again from the "
        "scanner or the archive.",
    )


def _truncated() -> UnreadableImage:
    return UnreadableImage(
        "truncated",
        "This file ends before its image does: it was cut off on the way. Copy or export it again.",
    )


def _ends_early(dataset: FileDataset) -> bool:
    """Whether the last element has fewer bytes than it announced."""
    tags = list(dataset.keys())
    if not tags:
        return False
    last = dataset.get_item(tags[-1])
    if not isinstance(last, RawDataElement) or last.length == UNDEFINED_LENGTH:
        return False
    return len(last.value or b"") < last.length
