"""Versions of a study's instructions, and their acknowledgement by readers.

Instructions may be changed at any time before the lock. Every change is a new version, which
readers acknowledge again; the acknowledged version is recorded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.urls import reverse

from studies.audit.record import record
from studies.errors import Conflict, StudyError
from studies.practice.instructions.markdown import render_markdown
from studies.practice.models import Acknowledgement, Instructions
from studies.protocol.amendments import amend_if_assigned
from studies.protocol.models import Study
from studies.protocol.study_lock import lock_study_row
from studies.readers.models import Membership, User

MAX_LENGTH = 20_000
"""Characters of one part, about ten pages."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the instructions: for the whole study, or for one arm."""

    code: str
    title: str
    html: str


@dataclass(frozen=True, slots=True)
class AcknowledgedPart:
    """When a reader acknowledged a part, and in which version."""

    reader: str
    part: str
    version: int
    at: datetime


@transaction.atomic
def save_instructions(
    *, study: Study, by: User, text: str, arm_texts: Mapping[str, str], reason: str = ""
) -> Instructions:
    """Store a new version of the instructions; return the current one if nothing changed.

    Once cases are assigned, a new version is an amendment of the protocol with a reason.

    Raises Conflict after the lock, and StudyError for a part that is too long or of an arm that
    the study does not have, and without a reason where one is needed.
    """
    # Locked, so that two changes at once do not get the same version number.
    study = Study.objects.select_for_update().get(pk=study.pk)
    if study.locked:
        raise Conflict("locked", "The study is locked. Its instructions can no longer be changed.")
    text = text.strip()
    arms = {arm.code for arm in study.arms.all()}
    parts = {arm: part.strip() for arm, part in arm_texts.items() if part.strip()}
    if not set(parts) <= arms:
        raise StudyError("unknown_arm", "The study does not have this arm.")
    if max(map(len, (text, *parts.values()))) > MAX_LENGTH:
        raise StudyError("too_long", f"A part may have at most {MAX_LENGTH} characters.")
    current = current_instructions(study)
    if current is None and not text and not parts:
        raise StudyError("empty", "Enter the instructions.")
    # A new version without a change would make all readers acknowledge the same text again.
    if current is not None and (current.text, current.arm_texts) == (text, parts):
        return current
    version = current.version + 1 if current else 1
    saved = Instructions.objects.create(
        study=study, version=version, text=text, arm_texts=parts, saved_by=by
    )
    amend_if_assigned(study=study, by=by, change=change_to_version(version), reason=reason)
    study.instruction_parts = dict.fromkeys(texts_by_part(saved), version)
    study.save(update_fields=["instruction_parts"])
    record("instructions.saved", actor=by, study=study, subject=version, arms=sorted(parts))
    return saved


def change_to_version(version: int) -> str:
    """Return how the amendment of a new version names its change."""
    return f"Instructions, version {version}"


@transaction.atomic
def acknowledge(*, reader: Membership, version: int, part: str) -> Acknowledgement:
    """Record that a reader has read a part; repeated requests change nothing.

    Raises Conflict after the lock and when there is a newer version, and StudyError for an empty
    part.
    """
    # Share-locked, so that the study cannot be locked between this check and the new row.
    if lock_study_row(reader.study_id).locked:
        raise Conflict("locked", "The study is locked. Nothing more can be recorded.")
    current = current_instructions(reader.study)
    if current is None or current.version != version:
        raise Conflict("stale", "The instructions were changed. Read the new version.")
    if part not in texts_by_part(current):
        raise StudyError("unknown_part", "The instructions do not have this part.")
    acknowledged, created = Acknowledgement.objects.get_or_create(
        reader=reader, instructions=current, part=part
    )
    if created:
        # Locked, so that two windows do not overwrite each other's part.
        stored = Membership.objects.select_for_update(no_key=True, of=("self",)).get(pk=reader.pk)
        stored.acknowledged_parts |= {part: version}
        stored.save(update_fields=["acknowledged_parts"])
        record(
            "instructions.acknowledged",
            actor=reader.user,
            study=reader.study,
            subject=version,
            part=part,
        )
    return acknowledged


def current_instructions(study: Study) -> Instructions | None:
    """Return the latest version of a study's instructions; None if there are none."""
    return Instructions.objects.filter(study=study).order_by("-version").first()


def texts_by_part(instructions: Instructions) -> dict[str, str]:
    """Return the parts that have a text, the part of the whole study first."""
    whole = {Acknowledgement.STUDY: instructions.text} if instructions.text else {}
    return {**whole, **instructions.arm_texts}


def rendered_parts(study: Study, instructions: Instructions | None) -> list[Part]:
    """Return the parts as HTML, those of arms in the order of the study's arms."""
    if instructions is None:
        return []
    titles = {Acknowledgement.STUDY: "Study instructions"}
    titles |= {arm.code: f"{arm} arm" for arm in study.arms.all()}
    texts = texts_by_part(instructions)
    pictures = pictures_address(study)
    return [
        Part(code, title, render_markdown(texts[code], pictures=pictures))
        for code, title in titles.items()
        if code in texts
    ]


def pictures_address(study: Study) -> str:
    """Return the start of the addresses of the study's pictures."""
    return reverse("study", args=[study.slug]) + "instructions/pictures/"


def acknowledged_parts(reader: Membership, instructions: Instructions | None) -> list[str]:
    """Return the parts of this version that the reader has acknowledged."""
    if instructions is None:
        return []
    rows = Acknowledgement.objects.filter(reader=reader, instructions=instructions)
    return list(rows.values_list("part", flat=True))


def acknowledgements_of(study: Study) -> list[AcknowledgedPart]:
    """Return all acknowledgements of the study's readers, by reader and time."""
    rows = Acknowledgement.objects.filter(instructions__study=study)
    return [
        AcknowledgedPart(*row)
        for row in rows.order_by("reader__label", "at").values_list(
            "reader__label", "part", "instructions__version", "at"
        )
    ]
