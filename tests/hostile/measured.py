"""A fresh process that takes in files as the web process does, without a database.

    python -m tests.hostile.measured THREADS FILE...

prints one line of JSON per file: its outcomes, the seconds by the clock, and by how much this
process has grown since the first file. The first file is taken in before anything is measured.
"""

from __future__ import annotations

import json
import logging
import os
import resource
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import django

from studies.cases.upload.archive import Tally, UnusableArchive, is_archive, walk

STUDY: Any = SimpleNamespace(key=b"k" * 32, date_shift_days=100)


def peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def outcomes(path: Path) -> list[str]:
    """What becomes of the file, or of each file in it: "accepted", or a code and its sentence."""
    # These load models, which need Django's settings.
    from studies.cases.dicom.deidentify import UnusableDicom
    from studies.cases.upload.clean_files import SandboxedArchive, clean_file

    found = []
    with path.open("rb") as file:
        try:
            if not is_archive(file):
                clean = clean_file(STUDY, file)
                parts = (clean.dicom, clean.pixels, clean.thumbnail)
                return ["accepted" if all(len(part()) > 0 for part in parts) else "empty"]
            for member in walk(lambda: SandboxedArchive(STUDY, file), Tally()):
                refused = member.rejection
                found.append(f"{refused.code}: {refused.text}" if refused else "accepted")
        except (UnusableDicom, UnusableArchive) as error:
            found.append(f"{error.code}: {error.text}")
    return found


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studies.settings")
    django.setup()
    from studies.cases.upload.sandboxes import sandboxes

    logging.getLogger("studies").setLevel(logging.CRITICAL)
    paths = [Path(name) for name in sys.argv[2:]]
    outcomes(paths[0])
    before = peak_mib()

    def measure(path: Path) -> dict[str, Any]:
        started = time.monotonic()
        found = outcomes(path)
        seconds = time.monotonic() - started
        return {"file": path.name, "found": found, "s": seconds, "mib": peak_mib() - before}

    with ThreadPoolExecutor(int(sys.argv[1])) as threads:
        for line in threads.map(measure, paths):
            sys.stdout.write(json.dumps(line) + "\n")
            sys.stdout.flush()
    sandboxes().close()


if __name__ == "__main__":
    main()
