"""Kinds of events after the lock: review, adjudication and reopening.

Which cases were adjudicated and how many depends on the scores, so the sentences do not say it:
the log can be read after a reopening has masked the scores again.
"""

from __future__ import annotations

from typing import Final

from studies.audit.kinds.kind import About, Group, Kind


def _review(title: str, text: str) -> Kind:
    return Kind(title, Group.RESULTS, About.WHOLE_STUDY, text)


REVIEW_KINDS: Final[dict[str, Kind]] = {
    "review.note_added": _review("Review note added", "{actor} added a review note."),
    "adjudication.started": _review(
        "Adjudication started", "{actor} started round {subject} of the adjudication."
    ),
    "adjudication.opened": _review(
        "Case opened for adjudication", "{actor} opened a case for adjudication."
    ),
    "adjudication.submitted": _review("Adjudication submitted", "{actor} adjudicated a case."),
    "reference.version_created": _review(
        "Reference standard created",
        "{actor} created version {subject} of the adjudicated reference standard.",
    ),
    "report_details.changed": _review(
        "Report details changed", "{actor} changed the report details[: {fields}]."
    ),
    "study.reopening_requested": Kind(
        "Reopening requested",
        Group.STUDY,
        About.WHOLE_STUDY,
        "{actor} requested that the study be reopened[: {reason}].",
    ),
    "study.reopening_withdrawn": Kind(
        "Request for reopening withdrawn",
        Group.STUDY,
        About.WHOLE_STUDY,
        "{actor} withdrew the request to reopen the study.",
    ),
    "study.reopened": Kind(
        "Study reopened",
        Group.STUDY,
        About.STUDY,
        "{actor} confirmed the reopening of the study<: {reason}>.",
    ),
}
