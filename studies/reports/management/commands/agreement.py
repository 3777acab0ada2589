"""``manage.py agreement``: another name for ``python -m studies.analytics``."""

from __future__ import annotations

import sys
from argparse import Namespace
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from studies.analytics.cli.main import run
from studies.analytics.cli.options import DESCRIPTION, add_options


class Command(BaseCommand):
    help = DESCRIPTION
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        add_options(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        status = run(Namespace(**options), out=self.stdout, err=self.stderr)
        if status:
            sys.exit(status)
