"""Which events of the audit trail a coordinator sees, and under which names."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import CharField, Q, QuerySet
from django.db.models.functions import Cast

from studies.audit.kinds.kind import About
from studies.audit.kinds.table import kinds_about
from studies.audit.models import Event
from studies.audit.trail import study_events
from studies.cases.models import Case
from studies.readers.access import accessible_readers
from studies.readers.models import Membership, Role
from studies.sessions.models import Reading

NOT_A_MEMBER = "a person who is not a member"


@dataclass(frozen=True, slots=True)
class Person:
    """A member as a coordinator may see them; ``name`` is "" where only the label is shown."""

    label: str
    name: str

    def __str__(self) -> str:
        return f"{self.name} ({self.label})" if self.name else self.label


def visible_events(membership: Membership) -> QuerySet[Event]:
    """Return the events of the study, or what the coordinator of one site sees of them.

    That is: events of the site's cases and readers, events of the whole study that concern no
    other site, and the coordinator's own actions.
    """
    events = study_events(membership.study.slug).exclude(action__in=kinds_about(About.INSTALLATION))
    if membership.role != Role.COORDINATOR:
        return events.none()
    if membership.site_id is None:
        return events
    readers = accessible_readers(membership).order_by()
    cases = Case.objects.seen_by(membership).order_by().values("label")
    readings = (
        Reading.objects.filter(reading_list__reader__in=readers.values("pk"))
        .order_by()
        # The subject of an event is text.
        .annotate(text=Cast("pk", CharField()))
        .values("text")
    )
    visible = (
        Q(action__in=kinds_about(About.STUDY))
        | Q(actor=membership.user_id)
        | Q(action__in=kinds_about(About.CASE), subject__in=cases)
        | Q(action__in=kinds_about(About.READER), subject__in=readers.values("label"))
        | Q(action__in=kinds_about(About.READING), actor__in=readers.values("user"))
        | Q(action__in=kinds_about(About.READING), subject__in=readings)
    )
    return events.filter(visible)


def visible_people(membership: Membership) -> dict[int, Person]:
    """Return all members by the key of their account, as the coordinator may see them."""
    members = Membership.objects.filter(study=membership.study_id).select_related("user")
    return {
        member.user_id: Person(
            member.label, member.user.shown_name if _may_see_name(membership, member) else ""
        )
        for member in members.order_by("label")
    }


def people_to_filter_by(membership: Membership) -> dict[int, Person]:
    """Return the members by whom a coordinator can filter the log."""
    people = visible_people(membership)
    if membership.site_id is None:
        return people
    # People of other sites would give a list without events.
    members = Membership.objects.filter(study=membership.study_id)
    keys = set(
        members.filter(
            Q(site=membership.site_id) | Q(site=None, role=Role.COORDINATOR)
        ).values_list("user", flat=True)
    )
    return {key: person for key, person in people.items() if key in keys}


def _may_see_name(membership: Membership, member: Membership) -> bool:
    return membership.site_id is None or membership.site_id == member.site_id
