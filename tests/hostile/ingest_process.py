"""Add files as cases in a new process, as the upload process does, and measure its memory.

    python -m tests.hostile.ingest_process FILE...

prints one line of JSON per file: the status of its upload, and the growth of this process in MiB
since the first file, after storing it and after decoding it as for a correction. The first file is
processed before measuring starts. The database is left as it was.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import django

from tests.hostile.resource_usage import peak_mib


def process(cast: Any, path: Path) -> tuple[str, float, float]:
    """Return the status of a file, and the peak after adding and after decoding it."""
    # These modules load models, which need Django to be set up.
    from studies.cases.images.decoding import decode_stored_image
    from studies.cases.upload.ingest import ingest_file

    with path.open("rb") as file:
        upload = ingest_file(
            study=cast.study, site=cast.site, data=file, name="x", uploader=cast.coordinator
        )
    added = peak_mib()
    if upload.case is not None:
        decode_stored_image(upload.case.image)
    return upload.status, added, peak_mib()


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studies.settings")
    django.setup()
    from django.db import transaction

    from studies.cases.images.sandboxes import sandboxes
    from tests.make import Cast

    with transaction.atomic():
        cast = Cast()
        first, *paths = map(Path, sys.argv[1:])
        process(cast, first)
        before = peak_mib()
        for path in paths:
            status, added, decoded = process(cast, path)
            line = {"status": status, "added": added - before, "decoded": decoded - before}
            sys.stdout.write(json.dumps(line) + "\n")
        transaction.set_rollback(True)
    sandboxes().close()


if __name__ == "__main__":
    main()
