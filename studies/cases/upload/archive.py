"""PURE. The files in an uploaded zip, one by one, without writing any of them to disk.

A zip is somebody else's claim about sizes and names: members are read in pieces up to a limit of
their own and of the whole, whatever their headers say.
"""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import IO, Protocol, TypeVar

MAX_MEMBERS = 5_000
MAX_MEMBER_BYTES = 256 * 1024 * 1024
MAX_TOTAL_BYTES = 4 * 1024 * 1024 * 1024
MAX_RATIO = 200
RATIO_FREE_BYTES = 8 * 1024 * 1024
PIECE = 1024 * 1024
MOST_OF_DEFLATE = 1032
"""Bytes that one byte can unpack to; bounds what a read that failed has unpacked."""
METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
"""The others are unpacked by Python without any limit on a piece."""
ZIP_STARTS = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
DIRECTORY_NAME = "DICOMDIR"
SYSTEM_FILES = {".ds_store", ".localized", "icon\r", "thumbs.db", "ehthumbs.db", "desktop.ini"}
SYSTEM_FOLDERS = {"__macosx", ".trashes", ".fseventsd", ".spotlight-v100", "@eadir", "$recycle.bin"}
APPLE_DOUBLE = (b"\x00\x05\x16\x07", b"\x00\x05\x16\x00")
READ_ERRORS = (zipfile.BadZipFile, zlib.error, EOFError, OSError, struct.error, ValueError)
OPEN_ERRORS = (*READ_ERRORS, NotImplementedError, RuntimeError)


class UnusableArchive(Exception):
    """A zip that cannot be read on: a code, and a sentence for the uploader."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why one member was not read; the others are."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Member:
    """One file of a zip: its name there and its bytes, or why they were not read.

    ``inflated`` counts the bytes that were unpacked, of a refused member too. ``passed_over``
    marks a file that an operating system left there.
    """

    name: str
    data: bytes
    refused: Refusal | None = None
    inflated: int = 0
    passed_over: bool = False


class CountedMember(Protocol):
    """What `walk` needs of a member."""

    @property
    def inflated(self) -> int: ...

    @property
    def passed_over(self) -> bool: ...


AnyMember = TypeVar("AnyMember", bound=CountedMember)
ReadMember = TypeVar("ReadMember", bound=CountedMember, covariant=True)


class Archive(Protocol[ReadMember]):
    """An archive whose members are read one by one."""

    count: int
    passed_over: int

    def read(self, number: int, left: int) -> ReadMember: ...


@dataclass(slots=True)
class Tally:
    """How many files of an archive were passed over because an operating system left them there."""

    passed_over: int = 0


def is_system_file(name: str, data: bytes = b"") -> bool:
    """Whether a file is what macOS or Windows leaves beside a user's files.

    Parameters
    ----------
    name
        Its name, with or without folders. Names that start with ``._`` are macOS's AppleDouble
        files.
    data
        Its content, as far as known.
    """
    parts = [part.casefold() for part in PurePosixPath(name.replace("\\", "/")).parts]
    if not parts:
        return False
    named = parts[-1] in SYSTEM_FILES or parts[-1].startswith("._")
    return named or not SYSTEM_FOLDERS.isdisjoint(parts) or data.startswith(APPLE_DOUBLE)


def is_archive(file: IO[bytes]) -> bool:
    """Whether a file begins as a zip does; its position is put back."""
    at = file.tell()
    start = file.read(4)
    file.seek(at)
    return start in ZIP_STARTS


def members(file: IO[bytes], tally: Tally | None = None) -> Iterator[Member]:
    """Yield the files of a zip in their order, without folders and operating systems' files.

    Parameters
    ----------
    file
        The zip.
    tally
        Counts the operating systems' files. A DICOMDIR is left out too, beside other files.

    Raises
    ------
    UnusableArchive
        ``damaged_archive``, ``empty_archive``, ``too_many_files`` before the first member, or
        ``zip_bomb`` when the unpacked bytes pass a limit; what was given out before stays good.
    """
    return walk(lambda: OpenArchive(file), Tally() if tally is None else tally)


def walk(open_archive: Callable[[], Archive[AnyMember]], tally: Tally) -> Iterator[AnyMember]:
    """Yield the members of an archive one by one; raises as `members` does."""
    archive, total = open_archive(), 0
    tally.passed_over += archive.passed_over
    for number in range(archive.count):
        member = archive.read(number, MAX_TOTAL_BYTES - total)
        total += member.inflated
        if total > MAX_TOTAL_BYTES:
            raise _bomb()
        if member.passed_over:
            tally.passed_over += 1
        else:
            yield member


class OpenArchive:
    """A zip whose table of contents was read.

    Attributes
    ----------
    count
        How many members can be read.
    passed_over
        How many files of operating systems were left out by their names.

    Raises
    ------
    UnusableArchive
        ``damaged_archive``, ``empty_archive`` or ``too_many_files``.
    """

    def __init__(self, file: IO[bytes]) -> None:
        file.seek(0)
        tally = Tally()
        try:
            self._zip = zipfile.ZipFile(file)
            self._infos = _wanted(self._zip, tally)
        except OPEN_ERRORS as error:
            raise damaged_archive() from error
        _check_count(self._infos)
        self.count, self.passed_over = len(self._infos), tally.passed_over

    def name(self, number: int) -> str:
        """The name of a member."""
        return self._infos[number].filename

    def read(self, number: int, left: int) -> Member:
        """Unpack a member, of at most `left` bytes; raises UnusableArchive."""
        try:
            member = _read(self._zip, self._infos[number], left)
        except OPEN_ERRORS as error:
            raise damaged_archive() from error
        return replace(member, passed_over=is_system_file(member.name, member.data))


def damaged_archive() -> UnusableArchive:
    """The refusal of an archive that cannot be read."""
    return UnusableArchive(
        "damaged_archive", "This zip archive is cut off or damaged. Pack or copy it again."
    )


def _check_count(infos: list[zipfile.ZipInfo]) -> None:
    if not infos:
        raise UnusableArchive("empty_archive", "This zip archive holds no files.")
    if len(infos) > MAX_MEMBERS:
        raise UnusableArchive(
            "too_many_files",
            f"This zip archive holds {len(infos)} files, more than the {MAX_MEMBERS} that are "
            "taken at once. Split it.",
        )


def _wanted(archive: zipfile.ZipFile, tally: Tally) -> list[zipfile.ZipInfo]:
    # A damaged archive can hold a member without a name, which ZipInfo.is_dir cannot bear.
    files = [info for info in archive.infolist() if not info.filename.endswith("/")]
    wanted = [info for info in files if not is_system_file(info.filename)]
    tally.passed_over += len(files) - len(wanted)
    images = [info for info in wanted if info.filename.rpartition("/")[2] != DIRECTORY_NAME]
    return images or wanted


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo, left: int) -> Member:
    refusal = _refusal(info)
    if refusal is not None:
        return Member(info.filename, b"", refusal)
    pieces, size = [], 0
    allowed = max(RATIO_FREE_BYTES, info.compress_size * MAX_RATIO)
    try:
        with archive.open(info) as stream:
            while piece := stream.read(PIECE):
                pieces.append(piece)
                size += len(piece)
                if size > min(allowed, left):
                    raise _bomb()
                if size > MAX_MEMBER_BYTES:
                    return Member(info.filename, b"", _too_large(), size)
    except OPEN_ERRORS:
        return Member(
            info.filename,
            b"",
            Refusal(
                "damaged_member",
                "This file is damaged inside the zip archive, or packed in a way that is not known "
                "here. Pack it again.",
            ),
            size + min(PIECE, info.compress_size * MOST_OF_DEFLATE),
        )
    data = b"".join(pieces)
    if data.startswith(ZIP_STARTS):
        return Member(info.filename, b"", _nested(), size)
    return Member(info.filename, data, None, size)


def _refusal(info: zipfile.ZipInfo) -> Refusal | None:
    """What the member's entry alone excludes."""
    path = PurePosixPath(info.filename.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or info.filename[1:2] == ":":
        return Refusal(
            "path_climbs",
            "This file's path in the zip archive leads out of the archive, as it does in archives "
            "that are made to do harm. It was not read.",
        )
    if stat.S_ISLNK(info.external_attr >> 16):
        return Refusal("link", "This entry of the zip archive is a link, not a file.")
    if info.flag_bits & 0x1:
        return Refusal(
            "encrypted",
            "This file is protected by a password in the zip archive. Unpack it and send it "
            "without one.",
        )
    if info.compress_type not in METHODS:
        return Refusal(
            "packed_otherwise",
            "This file is packed in a way that is not accepted here. Pack it again with the usual "
            "method (deflate).",
        )
    if path.suffix.casefold() == ".zip":
        return _nested()
    return _too_large() if info.file_size > MAX_MEMBER_BYTES else None


def _bomb() -> UnusableArchive:
    return UnusableArchive(
        "zip_bomb",
        "This zip archive unpacks to far more than it holds, as archives do that are made to do "
        "harm. The rest of it was not read.",
    )


def _nested() -> Refusal:
    return Refusal(
        "nested_archive",
        "This is a zip archive inside a zip archive. Unpack the inner one and send it on its own.",
    )


def _too_large() -> Refusal:
    limit = MAX_MEMBER_BYTES // 1024**2
    return Refusal("too_large", f"This file unpacks to more than {limit} MB. It was not read.")
