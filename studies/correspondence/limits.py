"""What every text has to meet: its length, the rate of writing, and a study that is not locked."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from studies.correspondence.models import MAX_TEXT_LENGTH, Announcement, Message
from studies.errors import Conflict, NotFound, StudyError
from studies.protocol.study_lock import lock_study_row
from studies.readers.models import Membership

PER_HOUR = 30
"""Messages and announcements by one member within an hour."""
RETRY_AFTER_S = 600


class TooManyMessages(StudyError):
    """The member has written too much within the last hour."""

    status = 429
    retry_after_s = RETRY_AFTER_S


def clean_text(text: str, *, longest: int = MAX_TEXT_LENGTH, noun: str = "message") -> str:
    """Return the text with plain line ends.

    Raises StudyError if it is empty or too long, or cannot be stored.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if not text or len(text) > longest or "\0" in text:
        raise StudyError("invalid", f"Enter a {noun} of 1 to {longest} characters.")
    return text


def lock_writer(member: Membership) -> Membership:
    """Return the member, who writes now; call it inside a transaction.

    Two requests of one member wait for each other. Raises NotFound for a deactivated member and
    Conflict once the study is locked.
    """
    # First the member, then the study, as in the changes of refreshers.
    members = Membership.objects.select_for_update(of=("self",), no_key=True)
    member = members.select_related("study", "site", "user").get(pk=member.pk)
    if not member.active:
        raise NotFound
    if lock_study_row(member.study_id).locked:
        raise Conflict(
            "locked",
            "The study is locked, so nothing was sent. Messages and announcements can still be "
            "read.",
        )
    return member


def check_rate(member: Membership) -> None:
    """Raise TooManyMessages if the member has written PER_HOUR texts within the last hour."""
    since = timezone.now() - timedelta(hours=1)
    written = Message.objects.filter(author=member, written_at__gt=since).count()
    written += Announcement.objects.filter(author=member, published_at__gt=since).count()
    if written >= PER_HOUR:
        raise TooManyMessages(
            "too_many",
            f"Not sent: you have sent {PER_HOUR} messages within an hour. Your text is kept on "
            "this page. Try again in ten minutes.",
        )
