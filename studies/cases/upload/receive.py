"""One uploaded file, or each file of an uploaded zip, to what became of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO
from unicodedata import category

from django.conf import settings

from studies.audit.record import record
from studies.cases.models import Upload
from studies.cases.upload.archive import (
    MAX_MEMBER_BYTES,
    Tally,
    UnusableArchive,
    is_archive,
    is_system_file,
    walk,
)
from studies.cases.upload.clean_files import SandboxedArchive
from studies.cases.upload.ingest import ingest_file, refuse_file, take_in_clean_file
from studies.protocol.models import Site, Study
from studies.readers.models import User

MAX_NAME = 255
UNSHOWABLE = {"Cc", "Cf", "Cs", "Zl", "Zp"}
JOINERS = "\u200c\u200d"
REPLACED = "\ufffd"


def take_in_upload(
    *, study: Study, site: Site, file: IO[bytes], size: int, name: str, uploader: User
) -> Iterator[Upload]:
    """Take in a file, or a zip member by member; a bad one never stops the others.

    What an operating system leaves beside files is passed over: counted in the audit trail, and
    not refused.
    """
    tally = Tally()
    yield from _take_in(study, site, file, size, name, uploader, tally)
    if tally.passed_over:
        record("files.passed_over", actor=uploader, study=study, count=tally.passed_over)


def _take_in(
    study: Study,
    site: Site,
    file: IO[bytes],
    size: int,
    name: str,
    uploader: User,
    tally: Tally,
) -> Iterator[Upload]:
    if is_system_file(name, _start(file)):
        tally.passed_over += 1
        return
    name = _showable(name)[-MAX_NAME:]
    archive = is_archive(file)
    most = (
        settings.MAX_UPLOAD_BYTES if archive else min(MAX_MEMBER_BYTES, settings.MAX_UPLOAD_BYTES)
    )
    if size > most:
        text = f"This file is larger than {most // 2**20} MB, the most that can be taken in."
        yield refuse_file(_upload(study, uploader, name), "too_large", text)
    elif archive:
        yield from _take_in_archive(study, site, file, name, uploader, tally)
    else:
        yield ingest_file(study=study, site=site, data=file, name=name, uploader=uploader)


def _start(file: IO[bytes]) -> bytes:
    file.seek(0)
    start = file.read(4)
    file.seek(0)
    return start


def _take_in_archive(
    study: Study, site: Site, file: IO[bytes], name: str, uploader: User, tally: Tally
) -> Iterator[Upload]:
    try:
        for member in walk(lambda: SandboxedArchive(study, file), tally):
            inner = f"{name}/{_showable(member.name)}"[-MAX_NAME:]
            if member.clean is not None:
                yield take_in_clean_file(
                    study=study, site=site, clean=member.clean, name=inner, uploader=uploader
                )
            elif member.refused is not None:
                upload, refused = _upload(study, uploader, inner), member.refused
                yield refuse_file(upload, refused.code, refused.text, refused.detail)
    except UnusableArchive as error:
        yield refuse_file(_upload(study, uploader, name), error.code, error.text)


def _showable(name: str) -> str:
    """The name without what turns a line around or breaks it, or cannot be stored."""
    return "".join(REPLACED if category(c) in UNSHOWABLE and c not in JOINERS else c for c in name)


def _upload(study: Study, uploader: User, name: str) -> Upload:
    return Upload(study=study, uploader=uploader, name=name)
