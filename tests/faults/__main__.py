"""``python -m tests.faults``: kill and stop each part, fill the disk, and count the damage.

Meanwhile readers score. Takes about eight minutes; filling the disk needs root. Exits with 1 when a
score is lost or stored twice, when a case or a report is stuck, or when a stored file that no row
names is still there after a sweep.
"""

from __future__ import annotations

import argparse
import os
import sys
from importlib import import_module

import django

from tests.faults.parts import CLONE, Parts
from tools.local.workspace import temporary_workspace


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--stale-after", type=int, default=10, metavar="SECONDS")
    parser.add_argument("--only", default="", help="part of a fault's name")
    options = parser.parse_args()
    with temporary_workspace(CLONE) as workspace:
        parts = Parts(workspace, stale_after_s=options.stale_after)
        try:
            os.environ.update(parts.environment)
            django.setup()
            # Its models can only be loaded now.
            return int(import_module("tests.faults.matrix").run(parts, only=options.only))
        finally:
            parts.stop()


if __name__ == "__main__":
    sys.exit(main())
