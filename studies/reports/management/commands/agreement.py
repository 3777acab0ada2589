"""Run ``python -m studies.analytics`` as ``manage.py agreement``."""

from __future__ import annotations

import sys
from argparse import Namespace
from typing import Any, TextIO, cast

from django.core.management.base import BaseCommand, CommandParser

from studies.analytics.cli.main import run
from studies.analytics.cli.options import DESCRIPTION, add_options


class Command(BaseCommand):
    help = DESCRIPTION
    # The command works on files alone, so the database and the queue need not be reachable.
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        add_options(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        # Django's OutputWrapper has the methods of a text file without its type.
        out, err = cast(TextIO, self.stdout), cast(TextIO, self.stderr)
        status = run(Namespace(**options), out=out, err=err)
        if status:
            sys.exit(status)
