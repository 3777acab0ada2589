"""Kinds of events of a study's design and state, instructions, practice and certification."""

from __future__ import annotations

from typing import Final

from studies.audit.kinds.kind import About, Group, Kind


def _study(title: str, text: str) -> Kind:
    return Kind(title, Group.STUDY, About.STUDY, text)


def _practice(title: str, text: str, about: About = About.STUDY) -> Kind:
    return Kind(title, Group.PRACTICE, about, text)


STUDY_KINDS: Final[dict[str, Kind]] = {
    "study.created": _study("Study created", "{actor} created the study[ with the arms {arms}]."),
    "study.changed": _study("Study changed", "{actor} changed the study[: {fields}]."),
    "study.amended": _study(
        "Amendment recorded", "{actor} recorded protocol amendment {subject}[: {change}]."
    ),
    "study.opened": _study("Study opened", "{actor} opened the study for reading."),
    "study.paused": _study("Study paused", "{actor} paused the study."),
    "study.locked": _study(
        "Study locked",
        "{actor} locked the study< with {unread:unread reading}>"
        "<; {discarded_revisions:unfinished revision} discarded>.",
    ),
    "study.model_selected": _study(
        "Model selected", "{actor} selected the model {subject} for the study."
    ),
    "study.model_fixed": _study(
        "Model fixed", "The first assignment fixed the model {subject} for the study."
    ),
    "study.model_amended": _study(
        "Model changed by amendment",
        "{actor} changed the study's model to {subject}[ by amendment {amendment}].",
    ),
    "study.reminders_changed": _study(
        "Reminders changed",
        "{actor} changed the reminders to readers"
        "[: after {after_days:day} without reading, at most {limit} in a row].",
    ),
    "study.design_imported": _study(
        "Design imported", "{actor} created the study from a design file."
    ),
    "study.copied": _study(
        "Study copied",
        "{actor} created the study as a copy of {subject}[ (parts: {parts})][; people: {people}].",
    ),
    "study.copy_made": Kind(
        "Copy made",
        Group.STUDY,
        About.WHOLE_STUDY,
        "{actor} copied the study[; people: {people}].",
    ),
    "study.design_exported": Kind(
        "Design exported", Group.STUDY, About.WHOLE_STUDY, "{actor} downloaded the design."
    ),
    "site.added": _study("Site added", "{actor} added site {subject}."),
    "site.removed": _study("Site removed", "{actor} removed site {subject}."),
    "truth.kept": Kind(
        "Reference standard stored",
        Group.STUDY,
        About.WHOLE_STUDY,
        "{actor} stored a reference standard[ of {cases:case}][ from {source}].",
    ),
}

PRACTICE_KINDS: Final[dict[str, Kind]] = {
    "instructions.saved": _practice(
        "Instructions saved", "{actor} saved version {subject} of the instructions."
    ),
    "instructions.picture_added": _practice(
        "Picture added", "{actor} added a picture to the instructions."
    ),
    # The subject is a version, so that only the reader in it decides who sees the event.
    "instructions.acknowledged": _practice(
        "Instructions acknowledged",
        "{actor} acknowledged version {subject} of the instructions.",
        About.READING,
    ),
    "practice.phantoms_added": _practice(
        "Phantoms added", "{actor} added {number:phantom} to the practice set."
    ),
    "practice.case_added": _practice(
        "Practice case added", "{actor} added case {subject} to the practice set.", About.CASE
    ),
    "practice.case_removed": _practice(
        "Practice case removed", "{actor} removed practice case {subject} from the practice set."
    ),
    "practice.traces_set": _practice(
        "Reference traces set", "{actor} set the reference traces of case {subject}.", About.CASE
    ),
    "practice.traces_removed": _practice(
        "Reference traces removed",
        "{actor} removed the reference traces of case {subject}.",
        About.CASE,
    ),
    "practice.round_started": _practice(
        "Round started", "{actor} started {kind} round {number}.", About.READER
    ),
    "practice.round_finished": _practice(
        "Round finished", "{actor} finished {kind} round {number}.", About.READER
    ),
    "practice.refresher_drawn": _practice(
        "Refresher drawn", "Refresher {number} was drawn for {subject}.", About.READER
    ),
    "practice.refresher_left_out": _practice(
        "Refresher left out",
        "Refresher {number} of {subject} was left out because no practice case was available.",
        About.READER,
    ),
    "refreshers.set": _practice("Refreshers set", "{actor} changed the rules of refreshers."),
    "certification.rules_set": _practice(
        "Certification rules set", "{actor} changed the rules of the certification."
    ),
    "certification.waived": _practice(
        "Certification waived",
        "{actor} waived the certification of {subject}[: {reason}].",
        About.READER,
    ),
    "certification.passed": _practice(
        "Certification passed",
        "{subject} passed the certification[ in attempt {attempt}].",
        About.READER,
    ),
    "certification.failed": _practice(
        "Certification not passed",
        "{subject} did not pass the certification[ in attempt {attempt}].",
        About.READER,
    ),
}
