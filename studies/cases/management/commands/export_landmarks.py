from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from studies.cases.landmarks.export import WRITERS, export_landmarks
from studies.errors import StudyError, storage_sentence
from studies.protocol.models import Study
from studies.storage.files import StorageAway


class Command(BaseCommand):
    help = (
        "Write a study's landmarks, with the origin of each, and its de-identified images, for "
        "training and evaluation. Cases whose levels are in doubt are left out. Patients and the "
        "people who corrected bear their codes in the study, no names."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--study", required=True, help="the study's short name")
        parser.add_argument("--out", required=True, type=Path, metavar="DIR", help="a new folder")
        parser.add_argument(
            "--only-corrected", action="store_true", help="leave out what the network found alone"
        )
        parser.add_argument("--format", choices=[*WRITERS, "both"], default="both")

    def handle(self, *args: Any, **options: Any) -> None:
        slug, chosen = options["study"], options["format"]
        study = Study.objects.filter(slug=slug).first()
        if study is None:
            known = ", ".join(Study.objects.values_list("slug", flat=True)) or "none yet"
            raise CommandError(f"There is no study {slug}. Studies: {known}.")
        try:
            told = export_landmarks(
                study=study,
                folder=options["out"],
                formats=list(WRITERS) if chosen == "both" else [chosen],
                only_corrected=options["only_corrected"],
            )
        except StudyError as error:
            raise CommandError(error.message) from error
        except StorageAway as error:
            raise CommandError(storage_sentence(error)) from error
        left_out = f"{told.in_doubt} with levels in doubt"
        if told.corrected_in_doubt:
            labels = ", ".join(told.corrected_in_doubt)
            left_out += f" (corrected are {labels}: accept their level names in the case review)"
        if options["only_corrected"]:
            left_out += f", {told.not_corrected} that nobody corrected"
        self.stdout.write(f"{told.cases} cases written to {options['out']}; left out: {left_out}.")
