"""Check the wording of texts and names: ``python -m tools.wording``."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tools.wording.check import findings

ROOT = Path(__file__).resolve().parent.parent.parent


def main() -> int:
    """Print every finding; return 1 if there is one."""
    listing = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    count = 0
    for name in listing.stdout.split("\0"):
        for finding in findings(ROOT, name):
            sys.stdout.write(f"{finding}\n")
            count += 1
    summary = f"{count} findings." if count else "No text or name uses a word to avoid."
    sys.stdout.write(f"{summary}\n")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
