from __future__ import annotations

import json
import secrets
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import transaction

from studies.demonstration.seeding import make_finished_study, make_open_study
from studies.protocol.models import Study
from studies.readers.models import User

ACCOUNTS_FILE = settings.BASE_DIR / "var" / "demo-accounts.json"
PEOPLE = {
    "admin": ("administrator", "makes accounts"),
    "clara": ("coordinator", "runs both demonstration studies and can make new ones"),
    "rita": ("reader", "reads the open study, at North Hospital"),
    "rolf": ("reader", "reads the open study, at South Clinic"),
    "stan": ("statistician", "sees agreement and downloads once a study is locked"),
}
NAMES = {
    "admin": ("Ada", "Admin"),
    "clara": ("Clara", "Coordinator"),
    "rita": ("Rita", "Reader"),
    "rolf": ("Rolf", "Reader"),
    "stan": ("Stan", "Statistician"),
}


class Command(BaseCommand):
    help = "Make the demonstration's accounts and its two studies, once."

    def handle(self, *args: Any, **options: Any) -> None:
        people = self._accounts()
        simulated = [self._simulated(number) for number in range(1, 5)]
        shared = {"coordinator": people["clara"], "statistician": people["stan"]}
        demonstrations = Study.objects.filter(demonstration=True)
        if not demonstrations.filter(simulated=True).exists():
            with transaction.atomic():
                make_finished_study(readers=simulated, say=self._say, **shared)
        if not demonstrations.filter(simulated=False).exists():
            readers = [people["rita"], people["rolf"]]
            with transaction.atomic():
                make_open_study(readers=readers, say=self._say, **shared)

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()

    def _accounts(self) -> dict[str, User]:
        known = json.loads(ACCOUNTS_FILE.read_text()) if ACCOUNTS_FILE.exists() else []
        passwords = {entry["username"]: entry["password"] for entry in known}
        people, entries = {}, []
        for username, (role, about) in PEOPLE.items():
            user = User.objects.filter(username=username).first()
            if user is None or username not in passwords:
                passwords[username] = secrets.token_urlsafe(12)
                user = user or User(username=username)
                user.set_password(passwords[username])
            user.first_name, user.last_name = NAMES[username]
            user.is_staff = user.is_superuser = username == "admin"
            user.may_create_studies = username in {"admin", "clara"}
            user.save()
            people[username] = user
            entries.append(
                {
                    "username": username,
                    "password": passwords[username],
                    "role": role,
                    "about": about,
                }
            )
        ACCOUNTS_FILE.parent.mkdir(parents=True, exist_ok=True)
        ACCOUNTS_FILE.touch(mode=0o600)
        ACCOUNTS_FILE.write_text(json.dumps(entries, indent=1))
        return people

    def _simulated(self, number: int) -> User:
        user, made = User.objects.get_or_create(
            username=f"simulated-{number}",
            defaults={"first_name": "Simulated", "last_name": f"reader {number}"},
        )
        if made:
            user.set_unusable_password()
            user.is_active = True
            user.save()
        return user
