"""Command with which a backup script records that it is complete."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from studies.administration.backups import record_backup


class Command(BaseCommand):
    help = "Record that a backup is complete, for the administration page."

    def handle(self, *args: Any, **options: Any) -> None:
        event = record_backup()
        self.stdout.write(f"Backup recorded at {event.at.isoformat(timespec='seconds')}.")
