"""Example messages, announcements and review notes of the demonstration studies."""

from __future__ import annotations

from uuid import uuid4

from studies.analytics.ratings import reader_pairs
from studies.analytics.study.disagreements.ranking import rank_disagreements, shift_hints
from studies.correspondence.announcements import acknowledge_announcement, publish_announcement
from studies.correspondence.subjects import list_subjects
from studies.correspondence.threads import ask_question, close_thread, write_message
from studies.protocol.models import Study
from studies.readers.models import Membership, Role
from studies.reports.snapshot import current_snapshot
from studies.review.notes import add_note

WELCOME = (
    "Welcome to the study. Please read the practice cases before you start, and write to us under "
    "Messages if anything is unclear."
)
LIGHTS = "At South Clinic, the blinds of the reading room have been repaired. Please close them."
DARK_EDGE = (
    "The lower edge of one practice image is dark. Do I mark the cells there as not readable?"
)
SPLIT = "May I split a reading session over two days?"
SPLIT_ANSWER = "Yes. Sign out when you stop for the day. You will continue with the same case."

FINISH = "Period 2 is open for all readers. Please finish it within two weeks."
GAS = "Bowel gas covers part of the wall. Do I estimate the grade behind it?"
GAS_ANSWER = (
    "Score a cell if you can see most of the wall. Otherwise, mark it as not readable and give the "
    "reason."
)
GAS_THANKS = "Thank you, that is clear."
SLIP = "I submitted this reading too early by mistake. Can you reopen it?"
SLIP_ANSWER = (
    "You will be able to revise it once it has been reopened. Please tell us what to change."
)

SHIFT_NOTE = "{readers} numbered the vertebrae differently. The calcifications agree."
REVIEW_NOTE = "Largest disagreement without a shift of levels. Discuss this case with all readers."


def add_messages_of_open_study(study: Study) -> None:
    """Add two announcements, an answered question and an unanswered one."""
    coordinator = _members(study, Role.COORDINATOR)[0]
    first, second = _members(study, Role.READER)
    for site, text in ((None, WELCOME), (second.site, LIGHTS)):
        publish_announcement(author=coordinator, site=site, message_id=uuid4(), text=text)
    message = ask_question(reader=first, subject=None, message_id=uuid4(), text=SPLIT)
    write_message(thread=message.thread, author=coordinator, message_id=uuid4(), text=SPLIT_ANSWER)
    ask_question(reader=second, subject=None, message_id=uuid4(), text=DARK_EDGE)


def add_messages_of_finished_study(study: Study) -> None:
    """Add an acknowledged announcement and two threads about readings, before the lock."""
    coordinator = _members(study, Role.COORDINATOR)[0]
    readers = _members(study, Role.READER)
    announcement = publish_announcement(
        author=coordinator, site=None, message_id=uuid4(), text=FINISH
    )
    for reader in readers:
        acknowledge_announcement(pk=announcement.pk, reader=reader)
    for reader, texts in (
        (readers[0], (GAS, GAS_ANSWER, GAS_THANKS)),
        (readers[1], (SLIP, SLIP_ANSWER)),
    ):
        question, *others = texts
        subject = list_subjects(reader)[0]
        message = ask_question(reader=reader, subject=subject, message_id=uuid4(), text=question)
        for number, text in enumerate(others):
            author = reader if number % 2 else coordinator
            write_message(thread=message.thread, author=author, message_id=uuid4(), text=text)
        close_thread(thread=message.thread, by=coordinator)


def add_review_notes(study: Study) -> None:
    """Add a note to the first case with shifted levels, and one to the first case without."""
    coordinator = _members(study, Role.COORDINATOR)[0]
    statistician = _members(study, Role.STATISTICIAN)[0]
    table = current_snapshot(study).table
    arm = table.arms[0]
    pairs = reader_pairs(table, arm)
    ranked = [row.case for row in rank_disagreements(table, "cells", arm, "linear", pairs)]
    shifted = {hint.case: hint.readers for hint in shift_hints(table, arm, pairs, ranked)}
    with_shift = next((label for label in ranked if label in shifted), None)
    without_shift = next((label for label in ranked if label not in shifted), None)
    for label, by in ((with_shift, coordinator), (without_shift, statistician)):
        if label is None:
            continue
        text = SHIFT_NOTE.format(readers=" and ".join(shifted[label])) if label in shifted else ""
        add_note(case=study.cases.get(label=label), by=by, text=text or REVIEW_NOTE)


def _members(study: Study, role: str) -> list[Membership]:
    members = study.memberships.filter(role=role).select_related("user", "study", "site")
    return list(members.order_by("label"))
