"""Process files in a new process as the web process does, without a database, and measure it.

    python -m tests.hostile.resource_usage THREADS FILE...

prints one line of JSON per file: its outcomes, the elapsed seconds, and the growth of this process
since the first file. The first file is processed before measuring starts.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import django

from studies.cases.upload.archive import Tally, UnusableArchive, is_archive, walk

STUDY: Any = SimpleNamespace(key=b"k" * 32, date_shift_days=100, linkage=False)


def peak_mib() -> float:
    """Return the peak of this process's resident memory.

    ru_maxrss would not do: at the start of a program it is the peak of the process that started it.
    """
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def outcomes(path: Path) -> list[str]:
    """Return the outcome of a file or of its members: "accepted", or a code with its text."""
    # These modules load models, which need Django to be set up.
    from studies.cases.dicom.deidentify import UnusableDicom
    from studies.cases.upload.clean_files import SandboxedArchive, clean_file

    results = []
    with path.open("rb") as file:
        try:
            if not is_archive(file):
                clean = clean_file(STUDY, file)
                parts = (clean.dicom, clean.pixels, clean.thumbnail)
                return ["accepted" if all(len(part()) > 0 for part in parts) else "empty"]
            for member in walk(lambda: SandboxedArchive(STUDY, file), Tally()):
                rejection = member.rejection
                results.append(f"{rejection.code}: {rejection.text}" if rejection else "accepted")
        except (UnusableDicom, UnusableArchive) as error:
            results.append(f"{error.code}: {error.text}")
    return results


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studies.settings")
    django.setup()
    from studies.cases.images.sandboxes import sandboxes

    logging.getLogger("studies").setLevel(logging.CRITICAL)
    paths = [Path(name) for name in sys.argv[2:]]
    outcomes(paths[0])
    before = peak_mib()

    def measure(path: Path) -> dict[str, Any]:
        started = time.monotonic()
        results = outcomes(path)
        seconds = time.monotonic() - started
        return {"file": path.name, "outcomes": results, "s": seconds, "mib": peak_mib() - before}

    with ThreadPoolExecutor(int(sys.argv[1])) as threads:
        for line in threads.map(measure, paths):
            sys.stdout.write(json.dumps(line) + "\n")
            sys.stdout.flush()
    sandboxes().close()


if __name__ == "__main__":
    main()
