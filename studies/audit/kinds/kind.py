"""One kind of event: its name, its group and its sentence."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Group(Enum):
    """The groups by which events can be filtered."""

    CASES = "Cases"
    READINGS = "Readings"
    PEOPLE = "People"
    MESSAGES = "Messages and emails"
    STUDY = "Study and design"
    PRACTICE = "Instructions and practice"
    RESULTS = "Results and downloads"
    MODELS = "Models"
    ACCOUNTS = "Accounts and administration"


class About(Enum):
    """What the subject of an event is, which decides which coordinators see the event."""

    CASE = "case"
    READER = "reader"
    READING = "reading"
    # Visible to every coordinator of the study.
    STUDY = "study"
    # Visible to coordinators of the whole study, and to the person who acted.
    WHOLE_STUDY = "whole study"
    # Not part of any study.
    INSTALLATION = "installation"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of event.

    ``text`` is the template of its sentence (`studies.audit.sentences`). It names neither scores
    nor arms of readers nor the output of a model.
    """

    title: str
    group: Group
    about: About
    text: str
