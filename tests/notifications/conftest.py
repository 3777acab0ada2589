from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.utils import timezone

from studies.mail.models import OutgoingMail
from studies.mail.sending import send_mail
from studies.readers.models import User
from studies.sessions.models import Reading
from tests.mail.conftest import inbox  # noqa: F401


@pytest.fixture
def addresses(cast: Any) -> None:
    """Give everyone of the study a confirmed address."""
    for user in User.objects.all():
        user.email = user.confirmed_email = f"{user.username}@example.org"
        user.save()
    for member in (cast.reader, cast.other_reader):
        member.user.refresh_from_db()
    cast.coordinator.refresh_from_db()


@pytest.fixture
def noon() -> datetime:
    """Noon of today by UTC, the time zone of everyone who has not chosen another."""
    return timezone.now().replace(hour=12, minute=0, second=0, microsecond=0)


@pytest.fixture
def submit() -> Callable[..., None]:
    """Return a function that marks a reader's readings of a period as submitted at a time."""

    def mark(reader: Any, period: int, at: datetime) -> None:
        Reading.objects.filter(reading_list__reader=reader, reading_list__period=period).update(
            state="submitted", opened_at=at, submitted_at=at
        )

    return mark


def send_all() -> None:
    """Send every email that waits."""
    for pk in OutgoingMail.objects.waiting().values_list("pk", flat=True):
        send_mail(pk=str(pk))
