"""Pictures in the instructions: decoded in a sandbox, and stored without any metadata."""

from __future__ import annotations

from typing import Final

from inference.sandbox.job import Refusal
from inference.sandbox.pool import SandboxBroken, SandboxBusy
from inference.sandbox.process import SandboxFailed
from inference.sandbox.values import Values
from studies.audit.record import record
from studies.cases.images.sandboxes import sandboxes
from studies.errors import Conflict, StudyError
from studies.practice.models import InstructionPicture
from studies.protocol.models import Study
from studies.readers.models import User
from studies.storage.files import transaction_with_files

MAX_PICTURE_BYTES: Final = 900 * 1024
"""Below the limit of a web server for requests that are no uploads of scans (1 MB)."""
MAX_PICTURE_SIDE: Final = 4_096
MAX_PICTURES: Final = 100
PNG_START: Final = b"\x89PNG\r\n\x1a\n"


def add_picture(*, study: Study, by: User, data: bytes, confirmed: bool) -> InstructionPicture:
    """Re-encode a picture and store it.

    Raises StudyError if it was not confirmed to show no identifiers, if it cannot be read, or if
    there are too many; Conflict after the lock.
    """
    if not confirmed:
        raise StudyError(
            "not_confirmed", "Confirm that the picture shows nothing that identifies a patient."
        )
    # Checked before a sandbox is taken, of which there are few.
    if len(data) > MAX_PICTURE_BYTES:
        limit = MAX_PICTURE_BYTES // 1024
        raise StudyError(
            "too_large", f"This picture is larger than {limit} KB. Reduce its size.", status=413
        )
    # Before the transaction, so that the row of the study is not locked while a sandbox works.
    width, height, png = reencode_picture(data)
    with transaction_with_files() as save:
        study = Study.objects.select_for_update().get(pk=study.pk)
        if study.locked:
            raise Conflict("locked", "The study is locked. Pictures can no longer be added.")
        if study.instruction_pictures.count() >= MAX_PICTURES:
            raise StudyError("too_many", f"A study may have at most {MAX_PICTURES} pictures.")
        picture = InstructionPicture(study=study, width=width, height=height, confirmed_by=by)
        save(picture.file, "picture.png", png)
        picture.save()
        record("instructions.picture_added", actor=by, study=study, subject=picture.pk)
    return picture


def reencode_picture(data: bytes) -> tuple[int, int, bytes]:
    """Return width, height and PNG of a picture, which is decoded in a sandbox.

    Raises StudyError if it is not a PNG, JPEG or WebP picture, or no sandbox is free.
    """
    try:
        answer = sandboxes().run("reencode_picture", {}, data)
        # A picture could take over the sandbox, so its answer is checked like any other input.
        values = Values(answer.values)
        width = values.whole("width", 1, MAX_PICTURE_SIDE)
        height = values.whole("height", 1, MAX_PICTURE_SIDE)
        png = answer.part(0)
        if not png.startswith(PNG_START):
            raise ValueError("The sandbox returned no PNG.")
    except Refusal as refusal:
        raise _unreadable() from refusal
    # The uploader gets the same message: the sandbox failed because of this picture.
    except (SandboxFailed, ValueError) as error:
        raise _unreadable() from error
    except (SandboxBusy, SandboxBroken) as error:
        raise StudyError(
            "uploads_busy",
            "The server is busy, so the picture was not added. Try again in a minute.",
            status=503,
        ) from error
    return width, height, png


def _unreadable() -> StudyError:
    return StudyError(
        "not_a_picture",
        "This file is not a PNG, JPEG or WebP picture of at most "
        f"{MAX_PICTURE_SIDE} x {MAX_PICTURE_SIDE} pixels. It was not added.",
    )
