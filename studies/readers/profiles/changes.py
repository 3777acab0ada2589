"""Store the profile of a reader, or that the reader skipped it."""

from __future__ import annotations

from typing import Any, Final

from django.db import transaction

from studies.audit.record import record
from studies.errors import NotFound
from studies.readers.access import active_memberships
from studies.readers.models import ReaderProfile, Role, User

FIELDS: Final = ("profession", "years", "aac_readings", "named")


def require_reader(user: User) -> None:
    """Raise NotFound unless the person is a reader in a study."""
    if not active_memberships(user, Role.READER).exists():
        raise NotFound


def find_profile(user: User) -> ReaderProfile | None:
    """Return the profile of a person; None if it was neither entered nor skipped."""
    return ReaderProfile.objects.filter(user=user).first()


@transaction.atomic
def change_profile(*, user: User, **fields: Any) -> ReaderProfile:
    """Store the answers of a reader; unchanged answers write no audit event."""
    profile = _locked_profile(user)
    changed = [name for name in FIELDS if getattr(profile, name) != fields[name]]
    for name in changed:
        setattr(profile, name, fields[name])
    profile.full_clean(exclude=["user"])
    profile.save()
    if changed:
        # Names of fields only: the answers are personal.
        record("reader_profile.changed", actor=user, fields=changed)
    return profile


@transaction.atomic
def skip_profile(*, user: User) -> ReaderProfile:
    """Store that the reader was asked; an existing profile does not change."""
    profile = find_profile(user)
    if profile is None:
        profile = _locked_profile(user)
        record("reader_profile.skipped", actor=user)
    return profile


def _locked_profile(user: User) -> ReaderProfile:
    """Return the person's profile, created if it is missing, with its person locked."""
    # Simultaneous requests must not create two profiles.
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    return ReaderProfile.objects.get_or_create(user=user)[0]
