"""Command that exports landmarks for training and evaluation."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from studies.cases.landmarks.export import WRITERS, export_landmarks
from studies.errors import StudyError, storage_message
from studies.protocol.models import Study
from studies.storage.files import StorageUnavailable


class Command(BaseCommand):
    help = (
        "Export a study's landmarks, with the origin of each, and its de-identified images for "
        "training and evaluation. Cases whose level labelling is uncertain are left out. "
        "Patients and the people who made corrections appear under their labels in the study."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--study", required=True, help="short name of the study")
        parser.add_argument("--out", required=True, type=Path, metavar="DIR", help="new folder")
        parser.add_argument(
            "--only-corrected",
            action="store_true",
            help="leave out landmarks without corrections",
        )
        parser.add_argument("--format", choices=[*WRITERS, "both"], default="both")

    def handle(self, *args: Any, **options: Any) -> None:
        slug, file_format = options["study"], options["format"]
        study = Study.objects.filter(slug=slug).first()
        if study is None:
            known = ", ".join(Study.objects.values_list("slug", flat=True)) or "none yet"
            raise CommandError(f"There is no study {slug}. Existing studies: {known}.")
        try:
            summary = export_landmarks(
                study=study,
                folder=options["out"],
                formats=list(WRITERS) if file_format == "both" else [file_format],
                only_corrected=options["only_corrected"],
            )
        except StudyError as error:
            raise CommandError(error.message) from error
        except StorageUnavailable as error:
            raise CommandError(storage_message(error)) from error
        left_out = f"{summary.uncertain} with uncertain level labelling"
        if summary.corrected_uncertain:
            labels = ", ".join(summary.corrected_uncertain)
            left_out += f" (of these, {labels} were corrected: accept their level labels first)"
        if options["only_corrected"]:
            left_out += f", {summary.not_corrected} not corrected"
        exported = f"{summary.cases} cases exported to {options['out']}"
        self.stdout.write(f"{exported}; left out: {left_out}.")
