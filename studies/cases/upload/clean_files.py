"""De-identification of uploads in sandbox processes, with every answer validated."""

from __future__ import annotations

import logging
import secrets
from dataclasses import dataclass
from typing import IO, Any

from inference.sandbox.job import Refusal
from inference.sandbox.pool import Answer, SandboxBroken, SandboxBusy
from inference.sandbox.process import SandboxFailed
from inference.sandbox.values import Values
from inference.sandboxed_image import refusal_of
from studies.cases.dicom.deidentify import UnusableDicom
from studies.cases.images.sandboxes import sandboxes
from studies.cases.upload import archive
from studies.cases.upload.archive import UnusableArchive, damaged_archive
from studies.cases.upload.sandbox_answers import CleanFile, checked_file, checked_header
from studies.errors import Conflict, StudyError
from studies.protocol.models import Study

logger = logging.getLogger(__name__)
MAX_COSTLY_MEMBERS = 5
"""Members of an archive that may exceed the sandbox's limits before the rest is not read."""


@dataclass(frozen=True, slots=True)
class CleanMember:
    """One file of a zip archive: de-identified, rejected or skipped."""

    name: str
    inflated: int
    skipped: bool = False
    clean: CleanFile | None = None
    rejection: UnusableDicom | None = None


def clean_file(study: Study, source: bytes | IO[bytes]) -> CleanFile:
    """De-identify a file in a sandbox.

    Raises
    ------
    UnusableDicom
        The file cannot be used.
    StudyError
        No sandbox is free.
    """
    try:
        answer = _run("clean_file", _secrets(study), source)
        return checked_file(Values(answer.values), answer)
    except Refusal as refusal:
        raise _unusable_dicom(refusal) from refusal
    except SandboxFailed as failure:
        raise _limit_exceeded(failure) from failure
    # An answer that does not pass the checks is treated like a process that died: it may have
    # been taken over by the file.
    except ValueError as error:
        raise _limit_exceeded(SandboxFailed("died", "answer", {})) from error


def read_header(data: bytes) -> dict[str, str]:
    """Return the compared attributes of a stored file, read in a sandbox.

    Raises
    ------
    StudyError
        No sandbox is free.
    Conflict
        The file is damaged.
    """
    try:
        return checked_header(Values(_run("read_header", {}, data).values).inner("header"))
    except (Refusal, SandboxFailed, ValueError) as error:
        raise Conflict(
            "stored_file_damaged",
            "The stored file of the same image is damaged, so the two cannot be compared. Ask the "
            "administrator to restore it from the backup.",
        ) from error


class SandboxedArchive:
    """A zip archive that is read in sandboxes, for `studies.cases.upload.archive.walk`.

    Raises
    ------
    UnusableArchive
        Its table of contents cannot be read.
    """

    def __init__(self, study: Study, file: IO[bytes]) -> None:
        self._file = file
        # The token lets a sandbox keep the archive open between members.
        self._request = {**_secrets(study), "token": secrets.token_hex(16)}
        self._costly = 0
        values = Values(self._run("open_archive").values)
        # Checked here although the sandbox checks it too: its answer is not trusted.
        self.count = values.whole("count", 1, archive.MAX_MEMBERS)
        self.skipped = values.whole("skipped", 0, 2**31 - 1)

    def read(self, number: int, left: int) -> CleanMember:
        """Unpack and de-identify one member; raise UnusableArchive when reading has to stop."""
        try:
            return _checked_member(self._run("clean_member", number=number, left=left))
        except SandboxFailed as failure:
            return self._count_costly(failure, number)
        except ValueError:
            return self._count_costly(SandboxFailed("died", "answer", {}), number)

    def _run(self, task: str, **request: int) -> Answer:
        try:
            return _run(task, {**self._request, **request}, self._file)
        except Refusal as refusal:
            error = _unusable_dicom(refusal)
            raise UnusableArchive(error.code, error.text) from refusal
        except SandboxFailed as failure:
            # Without a table of contents there is no next member to continue with.
            if failure.stage == "archive":
                raise _unreadable_contents(failure) from failure
            raise

    def _count_costly(self, failure: SandboxFailed, number: int) -> CleanMember:
        # Each may have used its full limit of time or memory, so a few of them end the archive.
        self._costly += 1
        if self._costly > MAX_COSTLY_MEMBERS:
            raise UnusableArchive(
                "zip_bomb",
                "Too many files in this zip archive exceed the limits of time or memory. The rest "
                "of it was not read. Upload the scans in smaller archives.",
            )
        # Facts come from the sandbox that failed, so their types are checked like everything else.
        name, inflated = failure.facts.get("name"), failure.facts.get("inflated")
        return CleanMember(
            name=name if isinstance(name, str) else f"file {number + 1}",
            inflated=inflated if type(inflated) is int else 0,
            rejection=_limit_exceeded(failure),
        )


def _run(task: str, request: dict[str, Any], source: bytes | IO[bytes]) -> Answer:
    try:
        return sandboxes().run(task, request, source)
    except SandboxFailed as failure:
        logger.warning("an uploaded file was rejected: %s", failure)
        raise
    except (SandboxBusy, SandboxBroken) as error:
        logger.error("no sandbox is available for an uploaded file: %s", type(error).__name__)
        raise StudyError(
            "uploads_busy",
            "The server is busy, so this file was not added. Try again in a minute.",
            status=503,
        ) from error


def _secrets(study: Study) -> dict[str, Any]:
    return {
        "key": bytes(study.key).hex(),
        "date_shift_days": study.date_shift_days,
        "identifiers": study.linkage,
    }


def _unusable_dicom(refusal: Refusal) -> UnusableDicom:
    """Return the error for a refusal, whose texts come from the sandbox and are validated."""
    values = Values({"code": refusal.code, "text": refusal.text, "detail": refusal.detail})
    return _checked_rejection(values)


def _checked_rejection(values: Values) -> UnusableDicom:
    try:
        code, text = values.text("code", most=40), values.text("text", most=500)
        return UnusableDicom(code, text, values.text("detail", most=200))
    except ValueError:
        return _limit_exceeded(SandboxFailed("died", "answer", {}))


def _limit_exceeded(failure: SandboxFailed) -> UnusableDicom:
    error = refusal_of(failure)
    return UnusableDicom(error.code, error.text, failure.kind)


def _unreadable_contents(failure: SandboxFailed) -> UnusableArchive:
    if failure.reason in ("memory", "time"):
        return UnusableArchive(
            "too_many_files",
            f"This zip archive lists far more than {archive.MAX_MEMBERS} files, the most that can "
            "be uploaded at once. Split the archive.",
        )
    return damaged_archive()


def _checked_member(answer: Answer) -> CleanMember:
    values = Values(answer.values)
    return CleanMember(
        name=values.text("name"),
        inflated=values.whole("inflated", 0, 2**40),
        skipped=values.flag("skipped"),
        clean=checked_file(values.inner("clean"), answer) if values.has("clean") else None,
        rejection=_checked_rejection(values.inner("rejection"))
        if values.has("rejection")
        else None,
    )
