"""Numbers of questions and announcements, without any text, for the report."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q

from studies.correspondence.models import Announcement, Message, Thread
from studies.protocol.models import Study
from studies.readers.models import Role


@dataclass(frozen=True, slots=True)
class CorrespondenceSummary:
    """How much readers and coordinators have written to each other."""

    threads: int
    about_readings: int
    questions: int
    answers: int
    announcements: int
    withdrawn: int


def summarise_correspondence(study: Study) -> CorrespondenceSummary:
    """Return the numbers of a study from three queries; after the lock they no longer change."""
    threads = Thread.objects.filter(reader__study=study).aggregate(
        all=Count("pk"), about_readings=Count("pk", filter=~Q(name=""))
    )
    messages = Message.objects.filter(thread__reader__study=study).aggregate(
        questions=Count("pk", filter=Q(author__role=Role.READER)),
        answers=Count("pk", filter=~Q(author__role=Role.READER)),
    )
    announcements = Announcement.objects.filter(study=study).aggregate(
        all=Count("pk"), withdrawn=Count("pk", filter=Q(withdrawn_at__isnull=False))
    )
    return CorrespondenceSummary(
        threads=threads["all"],
        about_readings=threads["about_readings"],
        questions=messages["questions"],
        answers=messages["answers"],
        announcements=announcements["all"],
        withdrawn=announcements["withdrawn"],
    )
