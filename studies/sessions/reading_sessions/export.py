"""Export of a study's reading sessions, one row per session."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from studies.protocol.models import Study
from studies.readers.models import Membership, Role
from studies.sessions.reading_sessions.summaries import sessions_of, summarise_sessions

CHUNK: Final = 500
PLAIN_COLUMNS: Final = (
    "reader",
    "reader_site",
    "started_at",
    "last_activity_at",
    "ended_at",
    "readings",
    "submitted",
    "active_ms",
    "idle_ms",
    "break_reminders",
    "browser",
    "viewport_width",
    "viewport_height",
    "device_pixel_ratio",
    "display_checks",
    "display_check_waived",
)
CHECK_COLUMNS: Final = {
    "display_check_at": "at",
    "display_dark_contrast": "dark_contrast",
    "display_bright_contrast": "bright_contrast",
    "display_required_contrast": "required_contrast",
    "display_letters_correct": "letters_correct",
    "display_letters_shown": "letters_shown",
    "display_check_passed": "passed",
    "display_browser": "browser",
    "display_viewport_width": "viewport_width",
    "display_viewport_height": "viewport_height",
    "display_pixel_ratio": "device_pixel_ratio",
}
"""Columns of the last display check of a session, with its fields."""


def session_rows(study: Study) -> Iterator[dict[str, Any]]:
    """Yield one row per session, sorted by reader and number, with the reader's label only."""
    readers = Membership.objects.filter(study=study, role=Role.READER)
    sessions = sessions_of(readers).order_by("reader__label", "number")
    for session in summarise_sessions(sessions.iterator(chunk_size=CHUNK)):
        yield {
            "study": study.slug,
            "reading_session": session.number,
            **{name: getattr(session, name) for name in PLAIN_COLUMNS},
            **{
                name: getattr(session.display_check, field, None)
                for name, field in CHECK_COLUMNS.items()
            },
            "ended_by": session.end,
            "length_ms": round(session.length.total_seconds() * 1000),
        }
