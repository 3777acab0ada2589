"""All messages and announcements of a study as CSV, for coordinators of the whole study."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from studies.correspondence.models import Announcement, Message
from studies.protocol.models import Study
from studies.readers.models import Role
from studies.spreadsheets import escape_formula

COLUMNS = (
    "study",
    "kind",
    "thread",
    "about",
    "case",
    "reader",
    "reader_site",
    "author",
    "author_role",
    "written_at",
    "text",
    "closed_at",
    "withdrawn_at",
    "withdrawal_reason",
)
ROWS_AT_ONCE = 1000


def message_lines(study: Study) -> Iterator[str]:
    """Yield the lines, header first: messages by thread, then announcements.

    Times are ISO 8601 in UTC. Texts that a spreadsheet would run as a formula get an apostrophe.
    """
    yield _line(COLUMNS)
    messages = (
        Message.objects.filter(thread__reader__study=study)
        .select_related("author", "thread__reader__site", "thread__reading__case")
        .order_by("thread__started_at", "thread", "pk")
    )
    for message in messages.iterator(chunk_size=ROWS_AT_ONCE):
        yield _line(_message_cells(study, message))
    announcements = Announcement.objects.filter(study=study).select_related("author", "site")
    for row in announcements.order_by("published_at", "pk").iterator(chunk_size=ROWS_AT_ONCE):
        yield _line(_announcement_cells(study, row))


def _message_cells(study: Study, message: Message) -> list[str]:
    thread, author = message.thread, message.author
    reader = thread.reader
    return [
        study.slug,
        "question" if author.role == Role.READER else "answer",
        str(thread.pk),
        thread.name or "general",
        _subject(message),
        reader.label,
        reader.site.code if reader.site else "",
        author.label,
        author.role,
        _time(message.written_at),
        message.text,
        _time(thread.closed_at),
        "",
        "",
    ]


def _subject(message: Message) -> str:
    """Return the label of the case; a refresher has none in the study."""
    thread = message.thread
    if thread.reading is not None:
        return thread.reading.case.label
    return "refresher" if thread.name else ""


def _announcement_cells(study: Study, row: Announcement) -> list[str]:
    return [
        study.slug,
        "announcement",
        "",
        "all readers" if row.site is None else f"readers of site {row.site.code}",
        "",
        "",
        row.site.code if row.site else "",
        row.author.label,
        row.author.role,
        _time(row.published_at),
        row.text,
        "",
        _time(row.withdrawn_at),
        row.withdrawal_reason,
    ]


def _time(at: datetime | None) -> str:
    return "" if at is None else at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _line(cells: Iterable[str]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow([escape_formula(cell) for cell in cells])
    return out.getvalue()
