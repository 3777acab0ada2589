"""JSON representations of queues, progress and changes of period, as the reading room gets them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, TypedDict

from studies.openapi import UUIDText
from studies.protocol.models import Arm, Study
from studies.readers.models import Membership
from studies.sessions.models import ReadingList
from studies.sessions.period_changes import Announcement, find_announcement
from studies.sessions.queue import Progress, Queue, Waiting, get_progress
from studies.sessions.reading_representations import ReadingJSON, reading_json
from studies.sessions.reading_sessions.breaks import find_running_session, is_break_due


class ProgressJSON(TypedDict):
    """A reader's progress; the period and the time left are null where they are not known."""

    read: int
    total: int
    period: int | None
    periods: int
    minutes_left: int | None


class NextReadingJSON(TypedDict):
    """The reading after the current one, so that its image can be fetched ahead."""

    id: UUIDText


class WaitingJSON(TypedDict):
    """Why a reader has nothing to read; ``opens_at`` is set if reading resumes automatically.

    ``parts`` are the parts of the instructions to acknowledge, with the code "instructions".
    """

    code: str
    message: str
    opens_at: datetime | None
    parts: list[str]


class QueueJSON(TypedDict):
    """The current and the next reading, or the reason why there is none."""

    current: ReadingJSON | None
    next: NextReadingJSON | None
    waiting: WaitingJSON | None


class ReadStudyJSON(TypedDict):
    """The study that a reader reads."""

    name: str
    slug: str
    demonstration: bool
    revision_rule: Annotated[str, Study.RevisionRule]


class PeriodJSON(TypedDict):
    """A period of a reader, and what distinguishes its arm."""

    period: int
    arm: Annotated[str, Arm.Code]
    guides: bool
    measured: bool


class AnnouncementJSON(PeriodJSON):
    """A change of period that the reader acknowledges before the current reading.

    ``begins`` is false where the reader returns to a period; ``previous`` is null before the first.
    """

    periods: int
    begins: bool
    previous: PeriodJSON | None


class StudyReadingJSON(QueueJSON):
    """The reader's progress in a study and the reading to do now."""

    study: ReadStudyJSON
    progress: ProgressJSON
    announcement: AnnouncementJSON | None
    break_due: bool


class SubmittedJSON(TypedDict):
    """The id of the reading to do next, and the reader's progress."""

    next: UUIDText | None
    progress: ProgressJSON


def progress_json(progress: Progress) -> ProgressJSON:
    """Return a reader's progress."""
    return {
        "read": progress.read,
        "total": progress.total,
        "period": progress.period,
        "periods": progress.periods,
        "minutes_left": progress.minutes_left,
    }


def overview_json(reader: Membership, queue: Queue) -> StudyReadingJSON:
    """Return the reader's progress in the study and the reading to do now."""
    study = reader.study
    # Most studies have no break reminders, and then need no query.
    session = find_running_session(reader) if study.break_after_minutes else None
    return {
        "study": {
            "name": study.name,
            "slug": study.slug,
            "demonstration": study.demonstration,
            "revision_rule": study.revision_rule,
        },
        "progress": progress_json(get_progress(reader)),
        **queue_json(queue),
        "announcement": announcement_json(find_announcement(reader, queue)),
        "break_due": is_break_due(session, study),
    }


def queue_json(queue: Queue) -> QueueJSON:
    """Return the current reading in full, of the next one the id alone, and why there is none."""
    return {
        "current": reading_json(queue.current) if queue.current else None,
        "next": {"id": str(queue.next.pk)} if queue.next else None,
        "waiting": waiting_json(queue.waiting) if queue.waiting else None,
    }


def waiting_json(waiting: Waiting) -> WaitingJSON:
    """Return why there is nothing to read."""
    return {
        "code": waiting.code,
        "message": waiting.message,
        "opens_at": waiting.opens_at,
        "parts": list(waiting.parts),
    }


def announcement_json(announcement: Announcement | None) -> AnnouncementJSON | None:
    """Return what changes with the period of the current reading."""
    if announcement is None:
        return None
    previous = announcement.previous
    return {
        **_period_json(announcement.reading_list),
        "periods": announcement.periods,
        "begins": announcement.begins,
        "previous": _period_json(previous) if previous else None,
    }


def _period_json(reading_list: ReadingList) -> PeriodJSON:
    return {
        "period": reading_list.period,
        "arm": reading_list.arm,
        "guides": reading_list.guides,
        "measured": reading_list.measured,
    }
