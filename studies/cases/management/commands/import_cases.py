from __future__ import annotations

from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from studies.cases.models import Upload
from studies.cases.queueing import queue_accepted
from studies.cases.upload.receive import take_in_upload
from studies.errors import StudyError, storage_sentence
from studies.protocol.models import Site, Study
from studies.readers.access import accessible_sites, require_coordinator
from studies.readers.models import User
from studies.storage.files import StorageAway


class Command(BaseCommand):
    help = "Take DICOM files, folders and zips into a study, as the upload page does."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("study", help="the study's short name, as in its address")
        parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")
        parser.add_argument("--as", dest="username", help="a coordinator of the study")
        parser.add_argument("--site", help="code of the site where the images were made")

    def handle(self, *args: Any, **options: Any) -> None:
        study, site, user = _place(options["study"], options["site"], options["username"])
        missing = [str(path) for path in options["paths"] if not path.exists()]
        if missing:
            raise CommandError(f"There is no {', '.join(missing)}.")
        counts: Counter[str] = Counter()
        try:
            for path in _files(options["paths"]):
                for upload in _take_in(path, study, site, user):
                    queue_accepted(upload)
                    counts[upload.get_status_display()] += 1
                    self.stdout.write(_line(upload))
                    upload.delete()
        except StorageAway as error:
            raise CommandError(storage_sentence(error)) from error
        told = ", ".join(f"{number} {status}" for status, number in sorted(counts.items()))
        self.stdout.write(told or "No file was found.")


def _place(slug: str, code: str | None, username: str | None) -> tuple[Study, Site, User]:
    study = Study.objects.filter(slug=slug).first()
    if study is None:
        known = ", ".join(Study.objects.values_list("slug", flat=True)) or "none yet"
        raise CommandError(f"There is no study {slug}. Studies: {known}.")
    coordinators = User.objects.filter(
        memberships__study=study, memberships__role="coordinator", memberships__active=True
    )
    user = coordinators.filter(username=username).first() if username else coordinators.first()
    if user is None:
        raise CommandError("Name a coordinator of the study with --as.")
    try:
        sites = list(accessible_sites(require_coordinator(user, slug)))
    except StudyError as error:
        raise CommandError(error.message) from error
    chosen = [site for site in sites if code in (None, site.code)]
    if len(chosen) != 1:
        codes = ", ".join(site.code for site in sites) or "none yet: add one on the design page"
        raise CommandError(f"Name the site with --site. Sites: {codes}.")
    return study, chosen[0], user


def _take_in(path: Path, study: Study, site: Site, user: User) -> Iterator[Upload]:
    with path.open("rb") as file:
        yield from take_in_upload(
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
