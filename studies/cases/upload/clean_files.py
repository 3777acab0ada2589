"""De-identification of uploads in sandbox processes, with every answer validated."""

from __future__ import annotations

import logging
import re
import secrets
from dataclasses import dataclass
from datetime import date
from typing import IO, Any

from inference.dicom.pixel_header import MAX_SIDE
from inference.sandbox.job import Refusal
from inference.sandbox.pool import Answer, SandboxBroken, SandboxBusy
from inference.sandbox.process import SandboxFailed
from inference.sandbox.values import Values
from inference.sandboxed_image import read_windows, refusal_of
from studies.cases.dicom.deidentify import MAX_REPORTED, UnusableDicom
from studies.cases.dicom.facts import Facts
from studies.cases.images.sandboxes import sandboxes
from studies.cases.upload import archive
from studies.cases.upload.archive import UnusableArchive, damaged_archive
from studies.errors import StudyError
from studies.protocol.models import Study

logger = logging.getLogger(__name__)
HASH = re.compile(r"[0-9a-f]{64}")
# First bytes of the parts of an answer: DICOM, gzip and PNG.
# The sandbox may be compromised, so even the kind of its output is checked.
STARTS = (b"\0" * 128 + b"DICM", b"\x1f\x8b", b"\x89PNG\r\n\x1a\n")
MAX_COSTLY_MEMBERS = 5
"""Members of an archive that may exceed the sandbox's limits before the rest is not read."""


@dataclass(frozen=True, slots=True)
class CleanFile:
    """A de-identified file with its renditions, as returned by a sandbox.

    The bytes stay in the answer until they are read.
    """

    facts: Facts
    report: dict[str, Any]
    width: int
    height: int
    bits: int
    windows: list[dict[str, Any]]
    invert: bool
    spacing_mm: tuple[float, float] | None
    pixel_aspect: float
    answer: Answer

    def dicom(self) -> bytes:
        """Return the de-identified DICOM file."""
        return self.answer.part(0)

    def pixels(self) -> bytes:
        """Return the packed pixels for viewers."""
        return self.answer.part(1)

    def thumbnail(self) -> bytes:
        """Return the thumbnail as PNG."""
        return self.answer.part(2)


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
        return _checked_file(Values(answer.values), answer)
    except Refusal as refusal:
        raise _unusable_dicom(refusal) from refusal
    except SandboxFailed as failure:
        raise _limit_exceeded(failure) from failure
    except ValueError as error:
        raise _limit_exceeded(SandboxFailed("died", "answer", {})) from error


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
            if failure.stage == "archive":
                raise _unreadable_contents(failure) from failure
            raise

    def _count_costly(self, failure: SandboxFailed, number: int) -> CleanMember:
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
    return {"key": bytes(study.key).hex(), "date_shift_days": study.date_shift_days}


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
        clean=_checked_file(values.inner("clean"), answer) if values.has("clean") else None,
        rejection=_checked_rejection(values.inner("rejection"))
        if values.has("rejection")
        else None,
    )


def _checked_file(values: Values, answer: Answer) -> CleanFile:
    starts = tuple(answer.start(number, len(start)) for number, start in enumerate(STARTS))
    if len(answer) != len(STARTS) or starts != STARTS:
        raise ValueError("The sandbox returned other parts than it announced.")
    bits = values.whole("bits", 8, 16)
    return CleanFile(
        facts=_checked_facts(values.inner("facts")),
        report=_checked_report(values.inner("report")),
        width=values.whole("width", 1, MAX_SIDE),
        height=values.whole("height", 1, MAX_SIDE),
        bits=8 if bits == 8 else 16,
        windows=[
            {"name": window.name, "center": window.center, "width": window.width}
            for window in read_windows(values)
        ],
        invert=values.flag("invert"),
        spacing_mm=values.pair("spacing_mm"),
        pixel_aspect=values.number("pixel_aspect"),
        answer=answer,
    )


def _checked_facts(values: Values) -> Facts:
    near_key = values.text("patient_near_key")
    burned = values.text("burned_in")
    return Facts(
        manufacturer=values.text("manufacturer"),
        model=values.text("model"),
        software=values.text("software"),
        scanner=values.text("scanner"),
        family=values.text("family"),
        sex=values.text("sex", most=1),
        age=values.text("age", most=4),
        acquired=date.fromisoformat(values.text("acquired")) if values.has("acquired") else None,
        burned_in="YES" if burned == "YES" else "NO" if burned == "NO" else "unknown",
        patient_key=_checked_hash(values.text("patient_key")),
        patient_near_key=near_key and _checked_hash(near_key),
        sop_instance_uid=values.text("sop_instance_uid", most=64),
        # Hashes identify rows, so a compromised sandbox must not return text of its choice.
        pixel_hash=_checked_hash(values.text("pixel_hash")),
        spacing_mm=values.pair("spacing_mm"),
        spacing_source=values.text("spacing_source", most=60),
        long_field=values.flag("long_field"),
    )


def _checked_hash(text: str) -> str:
    if not HASH.fullmatch(text):
        raise ValueError("The sandbox returned a value that is not a hash.")
    return text


def _checked_report(values: Values) -> dict[str, Any]:
    texts = {name: values.text(name) for name in ("profile", "method")}
    lists = {
        name: values.texts(name, most=MAX_REPORTED) for name in ("options", "written", "removed")
    }
    counts = ("removed_private", "removed_unknown")
    return {**texts, **lists, **{name: values.whole(name, 0, 2**31 - 1) for name in counts}}
