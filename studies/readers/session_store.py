"""Sign-in sessions in the database, which tell a lost connection from a deleted session."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessionStore
from django.contrib.sessions.models import Session
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from studies.compiled_query import CompiledQuery

RENEWALS_PER_LIMIT = 60
"""A session is written again once a sixtieth of its idle limit has passed: after a minute of 60."""

SESSION = CompiledQuery(
    lambda key, now: Session.objects.filter(session_key=key, expire_date__gt=now).values_list(
        "session_key", "session_data", "expire_date"
    ),
    key=str,
    now=datetime,
)


class SessionStore(DatabaseSessionStore):
    """Django's session in the database.

    Django takes every error of the save for a session that was deleted meanwhile and answers 400,
    so that the reading room would give a score up. While the database is away, the answer has to
    be one that is worth another attempt.
    """

    expires_at: datetime | None = None
    """When the stored session ends; None for one that is not stored."""

    def due_for_renewal(self) -> bool:
        """Whether putting the idle limit off again is worth a write.

        A session never lasts longer than the limit; it may end a sixtieth of it earlier.
        """
        if self.expires_at is None:
            return True
        limit = timedelta(seconds=self.get_expiry_age())
        left = self.expires_at - timezone.now()
        return not limit - limit / RENEWALS_PER_LIMIT < left <= limit

    def save(self, must_create: bool = False) -> Any:
        try:
            return super().save(must_create)
        except UpdateError as error:
            if isinstance(error.__context__, OperationalError | InterfaceError):
                raise error.__context__ from None
            raise

    def _get_session_from_db(self) -> Session | None:
        row = SESSION.first(key=self.session_key, now=timezone.now())
        if row is None:
            self._session_key = None
            return None
        self.expires_at = row[2]
        return Session(*row)
