"""PURE. Reading of uploaded zip archives, one member at a time, without writing to disk.

Sizes and names in a zip archive cannot be trusted: members are read in pieces up to limits per
member and per archive, whatever their headers state.
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

from studies.cases.upload.system_files import is_system_file

# Limits against archives that would exhaust memory, disk or time; the upload page has the same.
MAX_MEMBERS = 5_000
MAX_MEMBER_BYTES = 256 * 1024 * 1024
MAX_TOTAL_BYTES = 4 * 1024 * 1024 * 1024
# DICOM images compress by far less; small files are exempt.
MAX_RATIO = 200
RATIO_FREE_BYTES = 8 * 1024 * 1024
PIECE = 1024 * 1024
MAX_DEFLATE_RATIO = 1032
"""Bytes that one byte of deflate can expand to; bounds what a failed read has unpacked."""
METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
"""Python unpacks the other methods without a limit on the size of a piece."""
# A file's header, the end of an empty archive, and the marker of a split one (APPNOTE 4.3).
ZIP_STARTS = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
DIRECTORY_NAME = "DICOMDIR"
READ_ERRORS = (zipfile.BadZipFile, zlib.error, EOFError, OSError, struct.error, ValueError)
OPEN_ERRORS = (*READ_ERRORS, NotImplementedError, RuntimeError)


class UnusableArchive(Exception):
    """An archive that cannot be read any further: a code and a message for the uploader."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why one member was not read; the other members still are."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Member:
    """One file of an archive: its name there and its bytes, or why they were not read.

    ``inflated`` counts the bytes that were unpacked, including those of a rejected member.
    ``skipped`` marks a file that an operating system added.
    """

    name: str
    data: bytes
    rejection: Rejection | None = None
    inflated: int = 0
    skipped: bool = False


class CountedMember(Protocol):
    """The part of a member that `walk` needs."""

    @property
    def inflated(self) -> int: ...

    @property
    def skipped(self) -> bool: ...


AnyMember = TypeVar("AnyMember", bound=CountedMember)
ReadMember = TypeVar("ReadMember", bound=CountedMember, covariant=True)


class Archive(Protocol[ReadMember]):
    """An archive whose members are read one by one."""

    count: int
    skipped: int

    def read(self, number: int, left: int) -> ReadMember: ...


@dataclass(slots=True)
class Tally:
    """Number of files that were skipped because an operating system added them."""

    skipped: int = 0


def is_archive(file: IO[bytes]) -> bool:
    """Return whether a file begins like a zip archive; its position is restored."""
    position = file.tell()
    start = file.read(4)
    file.seek(position)
    return start in ZIP_STARTS


def members(file: IO[bytes], tally: Tally | None = None) -> Iterator[Member]:
    """Yield the files of a zip archive in order, without folders and operating systems' files.

    Parameters
    ----------
    file
        The archive.
    tally
        Counts the operating systems' files. A DICOMDIR beside other files is left out too.

    Raises
    ------
    UnusableArchive
        ``damaged_archive``, ``empty_archive``, ``too_many_files`` before the first member, or
        ``zip_bomb`` when the unpacked bytes exceed a limit; members yielded before stay valid.
    """
    return walk(lambda: OpenArchive(file), Tally() if tally is None else tally)


def walk(open_archive: Callable[[], Archive[AnyMember]], tally: Tally) -> Iterator[AnyMember]:
    """Yield the members of an archive one by one; raise as `members` does."""
    archive, total = open_archive(), 0
    tally.skipped += archive.skipped
    for number in range(archive.count):
        member = archive.read(number, MAX_TOTAL_BYTES - total)
        # Members that are rejected after unpacking count as well: they have cost the same time.
        total += member.inflated
        if total > MAX_TOTAL_BYTES:
            raise _bomb()
        if member.skipped:
            tally.skipped += 1
        else:
            yield member


class OpenArchive:
    """A zip archive whose table of contents was read.

    Attributes
    ----------
    count
        Number of members that can be read.
    skipped
        Number of operating systems' files that were left out by their names.

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
        self.count, self.skipped = len(self._infos), tally.skipped

    def name(self, number: int) -> str:
        """Return the name of a member."""
        return self._infos[number].filename

    def read(self, number: int, left: int) -> Member:
        """Unpack a member of at most ``left`` bytes; raise UnusableArchive when it is larger."""
        try:
            member = _read(self._zip, self._infos[number], left)
        except OPEN_ERRORS as error:
            raise damaged_archive() from error
        return replace(member, skipped=is_system_file(member.name, member.data))


def damaged_archive() -> UnusableArchive:
    """Return the error for an archive that cannot be read."""
    return UnusableArchive(
        "damaged_archive", "This zip archive is incomplete or damaged. Create or copy it again."
    )


def _check_count(infos: list[zipfile.ZipInfo]) -> None:
    if not infos:
        raise UnusableArchive("empty_archive", "This zip archive contains no files.")
    if len(infos) > MAX_MEMBERS:
        raise UnusableArchive(
            "too_many_files",
            f"This zip archive contains {len(infos)} files; at most {MAX_MEMBERS} can be uploaded "
            "at once. Split the archive.",
        )


def _wanted(archive: zipfile.ZipFile, tally: Tally) -> list[zipfile.ZipInfo]:
    # A damaged archive can hold a member without a name, which makes ZipInfo.is_dir fail.
    files = [info for info in archive.infolist() if not info.filename.endswith("/")]
    wanted = [info for info in files if not is_system_file(info.filename)]
    tally.skipped += len(files) - len(wanted)
    images = [info for info in wanted if info.filename.rpartition("/")[2] != DIRECTORY_NAME]
    # A DICOMDIR is named in its rejection only where the archive holds nothing else.
    return images or wanted


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo, left: int) -> Member:
    rejection = _rejection(info)
    if rejection is not None:
        return Member(info.filename, b"", rejection)
    pieces, size = [], 0
    allowed = max(RATIO_FREE_BYTES, info.compress_size * MAX_RATIO)
    try:
        # In pieces: the announced size of a member may be wrong on purpose.
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
            Rejection(
                "damaged_member",
                "This file is damaged inside the zip archive, or compressed by an unknown method. "
                "Create the archive again.",
            ),
            # The piece that failed may have been unpacked without having been counted.
            size + min(PIECE, info.compress_size * MAX_DEFLATE_RATIO),
        )
    data = b"".join(pieces)
    # By content as well as by name: a nested archive may have any extension.
    if data.startswith(ZIP_STARTS):
        return Member(info.filename, b"", _nested(), size)
    return Member(info.filename, data, None, size)


def _rejection(info: zipfile.ZipInfo) -> Rejection | None:
    """Return why a member cannot be read, as far as its entry in the table of contents tells."""
    path = PurePosixPath(info.filename.replace("\\", "/"))
    # Nothing is written under these names, but only a malicious archive contains them.
    if path.is_absolute() or ".." in path.parts or info.filename[1:2] == ":":
        return Rejection(
            "path_climbs",
            "The path of this file points outside the zip archive, as in malicious archives. It "
            "was not read.",
        )
    # The upper half holds the Unix mode, where the archive was created on Unix.
    if stat.S_ISLNK(info.external_attr >> 16):
        return Rejection("link", "This entry of the zip archive is a link, not a file.")
    # Bit 0 of the general purpose flags: encrypted (APPNOTE 4.4.4).
    if info.flag_bits & 0x1:
        return Rejection(
            "encrypted",
            "This file is protected by a password in the zip archive. Unpack it and upload it "
            "without a password.",
        )
    if info.compress_type not in METHODS:
        return Rejection(
            "packed_otherwise",
            "This file is compressed by a method that is not supported. Create the archive again "
            "with the usual method (deflate).",
        )
    if path.suffix.casefold() == ".zip":
        return _nested()
    return _too_large() if info.file_size > MAX_MEMBER_BYTES else None


def _bomb() -> UnusableArchive:
    return UnusableArchive(
        "zip_bomb",
        "This zip archive expands to far more than its size, as malicious archives do. The rest of "
        "it was not read.",
    )


def _nested() -> Rejection:
    return Rejection(
        "nested_archive",
        "This is a zip archive inside a zip archive. Unpack the inner one and upload its files.",
    )


def _too_large() -> Rejection:
    limit = MAX_MEMBER_BYTES // 1024**2
    return Rejection("too_large", f"This file expands to more than {limit} MB. It was not read.")
