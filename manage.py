#!/usr/bin/env python
import os
import sys

from django.conf import settings
from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studies.settings")
    if sys.argv[1:2] == ["seed_demonstration"] and not settings.DEMONSTRATION:
        sys.exit(
            "VerteRead: the demonstration is disabled here, so no demonstration accounts or "
            "studies were created. Set VERTEREAD_DEMONSTRATION=1 only where there is no real data."
        )
    if sys.argv[1:2] in (["migrate"], ["createsuperuser"]) and not os.environ.get("DATABASE_URL"):
        sys.exit("VerteRead: DATABASE_URL must be set: see README.md, Settings.")
    execute_from_command_line(sys.argv)
