from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import transaction

from studies.demonstration.accounts import demonstration_accounts, simulated_readers
from studies.demonstration.seeding import make_finished_study, make_open_study
from studies.protocol.models import Study

ACCOUNTS_FILE = settings.BASE_DIR / "var" / "demo-accounts.json"


class Command(BaseCommand):
    help = "Create the demonstration's accounts and its two studies, once."

    def handle(self, *args: Any, **options: Any) -> None:
        people = demonstration_accounts(ACCOUNTS_FILE)
        shared = {"coordinator": people["clara"], "statistician": people["stan"]}
        demonstrations = Study.objects.filter(demonstration=True)
        if not demonstrations.filter(simulated=True).exists():
            with transaction.atomic():
                make_finished_study(readers=simulated_readers(), say=self._say, **shared)
        if not demonstrations.filter(simulated=False).exists():
            readers = [people["rita"], people["rolf"]]
            with transaction.atomic():
                make_open_study(readers=readers, say=self._say, **shared)

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()
