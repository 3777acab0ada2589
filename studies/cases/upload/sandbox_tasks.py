"""PURE. Tasks that run in a sandbox process: unpack, de-identify and render an upload.

`studies.cases.upload.clean_files` starts these tasks and validates their answers, because a
malicious file may have taken over the process.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from inference import sandboxed_tasks
from inference.image import UnreadableImage, display, read_image
from inference.sandbox.job import Job, Refusal, Task, begin_stage
from studies.cases.dicom.deidentify import UnusableDicom, deidentify
from studies.cases.dicom.facts import Facts
from studies.cases.dicom.header import header_of
from studies.cases.dicom.identifiers import read_identifiers
from studies.cases.dicom.renditions import compress_pixels, render_thumbnail
from studies.cases.upload.archive import OpenArchive, UnusableArchive
from studies.cases.upload.picture_reencoding import reencode_picture_task

MAX_NAME = 255
"""Characters of a member's name that are passed on, counted from its end."""


def clean_file_task(job: Job) -> dict[str, Any]:
    """De-identify the job's file; write the DICOM file, the packed pixels and the thumbnail."""
    return _clean(job, job.read())


def _clean(job: Job, data: bytes) -> dict[str, Any]:
    begin_stage("header")
    key, days = bytes.fromhex(job.request["key"]), job.request["date_shift_days"]
    try:
        clean = deidentify(data, key=key, date_shift_days=days)
        header = header_of(clean.data)
        begin_stage("image")
        shown = display(read_image(clean.data))
    except UnusableDicom as error:
        raise Refusal(error.code, error.text, error.detail) from error
    except UnreadableImage as error:
        raise Refusal(error.code, error.text) from error
    # Only for studies with a linkage list; the identifiers leave the sandbox in the answer alone.
    identifiers = read_identifiers(data) if job.request.get("identifiers") else None
    height, width = shown.pixels.shape
    for part in (clean.data, compress_pixels(shown), render_thumbnail(shown)):
        job.write(part)
    return {
        "facts": _facts(clean.facts),
        "report": clean.report,
        "header": header,
        "height": height,
        "width": width,
        "bits": shown.bits,
        "windows": [asdict(window) for window in shown.windows],
        "invert": shown.invert,
        "spacing_mm": shown.spacing_mm,
        "pixel_aspect": shown.pixel_aspect,
        **({"identifiers": asdict(identifiers)} if identifiers is not None else {}),
    }


def read_header_task(job: Job) -> dict[str, Any]:
    """Read the compared attributes of a file that was stored without them."""
    begin_stage("header")
    return {"header": header_of(job.read())}


def _facts(facts: Facts) -> dict[str, Any]:
    day = facts.acquired
    return {**asdict(facts), "acquired": None if day is None else day.isoformat()}


class _LastArchive:
    """The last archive, left open because the next job usually reads the same one."""

    def __init__(self) -> None:
        self.token = ""
        self.archive: OpenArchive | None = None

    def open(self, job: Job) -> OpenArchive:
        """Return the job's archive; its token tells it from that of another upload."""
        if self.archive is None or self.token != job.request["token"]:
            begin_stage("archive")
            # Dropped first: two tables of contents at once could exceed the address space.
            self.archive = None
            # A duplicate, because the job's own file is closed at its end.
            file = os.fdopen(os.dup(job.source.fileno()), "rb")
            try:
                self.archive = OpenArchive(file)
            except UnusableArchive as error:
                file.close()
                raise Refusal(error.code, error.text) from error
            self.token = job.request["token"]
        return self.archive


_LAST = _LastArchive()


def open_archive_task(job: Job) -> dict[str, Any]:
    """Count the members of a zip archive."""
    archive = _LAST.open(job)
    return {"count": archive.count, "skipped": archive.skipped}


def clean_member_task(job: Job) -> dict[str, Any]:
    """Unpack one member of a zip archive and de-identify it as `clean_file_task` does."""
    archive, number = _LAST.open(job), job.request["number"]
    # The stage carries the name, so that a failure of the process can still name the member.
    begin_stage("member", name=archive.name(number)[-MAX_NAME:])
    try:
        member = archive.read(number, job.request["left"])
    except UnusableArchive as error:
        raise Refusal(error.code, error.text) from error
    begin_stage("header", inflated=member.inflated)
    answer: dict[str, Any] = {
        "name": member.name[-MAX_NAME:],
        "inflated": member.inflated,
        "skipped": member.skipped,
    }
    if member.rejection is not None:
        answer["rejection"] = {**asdict(member.rejection), "detail": ""}
    elif not member.skipped:
        try:
            answer["clean"] = _clean(job, member.data)
        except Refusal as error:
            answer["rejection"] = {"code": error.code, "text": error.text, "detail": error.detail}
    return answer


TASKS: Mapping[str, Task] = {
    **sandboxed_tasks.TASKS,
    "clean_file": clean_file_task,
    "read_header": read_header_task,
    "open_archive": open_archive_task,
    "clean_member": clean_member_task,
    "reencode_picture": reencode_picture_task,
}
