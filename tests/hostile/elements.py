"""Build DICOM elements and files byte by byte, without the checks of a library."""

from __future__ import annotations

import struct
import zlib

from tests.dicom_files import gradient, lateral_file

LONG = (b"OB", b"OW", b"OF", b"SQ", b"UC", b"UN", b"UR", b"UT")
UNDEFINED = 0xFFFFFFFF
DEFLATED = "1.2.840.10008.1.2.1.99"
EXPLICIT = "1.2.840.10008.1.2.1"
IMPLICIT = "1.2.840.10008.1.2"
BIG_ENDIAN = "1.2.840.10008.1.2.2"
PREAMBLE = b"\0" * 128 + b"DICM"
ITEM, ITEM_END = b"\xfe\xff\x00\xe0", b"\xfe\xff\x0d\xe0\0\0\0\0"
SEQUENCE_END = b"\xfe\xff\xdd\xe0\0\0\0\0"
EMPTY_ITEM = ITEM + b"\0\0\0\0"


def element(tag: int, vr: bytes, value: bytes = b"", length: int | None = None) -> bytes:
    """Return an element with explicit VR and, if given, a false `length`."""
    length = len(value) if length is None else length
    start = struct.pack("<HH", tag >> 16, tag & 0xFFFF) + vr
    if vr in LONG:
        return start + struct.pack("<HI", 0, length) + value
    return start + struct.pack("<H", length & 0xFFFF) + value


def implicit(tag: int, value: bytes, length: int | None = None) -> bytes:
    """Return an element with implicit VR."""
    length = len(value) if length is None else length
    return struct.pack("<HHI", tag >> 16, tag & 0xFFFF, length) + value


def meta(syntax: str, *, padding: bytes = b"") -> bytes:
    """Return file meta information with only a transfer syntax."""
    uid = syntax.encode() + padding
    return element(0x00020010, b"UI", uid + b"\0" * (len(uid) % 2))


def header_and_pixels(data: bytes) -> tuple[bytes, bytes]:
    """Return the dataset of a file up to its pixels, and the pixel data element."""
    start = data.index(struct.pack("<HH", 0x0008, 0x0016))
    pixels = data.index(b"\xe0\x7f\x10\x00")
    return data[start:pixels], data[pixels:]


SOUND = lateral_file(gradient())
HEADER, PIXELS = header_and_pixels(SOUND)


def file_of(dataset: bytes, syntax: str = EXPLICIT) -> bytes:
    """Return a file with a dataset and its transfer syntax."""
    return PREAMBLE + meta(syntax) + dataset


def with_elements(extra: bytes) -> bytes:
    """Return a valid file with additional elements before its pixels."""
    return file_of(HEADER + extra + PIXELS)


def replaced(tag: int, new: bytes) -> bytes:
    """Return a valid file in which an element with a short value is replaced."""
    start = HEADER.index(struct.pack("<HH", tag >> 16, tag & 0xFFFF))
    size = struct.unpack("<H", HEADER[start + 6 : start + 8])[0]
    return file_of(HEADER[:start] + new + HEADER[start + 8 + size :] + PIXELS)


def as_implicit(extra: bytes) -> bytes:
    """Return a valid file with implicit VR and additional elements before its pixels."""
    out, offset = b"", 0
    while offset < len(HEADER):
        group, number, _, size = struct.unpack("<HH2sH", HEADER[offset : offset + 8])
        out += implicit(group << 16 | number, HEADER[offset + 8 : offset + 8 + size])
        offset += 8 + size
    return file_of(out + extra + implicit(0x7FE00010, PIXELS[12:]), IMPLICIT)


def deflate(dataset: bytes) -> bytes:
    packer = zlib.compressobj(1, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(dataset) + packer.flush()


def undefined_sequence(tag: int, items: bytes) -> bytes:
    return element(tag, b"SQ", items, UNDEFINED) + SEQUENCE_END
