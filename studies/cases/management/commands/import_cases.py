"""Command that adds DICOM files to a study."""

from __future__ import annotations

from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from studies.cases.models import Upload
from studies.cases.queueing import queue_accepted_upload
from studies.cases.upload.uploaded_files import ingest_upload
from studies.errors import StudyError, storage_message
from studies.protocol.models import Site, Study
from studies.readers.access import accessible_sites, require_coordinator
from studies.readers.models import User
from studies.storage.files import StorageUnavailable


class Command(BaseCommand):
    help = "Add DICOM files, folders and zip archives to a study, as the upload page does."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("study", help="short name of the study, as in its address")
        parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")
        parser.add_argument("--as", dest="username", help="username of a coordinator of the study")
        parser.add_argument("--site", help="code of the site where the images were acquired")

    def handle(self, *args: Any, **options: Any) -> None:
        study, site, user = _resolve(options["study"], options["site"], options["username"])
        missing = [str(path) for path in options["paths"] if not path.exists()]
        if missing:
            raise CommandError(f"Not found: {', '.join(missing)}.")
        counts: Counter[str] = Counter()
        try:
            for path in _files(options["paths"]):
                for upload in _ingest(path, study, site, user):
                    queue_accepted_upload(upload)
                    counts[upload.get_status_display()] += 1
                    self.stdout.write(_line(upload))
                    # The list of uploads is for the upload page; here each result has been printed.
                    upload.delete()
        except StorageUnavailable as error:
            raise CommandError(storage_message(error)) from error
        summary = ", ".join(f"{number} {status}" for status, number in sorted(counts.items()))
        self.stdout.write(summary or "No files to add.")


def _resolve(slug: str, code: str | None, username: str | None) -> tuple[Study, Site, User]:
    study = Study.objects.filter(slug=slug).first()
    if study is None:
        known = ", ".join(Study.objects.values_list("slug", flat=True)) or "none yet"
        raise CommandError(f"There is no study {slug}. Existing studies: {known}.")
    coordinators = User.objects.filter(
        memberships__study=study, memberships__role="coordinator", memberships__active=True
    )
    user = coordinators.filter(username=username).first() if username else coordinators.first()
    if user is None:
        raise CommandError("Give the username of a coordinator of the study with --as.")
    try:
        sites = list(accessible_sites(require_coordinator(user, slug)))
    except StudyError as error:
        raise CommandError(error.message) from error
    matches = [site for site in sites if code in (None, site.code)]
    if len(matches) != 1:
        codes = ", ".join(site.code for site in sites) or "none yet: add one on the design page"
        raise CommandError(f"Give the code of the site with --site. Sites: {codes}.")
    return study, matches[0], user


def _ingest(path: Path, study: Study, site: Site, user: User) -> Iterator[Upload]:
    with path.open("rb") as file:
        yield from ingest_upload(
            study=study,
            site=site,
            file=file,
            size=path.stat().st_size,
            name=str(path),
            uploader=user,
        )


def _files(paths: list[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(inner for inner in path.rglob("*") if inner.is_file())
        else:
            yield path


def _line(upload: Upload) -> str:
    label = f" {upload.case.label}" if upload.case else ""
    return f"{upload.name}: {upload.get_status_display()}{label} {upload.reason_text}".rstrip()
