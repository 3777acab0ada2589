"""Kinds of events of readings, reading lists and reading sessions."""

from __future__ import annotations

from typing import Final

from studies.audit.kinds.kind import About, Group, Kind


def _reading(title: str, text: str) -> Kind:
    return Kind(title, Group.READINGS, About.READING, text)


READING_KINDS: Final[dict[str, Kind]] = {
    "reading.opened": _reading("Reading opened", "{who} opened {reading}."),
    "reading.submitted": _reading("Reading submitted", "{who} submitted {reading}."),
    "reading.revision_started": _reading("Revision started", "{who} started to revise {reading}."),
    "reading.revised": _reading("Reading revised", "{who} submitted a revision of {reading}."),
    "reading.reopened": _reading(
        "Reading reopened", "{who} reopened {reading} of {reader}[: {reason}]."
    ),
    # The arm is left out: the period identifies it for everyone who knows the assignment.
    "period.acknowledged": Kind(
        "Start of period acknowledged",
        Group.READINGS,
        About.READER,
        "{who} acknowledged the announcement of period {period}.",
    ),
    "display_check.waived": Kind(
        "Display check waived",
        Group.READINGS,
        About.READER,
        "{who} waived the display checks of {subject}[: {reason}].",
    ),
    "cases.assigned": Kind(
        "Cases assigned",
        Group.READINGS,
        About.STUDY,
        "{who} assigned cases to readers< as batch {batch}: {cases:case}, {readings:reading}>.",
    ),
    "cases.reassigned": Kind(
        "Cases reassigned",
        Group.READINGS,
        About.READER,
        "{who} reassigned unfinished cases of {subject}< to {to}: {cases:case}>.",
    ),
    "readings.simulated": Kind(
        "Readings simulated",
        Group.READINGS,
        About.STUDY,
        "{who} added readings of simulated readers.",
    ),
    "scores.looked_at": Kind(
        "Interim look",
        Group.RESULTS,
        About.WHOLE_STUDY,
        "{who} unmasked the scores before the lock for an interim look[: {reason}].",
    ),
}
