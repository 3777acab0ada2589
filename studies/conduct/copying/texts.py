"""Copy the texts of a study: its instructions with their pictures, and its report details."""

from __future__ import annotations

from studies.practice.instructions.versions import (
    current_instructions,
    pictures_address,
    save_instructions,
)
from studies.practice.models import InstructionPicture
from studies.protocol.models import Study
from studies.readers.models import User
from studies.reports.details.versions import FIELDS, change_details, current_details
from studies.storage.files import SaveFile, read_stored


def copy_instructions(*, source: Study, target: Study, by: User, save: SaveFile) -> None:
    """Store the current instructions of a study as the first version of another one.

    The pictures that the texts show are copied, and the texts refer to the copies.
    """
    current = current_instructions(source)
    if current is None:
        return
    texts = {"": current.text, **current.arm_texts}
    old, new = pictures_address(source), pictures_address(target)
    shown = "\n".join(texts.values())
    for picture in source.instruction_pictures.all():
        address = f"{old}{picture.pk}"
        if address not in shown:
            continue
        copy = InstructionPicture(
            study=target,
            width=picture.width,
            height=picture.height,
            # The decision that the picture identifies no one also applies to its copy.
            confirmed_by=picture.confirmed_by,
        )
        save(copy.file, "picture.png", read_stored(picture.file))
        copy.save()
        texts = {part: text.replace(address, f"{new}{copy.pk}") for part, text in texts.items()}
    text = texts.pop("")
    save_instructions(study=target, by=by, text=text, arm_texts=texts)


def copy_report_details(*, source: Study, target: Study, by: User) -> None:
    """Store the current report details of a study as the first version of another one."""
    details = current_details(source)
    if details is None:
        return
    texts = {name: getattr(details, name) for name in FIELDS}
    change_details(study=target, by=by, version=0, texts=texts)
