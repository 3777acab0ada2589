"""CSV of a study's reading sessions, one row per session, and its codebook."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from studies.reports.files.tidy import lines_of_columns
from studies.reports.files.tidy_columns import COLUMNS

SESSION_COLUMNS: Final[dict[str, str]] = {
    "study": COLUMNS["study"],
    "reader": COLUMNS["reader"],
    "reader_site": COLUMNS["reader_site"],
    "reading_session": (
        "Number of the session, counted from 1 for each reader; the same number as in the tidy "
        "table."
    ),
    "started_at": "Start of the session, ISO 8601, UTC: the first activity in the reading room.",
    "last_activity_at": (
        "Last activity of the session, ISO 8601, UTC: a reading opened, active reading time or a "
        "submission."
    ),
    "ended_at": "End of the session, ISO 8601, UTC. Empty while the session is running.",
    "ended_by": (
        "Why the session ended: idle (no activity for the idle limit; it ended with the last "
        "activity), sign_out, other_sign_in (continued in another browser or sign-in), lock "
        "(study locked), or running."
    ),
    "length_ms": "Time from the start to the end, or to the last activity, in milliseconds.",
    "readings": "Readings worked on. A reading that was continued later counts in each session.",
    "submitted": "Readings submitted in the session.",
    "active_ms": "Sum of the active reading time in the session, in milliseconds.",
    "idle_ms": "Sum of the idle time of readings in the session, in milliseconds.",
    "break_reminders": "Break reminders that were shown in the session.",
    "browser": "Name and major version of the browser. Empty if unknown.",
    "viewport_width": (
        "Width of the browser's viewport in CSS pixels: the smallest viewport of the session, by "
        "area. Empty if unknown."
    ),
    "viewport_height": "Height of the same viewport in CSS pixels. Empty if unknown.",
    "device_pixel_ratio": "Device pixels per CSS pixel with the same viewport. Empty if unknown.",
    "display_checks": (
        "Display checks in the session: low-contrast letters just above black and just below "
        "white, which the reader typed. The following columns describe the last one."
    ),
    "display_check_at": "Time of the display check, ISO 8601, UTC. Empty without one.",
    "display_dark_contrast": (
        "Smallest difference from black, in grey levels of 0 to 255, down to which the reader read "
        "all letters. Empty if none. Not a luminance: displays are not calibrated."
    ),
    "display_bright_contrast": "The same for the difference from white.",
    "display_required_contrast": (
        "Difference down to which all letters must be read to pass, as set in the study's design."
    ),
    "display_letters_correct": "Letters read correctly, at both ends together.",
    "display_letters_shown": "Letters shown, at both ends together.",
    "display_check_passed": (
        "true if all letters down to the required difference were read at both ends."
    ),
    "display_browser": "Name and major version of the browser at the display check.",
    "display_viewport_width": "Width of the viewport at the display check, in CSS pixels.",
    "display_viewport_height": "Height of the viewport at the display check, in CSS pixels.",
    "display_pixel_ratio": "Device pixels per CSS pixel at the display check.",
    "display_check_waived": (
        "Reason why a coordinator waived the reader's display checks. Empty if not waived."
    ),
}


def session_lines(rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield the CSV line by line, header first, in the order of SESSION_COLUMNS."""
    yield from lines_of_columns(tuple(SESSION_COLUMNS), rows)


def session_codebook_lines() -> Iterator[str]:
    """Yield the codebook of the sessions as CSV, one row per column: name and meaning."""
    rows = ({"column": name, "meaning": text} for name, text in SESSION_COLUMNS.items())
    yield from lines_of_columns(("column", "meaning"), rows)
