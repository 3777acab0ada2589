"""Kinds of events of readings, reading lists and reading sessions."""

from __future__ import annotations

from typing import Final

from studies.audit.kinds.kind import About, Group, Kind


def _reading(title: str, text: str) -> Kind:
    return Kind(title, Group.READINGS, About.READING, text)


READING_KINDS: Final[dict[str, Kind]] = {
    "reading.opened": _reading("Reading opened", "{actor} opened {reading}."),
    "reading.submitted": _reading("Reading submitted", "{actor} submitted {reading}."),
    "reading.revision_started": _reading(
        "Revision started", "{actor} started to revise {reading}."
    ),
    "reading.revised": _reading("Reading revised", "{actor} submitted a revision of {reading}."),
    "reading.reopened": _reading(
        "Reading reopened", "{actor} reopened {reading} of {reader}[: {reason}]."
    ),
    # The arm is left out: the period identifies it for everyone who knows the assignment.
    "period.acknowledged": Kind(
        "Start of period acknowledged",
        Group.READINGS,
        About.READER,
        "{actor} acknowledged the announcement of period {period}.",
    ),
    "display_check.waived": Kind(
        "Display check waived",
        Group.READINGS,
        About.READER,
        "{actor} waived the display checks of {subject}[: {reason}].",
    ),
    "cases.assigned": Kind(
        "Cases assigned",
        Group.READINGS,
        About.STUDY,
        "{actor} assigned cases to readers< as batch {batch}: {cases:case}, {readings:reading}>"
        "<; {other_weights:case} analysed with other weights>.",
    ),
    "cases.reassigned": Kind(
        "Cases reassigned",
        Group.READINGS,
        About.READER,
        "{actor} reassigned unfinished cases of {subject}< to {to}: {cases:case}>.",
    ),
    "readings.simulated": Kind(
        "Readings simulated",
        Group.READINGS,
        About.STUDY,
        "{actor} added readings of simulated readers.",
    ),
    "scores.looked_at": Kind(
        "Interim look",
        Group.RESULTS,
        About.WHOLE_STUDY,
        "{actor} unmasked the scores before the lock for an interim look[: {reason}].",
    ),
}
