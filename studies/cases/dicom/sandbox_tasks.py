"""PURE. What a sandbox does with an upload: unpack, de-identify, decode and draw it.

This module runs in a sandbox process alone. `studies.cases.upload.clean_files` asks for these
tasks and checks what they answer.
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
from studies.cases.renditions import packed_pixels, thumbnail
from studies.cases.upload.archive import OpenArchive, UnusableArchive

NAME_END = 255
"""Characters of a member's name that are passed on, from its end."""


def clean_file_task(job: Job) -> dict[str, Any]:
    """De-identify the job's file; writes the DICOM file, the packed pixels and the thumbnail."""
    return _clean(job, job.read())


def _clean(job: Job, data: bytes) -> dict[str, Any]:
    begin_stage("header")
    key, days = bytes.fromhex(job.request["key"]), job.request["date_shift_days"]
    try:
        clean = deidentify(data, key=key, date_shift_days=days)
        begin_stage("image")
        shown = display(read_image(clean.data))
    except UnusableDicom as error:
        raise Refusal(error.code, error.text, error.detail) from error
    except UnreadableImage as error:
        raise Refusal(error.code, error.text) from error
    height, width = shown.pixels.shape
    for part in (clean.data, packed_pixels(shown), thumbnail(shown)):
        job.write(part)
    return {
        "facts": _facts(clean.facts),
        "report": clean.report,
        "height": height,
        "width": width,
        "bits": shown.bits,
        "windows": [asdict(window) for window in shown.windows],
        "invert": shown.invert,
        "spacing_mm": shown.spacing_mm,
        "pixel_aspect": shown.pixel_aspect,
    }


def _facts(facts: Facts) -> dict[str, Any]:
    day = facts.acquired
    return {**asdict(facts), "acquired": None if day is None else day.isoformat()}


class _LastArchive:
    """The archive of the last job, open: the next one is mostly about the same."""

    def __init__(self) -> None:
        self.token = ""
        self.archive: OpenArchive | None = None

    def open(self, job: Job) -> OpenArchive:
        if self.archive is None or self.token != job.request["token"]:
            begin_stage("archive")
            self.archive = None
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
    """Count the members of a zip."""
    archive = _LAST.open(job)
    return {"count": archive.count, "passed_over": archive.passed_over}


def clean_member_task(job: Job) -> dict[str, Any]:
    """Unpack one member of a zip and treat it as `clean_file_task` does."""
    archive, number = _LAST.open(job), job.request["number"]
    begin_stage("member", name=archive.name(number)[-NAME_END:])
    try:
        member = archive.read(number, job.request["left"])
    except UnusableArchive as error:
        raise Refusal(error.code, error.text) from error
    begin_stage("header", inflated=member.inflated)
    answer: dict[str, Any] = {
        "name": member.name[-NAME_END:],
        "inflated": member.inflated,
        "passed_over": member.passed_over,
    }
    if member.refused is not None:
        answer["refused"] = {**asdict(member.refused), "detail": ""}
    elif not member.passed_over:
        try:
            answer["clean"] = _clean(job, member.data)
        except Refusal as error:
            answer["refused"] = {"code": error.code, "text": error.text, "detail": error.detail}
    return answer


TASKS: Mapping[str, Task] = {
    **sandboxed_tasks.TASKS,
    "clean_file": clean_file_task,
    "open_archive": open_archive_task,
    "clean_member": clean_member_task,
}
