"""Command that encrypts all linkage lists anew with the first key."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from studies.cases.linkage.entries import rotate_entries
from studies.errors import StudyError


class Command(BaseCommand):
    help = "Encrypt all linkage lists anew with the first key of VERTEREAD_LINKAGE_KEY."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            done, failed = rotate_entries()
        except StudyError as error:
            raise CommandError(error.message) from error
        self.stdout.write(f"{done} entries encrypted with the first key.")
        if failed:
            raise CommandError(
                f"{failed} entries could not be decrypted. Add the key that they were encrypted "
                "with to VERTEREAD_LINKAGE_KEY."
            )
