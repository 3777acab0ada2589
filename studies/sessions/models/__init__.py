"""Reading lists, readings, reading sessions, reopenings and interim looks."""

from studies.sessions.models.assigned_strata import AssignedStratum
from studies.sessions.models.batches import Batch
from studies.sessions.models.display_checks import DisplayCheck, DisplayCheckWaiver
from studies.sessions.models.measurements import Measurement
from studies.sessions.models.period_changes import PeriodAcknowledgement
from studies.sessions.models.reading_sessions import ReadingSession, SessionInterval
from studies.sessions.models.readings import Change, Reading, ReadingList, ReadingQuerySet, Score
from studies.sessions.models.revisions import Revision
from studies.sessions.models.unmasking import InterimLook, Reopening
from studies.sessions.models.view_states import ViewState

__all__ = [
    "AssignedStratum",
    "Batch",
    "Change",
    "DisplayCheck",
    "DisplayCheckWaiver",
    "InterimLook",
    "Measurement",
    "PeriodAcknowledgement",
    "Reading",
    "ReadingList",
    "ReadingQuerySet",
    "ReadingSession",
    "Reopening",
    "Revision",
    "Score",
    "SessionInterval",
    "ViewState",
]
