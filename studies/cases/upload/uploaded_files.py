"""Ingest of an uploaded file, or of each file of an uploaded zip archive."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO
from unicodedata import category

from django.conf import settings

from studies.audit.record import record
from studies.cases.models import Upload
from studies.cases.upload.archive import MAX_MEMBER_BYTES, Tally, UnusableArchive, is_archive, walk
from studies.cases.upload.clean_files import SandboxedArchive
from studies.cases.upload.ingest import ingest_clean_file, ingest_file, reject_file
from studies.cases.upload.system_files import is_system_file
from studies.protocol.models import Site, Study
from studies.readers.models import User

MAX_NAME = 255
# Unicode categories of control, format, surrogate and separator characters.
UNPRINTABLE = {"Cc", "Cf", "Cs", "Zl", "Zp"}
# Needed to spell names in several scripts.
JOINERS = "\u200c\u200d"
REPLACEMENT = "\ufffd"


def ingest_upload(
    *, study: Study, site: Site, file: IO[bytes], size: int, name: str, uploader: User
) -> Iterator[Upload]:
    """Add a file, or the members of a zip archive one by one; a bad one never stops the others.

    Yields one upload per file. Files that an operating system added are skipped and counted in
    the audit trail.
    """
    tally = Tally()
    yield from _ingest(study, site, file, size, name, uploader, tally)
    if tally.skipped:
        record("files.passed_over", actor=uploader, study=study, count=tally.skipped)


def _ingest(
    study: Study,
    site: Site,
    file: IO[bytes],
    size: int,
    name: str,
    uploader: User,
    tally: Tally,
) -> Iterator[Upload]:
    if is_system_file(name, _start(file)):
        tally.skipped += 1
        return
    # The end of a path tells more than its beginning: it holds the file's own name.
    name = _printable(name)[-MAX_NAME:]
    archive = is_archive(file)
    limit = (
        settings.MAX_UPLOAD_BYTES if archive else min(MAX_MEMBER_BYTES, settings.MAX_UPLOAD_BYTES)
    )
    if size > limit:
        text = f"This file is larger than {limit // 2**20} MB, the largest size that can be added."
        yield reject_file(_upload(study, uploader, name), "too_large", text)
    elif archive:
        yield from _ingest_archive(study, site, file, name, uploader, tally)
    else:
        yield ingest_file(study=study, site=site, data=file, name=name, uploader=uploader)


def _start(file: IO[bytes]) -> bytes:
    file.seek(0)
    start = file.read(4)
    file.seek(0)
    return start


def _ingest_archive(
    study: Study, site: Site, file: IO[bytes], name: str, uploader: User, tally: Tally
) -> Iterator[Upload]:
    try:
        for member in walk(lambda: SandboxedArchive(study, file), tally):
            inner = f"{name}/{_printable(member.name)}"[-MAX_NAME:]
            if member.clean is not None:
                yield ingest_clean_file(
                    study=study, site=site, clean=member.clean, name=inner, uploader=uploader
                )
            elif member.rejection is not None:
                upload, error = _upload(study, uploader, inner), member.rejection
                yield reject_file(upload, error.code, error.text, error.detail)
    except UnusableArchive as error:
        yield reject_file(_upload(study, uploader, name), error.code, error.text)


def _printable(name: str) -> str:
    """Return a name without characters that reorder or break lines, or cannot be stored."""
    return "".join(
        REPLACEMENT if category(c) in UNPRINTABLE and c not in JOINERS else c for c in name
    )


def _upload(study: Study, uploader: User, name: str) -> Upload:
    return Upload(study=study, uploader=uploader, name=name)
