"""Sign-in sessions in the database, which tell a lost connection from a deleted session."""

from __future__ import annotations

from typing import Any

from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessionStore
from django.db import InterfaceError, OperationalError


class SessionStore(DatabaseSessionStore):
    """Django's session in the database.

    Django takes every error of the save for a session that was deleted meanwhile and answers 400,
    so that the reading room would give a score up. While the database is away, the answer has to
    be one that is worth another attempt.
    """

    def save(self, must_create: bool = False) -> Any:
        try:
            return super().save(must_create)
        except UpdateError as error:
            if isinstance(error.__context__, OperationalError | InterfaceError):
                raise error.__context__ from None
            raise
