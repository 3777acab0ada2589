"""Kinds of events of cases, uploads and landmarks."""

from __future__ import annotations

from typing import Final

from studies.audit.kinds.kind import About, Group, Kind


def _case(title: str, text: str) -> Kind:
    return Kind(title, Group.CASES, About.CASE, text)


CASE_KINDS: Final[dict[str, Kind]] = {
    "case.added": _case("Case added", "{actor} added case {subject}."),
    "case.replaced": _case(
        "Image uploaded again",
        "{actor} uploaded the image of case {subject} again[ (image {version})].",
    ),
    "case.readmitted": _case(
        "Excluded image added again",
        "{actor} added case {subject}, whose image had been excluded< as case {excluded}>.",
    ),
    "case.released": _case(
        "Case released", "{actor} released case {subject} from the de-identification review."
    ),
    "case.release_undone": _case(
        "Release undone", "{actor} returned case {subject} to the de-identification review."
    ),
    "case.refused": _case("Case rejected", "{actor} rejected case {subject}[: {reason}]."),
    "case.excluded": _case("Case excluded", "{actor} excluded case {subject}[: {reason}]."),
    "case.analysis_asked": _case(
        "Analysis requested", "{actor} requested another analysis of case {subject}."
    ),
    "case.analysed": _case(
        "Case analysed", "{actor} analysed case {subject}[ (landmarks {version})]."
    ),
    "case.failed": _case("Analysis failed", "The analysis of case {subject} failed."),
    "case.level_labelling_accepted": _case(
        "Level labelling accepted", "{actor} accepted the level labelling of case {subject}."
    ),
    "landmarks.corrected": _case(
        "Landmarks corrected",
        "{actor} corrected the landmarks of case {subject}[ (landmarks {version})][: {reason}].",
    ),
    "landmarks.confirmed": _case(
        "Corners confirmed",
        "{actor} confirmed the corners of case {subject}[ (landmarks {version})].",
    ),
    "patient.near_match": _case(
        "Similar patient ID",
        "The patient ID of case {subject} is nearly the same as that of another patient"
        "< (cases {cases})>.",
    ),
    "cases.analyses_repeated": Kind(
        "Analyses repeated",
        Group.CASES,
        About.WHOLE_STUDY,
        "{actor} requested new analyses with the model {subject}< of {cases:case}>"
        "<; {left_alone:corrected or confirmed case} left alone>.",
    ),
    "file.refused": Kind(
        "File rejected",
        Group.CASES,
        About.WHOLE_STUDY,
        "A file that {actor} uploaded was rejected[ (reason code {code})].",
    ),
    "files.passed_over": Kind(
        "Files skipped",
        Group.CASES,
        About.WHOLE_STUDY,
        "Files that are not images were skipped in an upload by {actor}[: {count:file}].",
    ),
    "linkage.switched_on": Kind(
        "Linkage list switched on",
        Group.CASES,
        About.STUDY,
        "{actor} switched on the linkage list of the study.",
    ),
    "linkage.deleted": Kind(
        "Linkage list deleted",
        Group.CASES,
        About.STUDY,
        "{actor} deleted the linkage list of the study<, which had {entries} entries>.",
    ),
    "linkage.viewed": Kind(
        "Linkage list viewed",
        Group.CASES,
        About.WHOLE_STUDY,
        "{actor} viewed the linkage list[ (entries: {entries})].",
    ),
    "linkage.downloaded": Kind(
        "Linkage list downloaded",
        Group.CASES,
        About.WHOLE_STUDY,
        "{actor} downloaded the linkage list[ (entries: {entries})].",
    ),
    "linkage.keys_rotated": Kind(
        "Linkage keys rotated",
        Group.ACCOUNTS,
        About.INSTALLATION,
        "The linkage lists were encrypted with a new key[ (entries: {entries})].",
    ),
    "landmarks.exported": Kind(
        "Landmarks exported",
        Group.CASES,
        About.WHOLE_STUDY,
        "{actor} exported the landmarks[ of {cases:case}] for training[ ({formats})].",
    ),
}
