"""``manage.py agreement``: another name for ``python -m studies.analytics``."""

from __future__ import annotations

import sys
from argparse import Namespace
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from studies.analytics.command.options import DESCRIPTION, add_options
from studies.analytics.command.run import run


class Command(BaseCommand):
    help = DESCRIPTION
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        add_options(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        status = run(Namespace(**options), out=self.stdout, err=self.stderr)
        if status:
            sys.exit(status)
