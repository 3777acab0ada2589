"""DICOM bytes to a dataset, without trusting a word of them.

Nothing that a file claims about its own size is believed before it was compared with the bytes
that are there, and no message repeats a value of the header: it may be somebody's name.
"""

from __future__ import annotations

import logging
import struct
import warnings
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO

import pydicom.config
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset, FileDataset
from pydicom.filereader import read_partial
from pydicom.tag import BaseTag
from pydicom.uid import DeflatedExplicitVRLittleEndian

MAX_INFLATED_BYTES = 160 * 1024 * 1024
MAX_ELEMENTS = 5_000
LAST_NEEDED_GROUP = 0x7FE0
UNDEFINED_LENGTH = 0xFFFFFFFF
SEQUENCE_DELIMITER = b"\xfe\xff\xdd\xe0\0\0\0\0"

# pydicom's complaints quote the values that they complain about.
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
        ``not_dicom``, ``empty``, ``truncated``, ``damaged`` or ``too_large`` (an inflated dataset
        beyond `MAX_INFLATED_BYTES`, a header beyond `MAX_ELEMENTS`).
    """
    if not data:
        raise UnreadableImage("empty", "This file is empty. Export or copy it again.")
    if not looks_like_dicom(data):
        raise UnreadableImage("not_dicom", _not_dicom_text(data))
    try:
        with quiet_pydicom():
            _check_inflated_size(data)
            dataset, cut = _parse(data)
            if cut and "PixelData" not in dataset:
                # The delimiter behind compressed pixels may be missing; whether the image is whole
                # shows in its code stream.
                dataset, cut = _parse(data + SEQUENCE_DELIMITER)
                cut = cut or not _is_compressed(dataset)
    except UnreadableImage:
        raise
    except EOFError as error:
        raise _truncated() from error
    except Exception as error:  # pydicom raises nearly anything on nonsense
        raise UnreadableImage(
            "damaged",
            "This file begins as DICOM does, but its header cannot be read. Export it again from "
            "the scanner or the archive.",
        ) from error
    if cut or _ends_early(dataset):
        raise _truncated()
    return dataset


def _parse(data: bytes) -> tuple[FileDataset, bool]:
    """The dataset up to its pixels, and whether the file ended before it did."""
    with quiet_pydicom() as caught:
        dataset = read_partial(BytesIO(data), stop_when=_needless(), force=True)
        return dataset, any("nd of file" in str(warning.message) for warning in caught)


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
        return tag.group > LAST_NEEDED_GROUP

    return stop


@contextmanager
def quiet_pydicom() -> Iterator[list[warnings.WarningMessage]]:
    """Collect pydicom's warnings, so that no header value reaches a log."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield caught


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


def _check_inflated_size(data: bytes) -> None:
    """Refuse a deflated dataset that would grow beyond the limit, before pydicom inflates it."""
    if data[128:132] != b"DICM":
        return
    with BytesIO(data) as file:
        file.seek(132)
        syntax, start = _transfer_syntax(file)
    if syntax != DeflatedExplicitVRLittleEndian:
        return
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    inflater.decompress(data[start:], MAX_INFLATED_BYTES)
    if inflater.unconsumed_tail:
        raise UnreadableImage(
            "too_large",
            "This file unpacks to more than 160 MB, which no DXA image needs. Export it "
            "uncompressed (Explicit VR Little Endian).",
        )


def _transfer_syntax(file: BytesIO) -> tuple[str, int]:
    """The transfer syntax in the file meta information, and where the dataset starts."""
    syntax = ""
    while True:
        start = file.tell()
        header = file.read(8)
        if len(header) < 8:
            return syntax, start
        group, element, vr, length = struct.unpack("<HH2sH", header)
        if group != 0x0002:
            return syntax, start
        if vr in (b"OB", b"UN", b"OW", b"SQ", b"UT"):
            length = struct.unpack("<I", file.read(4).ljust(4, b"\0"))[0]
        value = file.read(length)
        if element == 0x0010:
            syntax = value.rstrip(b"\0 ").decode("ascii", "replace")
