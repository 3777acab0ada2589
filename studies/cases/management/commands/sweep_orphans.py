"""Command that removes stored files without a row in the database."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from studies.errors import storage_message
from studies.storage.files import StorageUnavailable
from studies.storage.orphans import TooManyOrphans, sweep_orphans


class Command(BaseCommand):
    help = "Remove old stored files that no row of the database refers to."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="list the files only")
        parser.add_argument(
            "--older-than",
            type=int,
            default=settings.ORPHAN_MINUTES,
            metavar="MINUTES",
            help="minimum age; use 0 only while no web, upload or worker process runs",
        )
        parser.add_argument(
            "--force",
            action="store_true",
            help="even if unusually many files lack a row",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        age, dry_run = timedelta(minutes=options["older_than"]), options["dry_run"]
        try:
            sweep = sweep_orphans(age=age, dry_run=dry_run, force=options["force"])
        except TooManyOrphans as error:
            raise CommandError(str(error)) from error
        except StorageUnavailable as error:
            raise CommandError(storage_message(error)) from error
        if dry_run:
            for name in sweep.names:
                self.stdout.write(name)
        self.stdout.write(f"{len(sweep.names)} files without a row, {sweep.removed} removed.")
