"""Zip archives that were made to do harm."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Callable, Mapping
from io import BytesIO

from tests.hostile.elements import SOUND
from tests.hostile.headers import HEADERS
from tests.hostile.pixels import PIXEL_FILES

MIB = 2**20


def zipped(*files: tuple[str, bytes]) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, data in files:
            archive.writestr(name, data)
    return out.getvalue()


def with_contents(entries: int, *, same_file: bool = False, name: bytes = b"") -> bytes:
    """A zip whose table of contents has many entries."""
    local = zipped(("a.dcm", SOUND))
    at = local.index(b"PK\1\2")
    entry = local[at : local.index(b"PK\5\6")]
    if not same_file:
        entry = entry[:28] + struct.pack("<H", len(name)) + entry[30:46] + name
    contents = entry * entries
    end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, len(contents), at, 0)
    return local[:at] + contents + end


def lying_end() -> bytes:
    """A zip that claims a table of contents of 4 GB."""
    data = zipped(("a.dcm", SOUND))
    end = data.index(b"PK\5\6")
    return data[: end + 12] + struct.pack("<II", 0xFFFFFFFE, 0) + data[end + 20 :]


ARCHIVES: Mapping[str, Callable[[], bytes]] = {
    "zip bomb": lambda: zipped(("a.dcm", bytes(300 * MIB))),
    "zip of 100,000 entries": lambda: with_contents(100_000, name=b"a"),
    "zip of 4,000 names of 10 kB": lambda: with_contents(4_000, name=b"a" * 10_000),
    "zip of a file listed 30 times": lambda: with_contents(30, same_file=True),
    "zip with a table of 4 GB": lying_end,
    "zip in a zip": lambda: zipped(("a.dcm", zipped(("a.dcm", SOUND)))),
    "zip of hostile files": lambda: zipped(
        ("1.dcm", HEADERS["deflated"]()),
        ("2.dcm", HEADERS["16 MB of filled items"]()),
        ("3.dcm", PIXEL_FILES["64 megapixels claimed, JPEG-LS"]()),
        ("4.dcm", SOUND),
    ),
}
