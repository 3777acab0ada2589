"""Sign-in sessions in the database that distinguish a lost connection from a deleted session."""

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
"""A session is renewed once 1/60 of its idle limit has passed: each minute if the limit is 60 min.

Renewing at every request would write a row for every score.
"""

SESSION = CompiledQuery(
    lambda key, now: Session.objects.filter(session_key=key, expire_date__gt=now).values_list(
        "session_key", "session_data", "expire_date"
    ),
    key=str,
    now=datetime,
)


class SessionStore(DatabaseSessionStore):
    """Django's database session, with fewer writes and with errors that clients can retry.

    Django treats every error on saving as a session that was deleted in the meantime and returns
    400, after which the reading room would discard a score. While the database is unavailable, the
    response must be one that the client retries.
    """

    expires_at: datetime | None = None
    """When the stored session expires; None for one that is not stored."""

    def due_for_renewal(self) -> bool:
        """Return whether enough time has passed to renew the session.

        A session never lasts longer than the limit, and may expire 1/60 of it earlier.
        """
        if self.expires_at is None:
            return True
        limit = timedelta(seconds=self.get_expiry_age())
        left = self.expires_at - timezone.now()
        # Also due when more is left than the limit: an administrator may have shortened it.
        return not limit - limit / RENEWALS_PER_LIMIT < left <= limit

    def save(self, must_create: bool = False) -> Any:
        """Save the session; raise the database error itself if the connection is lost."""
        try:
            return super().save(must_create)
        except UpdateError as error:
            if isinstance(error.__context__, OperationalError | InterfaceError):
                # Answers 500, after which the reading room tries again.
                # Django reports a lost connection like a deleted session, which would give 400.
                raise error.__context__ from None
            raise

    def _get_session_from_db(self) -> Session | None:
        row = SESSION.first(key=self.session_key, now=timezone.now())
        if row is None:
            self._session_key = None
            return None
        session_key, session_data, self.expires_at = row
        return Session(
            session_key=session_key, session_data=session_data, expire_date=self.expires_at
        )
