"""The command that creates the demonstration."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import transaction

from studies.demonstration.accounts import (
    create_demonstration_accounts,
    create_simulated_accounts,
)
from studies.demonstration.seeding import create_finished_study, create_open_study
from studies.protocol.models import Study

ACCOUNTS_FILE = settings.BASE_DIR / "var" / "demo-accounts.json"


class Command(BaseCommand):
    """Create what is missing of the demonstration; a second run changes nothing."""

    help = "Create the demonstration accounts and the two demonstration studies if missing."

    def handle(self, *args: Any, **options: Any) -> None:
        people = create_demonstration_accounts(ACCOUNTS_FILE)
        shared = {"coordinator": people["clara"], "statistician": people["stan"]}
        demonstrations = Study.objects.filter(demonstration=True)
        if not demonstrations.filter(simulated=True).exists():
            with transaction.atomic():
                create_finished_study(
                    readers=create_simulated_accounts(),
                    adjudicator=people["adele"],
                    write=self._write_line,
                    **shared,
                )
        if not demonstrations.filter(simulated=False).exists():
            readers = [people["rita"], people["rolf"]]
            with transaction.atomic():
                create_open_study(readers=readers, write=self._write_line, **shared)

    def _write_line(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()
