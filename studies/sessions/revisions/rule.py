"""Which submitted readings their reader may revise, and why others can no longer be revised.

The study allows revision never, within the reading session in which a reading was submitted, or
until every reading of its period (and batch) has been submitted. In any case it ends when the
reader opens the same case in another arm, period or replicate.

With hidden repeats, it also ends when the reader has opened as many further readings as lie between
a case and its repeat at least. Readings therefore leave the list in the order of reading, and none
reveals by leaving it that its case was shown again. The list of readings, the reading
room and the API all use the conditions of this module.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from studies.errors import Conflict
from studies.protocol.models import Study
from studies.readers.models import Membership
from studies.sessions.models import Reading, ReadingQuerySet, Revision, SessionInterval
from studies.sessions.reading_sessions.rule import current_session

Rule = Study.RevisionRule


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition of revision: an annotation that must be true, and the reason where it is not."""

    name: str
    holds: Q
    code: str
    message: str


NOT_IN_ANOTHER_READING = Condition(
    "case_not_opened_again",
    Q(opened_again=False),
    "read_again",
    "You have since opened the same case again, so this reading can no longer be revised.",
)
NOT_SEEN_WITH_GUIDES = Condition(
    "guides_not_seen",
    Q(guides_seen=False),
    "guides_seen",
    "You have since seen guides on the same case, so this reading without guides can no longer be "
    "revised.",
)
RECENT = Condition(
    "recent",
    Q(recent=True),
    "too_many_since",
    "You have opened too many other cases since, so this reading can no longer be revised.",
)
IN_SESSION = Condition(
    "in_session",
    Q(in_session=True),
    "session_over",
    "Readings can be revised only within the reading session in which they were submitted.",
)
IN_PERIOD = Condition(
    "in_period",
    Q(period_unfinished=True),
    "period_complete",
    "Every reading of this period has been submitted, so its readings can no longer be revised.",
)


def opened_again_since() -> Exists:
    """Return whether the outer reading's reader has since opened its case in another reading."""
    return Exists(_later_readings_of_the_case())


def revisable_readings(
    reader: Membership, *, sign_in: str, now: datetime | None = None
) -> ReadingQuerySet:
    """Return the readings that the reader may revise, the latest submission first.

    ``sign_in`` identifies the sign-in session, to which reading sessions belong.
    """
    study = reader.study
    readings = Reading.objects.of_reader(reader.user).filter(reading_list__reader=reader)
    if study.state != Study.State.OPEN or study.revision_rule == Rule.NEVER:
        return readings.none()
    if not reader.may_read_cases:
        return readings.none()
    readings = _with_facts(readings.submitted(), reader, sign_in, now or timezone.now())
    for condition in _conditions(study):
        readings = readings.filter(condition.holds)
    return readings.order_by("-submitted_at", "pk")


def check_revisable(reading: Reading, *, sign_in: str, now: datetime) -> None:
    """Raise Conflict with the reason why a locked reading of an open study cannot be revised."""
    reader = reading.reading_list.reader
    check_study_allows(reader, submitted=reading.state == Reading.State.SUBMITTED)
    readings = Reading.objects.filter(reading_list__reader=reader)
    facts = _with_facts(readings.filter(pk=reading.pk), reader, sign_in, now)
    # One query per condition, so that the message can name the one that is not met.
    for condition in _conditions(reader.study):
        if not facts.filter(condition.holds).exists():
            raise Conflict(condition.code, condition.message)


def check_study_allows(reader: Membership, *, submitted: bool) -> None:
    """Raise Conflict with the reason why the reader can revise no submitted reading at present."""
    if reader.study.revision_rule == Rule.NEVER:
        raise Conflict(
            "revision_not_allowed",
            "In this study, submitted readings cannot be revised. A coordinator can reopen them.",
        )
    if not reader.may_read_cases:
        raise Conflict("certification", "Complete the certification before you revise a reading.")
    if not submitted:
        raise Conflict("not_submitted", "This reading has not been submitted.")
    readings = Reading.objects.filter(reading_list__reader=reader)
    if readings.in_revision().counted().exists():
        raise Conflict("in_revision", "Submit the reading that you are revising first.")


def time_is_over(study: Study) -> Conflict:
    """Return the reason that the time in which the study allows revision has passed."""
    condition = _time_condition(study)
    return Conflict(condition.code, condition.message)


def _conditions(study: Study) -> tuple[Condition, ...]:
    """Return the conditions of the study, the most specific reason first."""
    conditions = NOT_SEEN_WITH_GUIDES, NOT_IN_ANOTHER_READING, _time_condition(study)
    # First, because the reasons of the other conditions would reveal a repeat.
    return (RECENT, *conditions) if study.has_hidden_repeats else conditions


def _time_condition(study: Study) -> Condition:
    return IN_SESSION if study.revision_rule == Rule.SESSION else IN_PERIOD


def _with_facts(
    readings: ReadingQuerySet, reader: Membership, sign_in: str, now: datetime
) -> ReadingQuerySet:
    session = current_session(reader, sign_in=sign_in, now=now)
    guides_shown = Q(guides_ms__gt=0) | Exists(
        Revision.objects.filter(reading=OuterRef("pk"), guides_ms__gt=0)
    )
    guided_later = _later_readings_of_the_case().filter(guides_shown, reading_list__guides=True)
    unread = Reading.objects.filter(
        # A reopened reading does not make a complete period incomplete.
        reading_list=OuterRef("reading_list"),
        batch=OuterRef("batch"),
        previous_submission_at=None,
    )
    submitted_in = SessionInterval.objects.filter(
        reading=OuterRef("pk"), session=session, submitted_at__isnull=False
    )
    # Subqueries, because joins would repeat a reading for each of its intervals and revisions.
    return readings.annotate(
        recent=_opened_recently(reader),
        opened_again=opened_again_since(),
        guides_seen=Q(reading_list__guides=False) & Q(Exists(guided_later)),
        in_session=Exists(submitted_in),
        period_unfinished=Exists(unread.to_read()),
    )


def _opened_recently(reader: Membership) -> Q:
    """Return whether fewer readings were opened since than lie between a case and its repeat."""
    spacing = reader.study.repeat_after_readings
    opened = Reading.objects.filter(reading_list__reader=reader, opened_at__isnull=False)
    if not reader.study.has_hidden_repeats:
        return Q(opened_at__isnull=False)
    times = opened.order_by("-opened_at").values_list("opened_at", flat=True)
    earliest = list(times[spacing - 1 : spacing])
    return Q(opened_at__gte=earliest[0]) if earliest else Q(opened_at__isnull=False)


def _later_readings_of_the_case() -> ReadingQuerySet:
    """Return the same reader's readings of the outer reading's case that were opened after it."""
    # Equal times decide by period, since simulated readings may share their time.
    later = Q(opened_at__gt=OuterRef("opened_at")) | Q(
        opened_at=OuterRef("opened_at"),
        reading_list__period__gt=OuterRef("reading_list__period"),
    )
    readings = Reading.objects.filter(
        later, case=OuterRef("case"), reading_list__reader=OuterRef("reading_list__reader")
    )
    return readings.exclude(pk=OuterRef("pk")).order_by()
