"""Accounts of the demonstration. Accounts that it did not create are never changed."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from django.core.management.base import CommandError
from django.db import transaction

from studies.audit.models import Event
from studies.audit.record import record
from studies.readers.models import User

CREATED = "demonstration.account_created"


@dataclass(frozen=True, slots=True)
class Person:
    """An account to create, with the text that the accounts file shows about it."""

    username: str
    first_name: str
    last_name: str
    role: str
    about: str
    administrator: bool = False
    may_create_studies: bool = False


PEOPLE = (
    Person("admin", "Ada", "Admin", "administrator", "manages accounts", True, True),
    Person(
        "clara",
        "Clara",
        "Coordinator",
        "coordinator",
        "runs both demonstration studies and can create new ones",
        may_create_studies=True,
    ),
    Person("rita", "Rita", "Reader", "reader", "reads the open study, at North Hospital"),
    Person("rolf", "Rolf", "Reader", "reader", "reads the open study, at South Clinic"),
    Person(
        "stan",
        "Stan",
        "Statistician",
        "statistician",
        "sees agreement and downloads once a study is locked",
    ),
    Person(
        "adele",
        "Adele",
        "Adjudicator",
        "adjudicator",
        "reads cases of the finished study on which readers disagree",
    ),
)
SIMULATED = tuple(
    Person(f"simulated-{number}", "Simulated", f"reader {number}", "reader", "simulated")
    for number in range(1, 5)
)


@transaction.atomic
def create_demonstration_accounts(file: Path) -> dict[str, User]:
    """Return the accounts by username; create those that are missing.

    Their passwords are stored in `file`, which only its owner can read.

    Raises
    ------
    CommandError
        If an account with one of these names exists that the demonstration did not create.
    """
    entries = json.loads(file.read_text()) if file.exists() else []
    passwords = {entry["username"]: entry["password"] for entry in entries}
    existing = _find_accounts([person.username for person in PEOPLE], passwords)
    users = {}
    for person in PEOPLE:
        user = existing.get(person.username)
        if user is None or person.username not in passwords:
            passwords[person.username] = secrets.token_urlsafe(12)
        if user is None:
            user = _create_account(person, passwords[person.username])
        elif person.username not in {entry["username"] for entry in entries}:
            user.set_password(passwords[person.username])
            user.save(update_fields=["password"])
        users[person.username] = user
    # Rewritten as a whole, so that it lists exactly these accounts.
    _write_accounts(file, passwords)
    return users


@transaction.atomic
def create_simulated_accounts() -> list[User]:
    """Return the accounts of the simulated readers, which have no usable password."""
    existing = _find_accounts([person.username for person in SIMULATED], {})
    return [existing.get(person.username) or _create_account(person, None) for person in SIMULATED]


def _find_accounts(usernames: Iterable[str], passwords: Mapping[str, str]) -> dict[str, User]:
    """Return the existing accounts with these names.

    Raises CommandError if one was not created by the demonstration.
    """
    existing = {user.username: user for user in User.objects.filter(username__in=usernames)}
    foreign = [
        name
        for name, user in existing.items()
        if not _is_demonstration_account(user, passwords.get(name))
    ]
    if foreign:
        raise CommandError(
            f"Accounts exist that the demonstration did not create: {', '.join(sorted(foreign))}. "
            "Nothing was changed. Run the demonstration on a separate database."
        )
    return existing


def _is_demonstration_account(user: User, password: str | None) -> bool:
    """Return whether the audit trail or the stored password shows that it was created here."""
    # Accounts of versions without this event are recognised by their password.
    by_trail = Event.objects.filter(action=CREATED, data__account=user.pk).exists()
    return by_trail or (password is not None and user.check_password(password))


def _create_account(person: Person, password: str | None) -> User:
    user = User(
        username=person.username,
        first_name=person.first_name,
        last_name=person.last_name,
        is_staff=person.administrator,
        is_superuser=person.administrator,
        may_create_studies=person.may_create_studies,
    )
    user.set_password(password)
    user.save()
    record(CREATED, subject=person.username, account=user.pk)
    return user


def _write_accounts(file: Path, passwords: Mapping[str, str]) -> None:
    entries = [
        {
            "username": person.username,
            "password": passwords[person.username],
            "role": person.role,
            "about": person.about,
        }
        for person in PEOPLE
    ]
    file.parent.mkdir(parents=True, exist_ok=True)
    # The permissions are set before the passwords are written.
    file.touch(mode=0o600)
    file.chmod(0o600)
    file.write_text(json.dumps(entries, indent=1))
