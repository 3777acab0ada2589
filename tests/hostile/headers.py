"""Build files with malicious headers."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from functools import cache

from tests.dicom_files import lateral_file
from tests.hostile.elements import (
    BIG_ENDIAN,
    DEFLATED,
    EMPTY_ITEM,
    HEADER,
    ITEM,
    ITEM_END,
    PIXELS,
    PREAMBLE,
    SEQUENCE_END,
    SOUND,
    UNDEFINED,
    as_implicit,
    deflate,
    element,
    file_of,
    implicit,
    meta,
    replaced,
    undefined_sequence,
    with_elements,
)

MIB = 2**20
NESTED = 0x00400275  # RequestAttributesSequence
VIEW_CODES = 0x00540220
REGION_CODES = 0x00082218
PRIVATE = 0x00091001


@cache
def bomb() -> bytes:
    """Return a deflated dataset of 400 MB."""
    return deflate(element(PRIVATE, b"OB", b"", 400 * MIB) + bytes(400 * MIB))


def bomb_file(prefix: bytes, *, syntax: bytes | None = None) -> bytes:
    return PREAMBLE + (meta(DEFLATED) if syntax is None else syntax) + prefix + bomb()


def bomb_file_with_vr(vr: bytes) -> bytes:
    """Return a file with an element of a long VR before its transfer syntax."""
    return PREAMBLE + element(0x00020001, vr, b"\0\1") + meta(DEFLATED) + bomb()


def deep(levels: int, start: bytes = b"") -> bytes:
    return (element(NESTED, b"SQ", b"", UNDEFINED) + ITEM + b"\xff" * 4) * levels


def many_items(size: int) -> bytes:
    return EMPTY_ITEM * (size // 8)


def filled_items(size: int) -> bytes:
    item = ITEM + b"\xff" * 4 + element(0x00080100, b"SH", b"AA") + ITEM_END
    return item * (size // len(item))


def tree(levels: int, width: int) -> bytes:
    inner = element(0x00080100, b"SH", b"AA")
    for _ in range(levels):
        inner = undefined_sequence(NESTED, (ITEM + b"\xff" * 4 + inner + ITEM_END) * width)
    return inner


def private_elements(count: int) -> bytes:
    return b"".join(
        struct.pack("<HH2sH", 0x0009 + 2 * (n // 0x8000), 0x1000 + n % 0x8000, b"LO", 0)
        for n in range(count)
    )


HEADERS: Mapping[str, Callable[[], bytes]] = {
    "deflated": lambda: bomb_file(b""),
    "deflated, no preamble": lambda: meta(DEFLATED) + bomb(),
    "deflated, UC in the meta information": lambda: bomb_file_with_vr(b"UC"),
    "deflated, UR in the meta information": lambda: bomb_file_with_vr(b"UR"),
    "deflated, OF in the meta information": lambda: bomb_file_with_vr(b"OF"),
    "deflated, implicit meta information": lambda: bomb_file(
        b"", syntax=implicit(0x00020010, DEFLATED.encode())
    ),
    "deflated, UID padded with a blank": lambda: bomb_file(
        b"", syntax=meta(DEFLATED, padding=b" ")
    ),
    "deflated, UID padded with NULs": lambda: bomb_file(
        b"", syntax=meta(DEFLATED, padding=b"\0\0\0\0")
    ),
    "deflated, syntax named twice": lambda: (
        PREAMBLE + meta("1.2.840.10008.1.2.1") + meta(DEFLATED) + bomb()
    ),
    "deflated, wrong group length": lambda: (
        PREAMBLE + element(0x00020000, b"UL", struct.pack("<I", 7)) + meta(DEFLATED) + bomb()
    ),
    "deflated, truncated": lambda: bomb_file(b"")[:200_000],
    "deflated invalid data": lambda: PREAMBLE + meta(DEFLATED) + b"\xa5" * 5000,
    "deflated nested items": lambda: (
        PREAMBLE
        + meta(DEFLATED)
        + deflate(HEADER + undefined_sequence(NESTED, filled_items(16 * MIB)) + PIXELS)
    ),
    "deflated twice": lambda: PREAMBLE + meta(DEFLATED) + deflate(deflate(HEADER + PIXELS)),
    "20,000 levels": lambda: with_elements(deep(20_000)),
    "500 levels, truncated": lambda: with_elements(deep(500))[: 128 + 500 * 20],
    "2 million empty items": lambda: with_elements(
        undefined_sequence(NESTED, many_items(16 * MIB))
    ),
    "16 MB of filled items": lambda: with_elements(
        undefined_sequence(NESTED, filled_items(16 * MIB))
    ),
    "16 MB of items in a private sequence": lambda: with_elements(
        undefined_sequence(PRIVATE, filled_items(16 * MIB))
    ),
    "16 MB of items in an unknown element": lambda: with_elements(
        element(0x00420099, b"UN", filled_items(16 * MIB), UNDEFINED) + SEQUENCE_END
    ),
    "tree of sequences": lambda: with_elements(tree(4, 24)),
    "view codes of defined length": lambda: with_elements(
        element(VIEW_CODES, b"SQ", many_items(16 * MIB))
    ),
    "region codes of defined length": lambda: with_elements(
        element(REGION_CODES, b"SQ", many_items(16 * MIB))
    ),
    "private sequence of defined length": lambda: with_elements(
        element(PRIVATE, b"SQ", many_items(16 * MIB))
    ),
    "item longer than its sequence": lambda: with_elements(
        element(REGION_CODES, b"SQ", ITEM + struct.pack("<I", 0x7FFFFFFF))
    ),
    "100,000 delimiters": lambda: with_elements(SEQUENCE_END * 100_000),
    "implicit nested items": lambda: as_implicit(
        implicit(NESTED, many_items(16 * MIB), UNDEFINED) + SEQUENCE_END
    ),
    "6,000 elements": lambda: with_elements(private_elements(6_000)),
    "a million elements": lambda: with_elements(private_elements(1_000_000)),
    "one element a million times": lambda: with_elements(
        element(0x00091001, b"LO", b"AA") * 1_000_000
    ),
    "name of 50 MB": lambda: as_implicit(implicit(0x00100010, b"A" * (50 * MIB))),
    "window centres of 16 MB": lambda: as_implicit(implicit(0x00281050, b"1\\" * (8 * MIB))),
    "character sets of 16 MB": lambda: as_implicit(implicit(0x00080005, b"ISO 2022 IR 6\\" * MIB)),
    "software versions of 16 MB": lambda: with_elements(
        element(0x00181020, b"UC", b"1\\" * (8 * MIB))
    ),
    "rows as a text of 16 MB": lambda: replaced(
        0x00280010, element(0x00280010, b"UT", b"1\\" * (8 * MIB))
    ),
    "4,000 character sets": lambda: with_elements(
        element(0x00080005, b"CS", b"ISO 2022 IR 87\\" * 4000)
    ),
    "unknown character set with escapes": lambda: lateral_file(
        SpecificCharacterSet="ISO 2022 IR 999", PatientComments="\x1b$B\x1b(J" * 5000
    ),
    "name of 60,000 components": lambda: replaced(
        0x00100010, element(0x00100010, b"PN", b"^=" * 30_000)
    ),
    "number of 60,000 digits": lambda: with_elements(
        element(0x00281052, b"DS", b"9" * 60_000) + element(0x00281053, b"DS", b"1e999999")
    ),
    "rows of 60,000 bytes": lambda: replaced(
        0x00280010, element(0x00280010, b"US", b"\1\0" * 30_000)
    ),
    "rows as a sequence": lambda: replaced(0x00280010, undefined_sequence(0x00280010, EMPTY_ITEM)),
    "rows as a name": lambda: replaced(0x00280010, element(0x00280010, b"PN", b"78")),
    "pixels as a sequence": lambda: file_of(
        HEADER + undefined_sequence(0x7FE00010, many_items(MIB))
    ),
    "unknown value representations": lambda: with_elements(
        element(0x00091001, b"ZZ", b"AA") * 100 + element(0x00091002, b"\0\0", b"AA")
    ),
    "implicit elements in between": lambda: with_elements(implicit(0x00091001, b"A" * 70_000)),
    "little endian declared big endian": lambda: file_of(HEADER + PIXELS, BIG_ENDIAN),
    "length of nearly 4 GB": lambda: with_elements(element(PRIVATE, b"OB", b"", UNDEFINED - 1)),
    "truncated in the header": lambda: SOUND[:400],
    "nothing after the preamble": lambda: PREAMBLE,
    "PDF in the preamble": lambda: b"%PDF-1.7".ljust(128, b"\0") + SOUND[128:],
    "zip in the preamble": lambda: b"PK\x03\x04".ljust(128, b"\0") + SOUND[128:],
}
