"""Build malicious zip archives."""

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
    """Return a zip archive of named files."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, data in files:
            archive.writestr(name, data)
    return out.getvalue()


def with_contents(entries: int, *, same_file: bool = False, name: bytes = b"") -> bytes:
    """Return a zip whose central directory has many entries."""
    local = zipped(("a.dcm", SOUND))
    start = local.index(b"PK\1\2")
    entry = local[start : local.index(b"PK\5\6")]
    if not same_file:
        entry = entry[:28] + struct.pack("<H", len(name)) + entry[30:46] + name
    contents = entry * entries
    end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, len(contents), start, 0)
    return local[:start] + contents + end


def false_directory_size() -> bytes:
    """Return a zip that declares a central directory of 4 GB."""
    data = zipped(("a.dcm", SOUND))
    end = data.index(b"PK\5\6")
    return data[: end + 12] + struct.pack("<II", 0xFFFFFFFE, 0) + data[end + 20 :]


ARCHIVES: Mapping[str, Callable[[], bytes]] = {
    "zip bomb": lambda: zipped(("a.dcm", bytes(300 * MIB))),
    "zip of 100,000 entries": lambda: with_contents(100_000, name=b"a"),
    "zip of 4,000 names of 10 kB": lambda: with_contents(4_000, name=b"a" * 10_000),
    "zip of a file listed 30 times": lambda: with_contents(30, same_file=True),
    "zip with a table of 4 GB": false_directory_size,
    "zip in a zip": lambda: zipped(("a.dcm", zipped(("a.dcm", SOUND)))),
    "zip of hostile files": lambda: zipped(
        ("1.dcm", HEADERS["deflated"]()),
        ("2.dcm", HEADERS["16 MB of filled items"]()),
        ("3.dcm", PIXEL_FILES["64 megapixels declared, JPEG-LS"]()),
        ("4.dcm", SOUND),
    ),
}
