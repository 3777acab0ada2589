"""The study that goes through the faults, and what they did to it."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import TypeVar

from django.conf import settings
from django.core.management import call_command
from django.db import Error, connections
from django.db.models import Count

from inference.phantom import generate
from inference.phantom.export import write_dicom
from inference.phantom.families import CLASSIC
from studies.audit.models import Event
from studies.cases.models import Case, Image
from studies.reports.models import ReportRun
from studies.sessions.models import Change, InterimLook, Reading, Score
from studies.storage.orphans import models_with_files
from tests.faults.people import Person, Reader, in_background
from tests.make import Cast

FILES_PER_FAULT = 3
Value = TypeVar("Value")


def prepare(readings: int) -> Cast:
    """A study whose two readers have many cases to read, and whose coordinator sees scores."""
    call_command("migrate", verbosity=0)
    cast = Cast(washout_days=0)
    cast.assign_cases(readings)
    InterimLook.objects.create(study=cast.study, by=cast.coordinator, reason="fault matrix")
    return cast


class Damage:
    """Work that is sent during each fault, and what is missing afterwards."""

    def __init__(self, cast: Cast, readers: list[Reader], port: int, uploads_port: int) -> None:
        self._cast = cast
        self._seed = 5000
        self._readers = readers
        self._coordinator = Person(cast.coordinator, uploads_port)
        self._reporter = Person(cast.coordinator, port)

    def wait_for_first_reading(self) -> None:
        while not any(reader.submitted for reader in self._readers):
            time.sleep(0.2)

    def make_files(self) -> list[bytes]:
        """Phantoms that were not sent yet."""
        self._seed += FILES_PER_FAULT
        return [_phantom(self._seed + number) for number in range(FILES_PER_FAULT)]

    def send_work(self, files: list[bytes]) -> list[Thread]:
        """Upload files and ask for a report, each in its own thread."""
        slug, site = self._cast.study.slug, self._cast.site.code

        def upload() -> None:
            for content in files:
                self._coordinator.upload(slug, site, "phantom.dcm", content)

        def ask_for_report() -> None:
            self._reporter.ask("POST", f"/api/v1/studies/{slug}/reports", {"again": True})

        return [in_background(upload), in_background(ask_for_report)]

    def slowest_s(self) -> float:
        """The slowest answer since this was last asked."""
        people = self._people
        slowest = max(person.slowest_s for person in people)
        for person in people:
            person.slowest_s = 0.0
        return slowest

    @property
    def _people(self) -> list[Person]:
        return [self._coordinator, self._reporter, *(reader.person for reader in self._readers)]

    def scores(self) -> list[int]:
        """How many scores of each reader were acknowledged."""
        return [len(reader.acknowledged) for reader in self._readers]

    def orphans(self) -> int:
        """Stored files that no row names."""
        return _asked(_orphans)

    def settled(self) -> bool:
        return not _asked(lambda: _unfinished_cases() + _unfinished_reports())

    def count(self) -> tuple[int, int, int, int, int]:
        """Scores acknowledged, lost and stored twice; cases and reports unfinished or failed."""
        acknowledged = {k: v for reader in self._readers for k, v in [*reader.acknowledged.items()]}
        stored, changes = _asked(_stored)
        lost = sum(stored.get(key, (None, 0))[0] != score for key, score in acknowledged.items())
        doubled = sum(version != 1 for _, version in stored.values())
        doubled += len(changes) - len(set(changes))
        failed = _asked(lambda: Case.objects.filter(state="failed").count())
        reports = _asked(lambda: ReportRun.objects.filter(state="failed").count())
        cases, runs = _asked(_unfinished_cases), _asked(_unfinished_reports)
        return len(acknowledged), lost, doubled, cases + failed, runs + reports

    def summary(self) -> str:
        refused = [line for reader in self._readers for line in reader.refused]
        return (
            f"{sum(reader.submitted for reader in self._readers)} readings submitted, "
            f"{_asked(Reading.objects.filter(state='submitted').count)} stored; "
            f"{_asked(Image.objects.count) - _asked(Case.objects.exclude(state='rejected').count)} "
            f"cases without image, {_asked(_orphans)} files without a row; "
            f"{_asked(_analysed_twice)} cases analysed twice, "
            f"{_asked(_reported_twice)} reports made twice; "
            f"{sum(person.server_errors for person in self._people)} answers of 500 or more; "
            f"refused: {refused or 'none'}"
        )


def _unfinished_cases() -> int:
    return int(Case.objects.unfinished().count())


def _unfinished_reports() -> int:
    return int(ReportRun.objects.unfinished().count())


def _analysed_twice() -> int:
    return int(Case.objects.annotate(sets=Count("landmark_sets")).filter(sets__gt=1).count())


def _reported_twice() -> int:
    reports = Event.objects.filter(action="report.made").values_list("subject", flat=True)
    return len(reports) - len(set(reports))


def _stored() -> tuple[dict[tuple[str, str], tuple[int | None, int]], list[tuple[str, str]]]:
    scores = Score.objects.values_list("reading_id", "cell", "score", "version")
    changes = Change.objects.values_list("reading_id", "kind")
    stored = {(str(pk), cell): (score, version) for pk, cell, score, version in scores}
    return stored, [(str(pk), kind) for pk, kind in changes]


def _orphans() -> int:
    named: set[str] = set()
    for model, fields in models_with_files():
        for row in model._default_manager.values_list(*(field.name for field in fields)):
            named |= set(row)
    root = Path(settings.STORAGE)
    files = {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}
    return len(files - named)


def _asked(query: Callable[[], Value]) -> Value:
    """Ask until the database answers: it may be the part that is starting again."""
    while True:
        try:
            return query()
        except Error:
            connections.close_all()
            time.sleep(0.5)


def _phantom(seed: int) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "phantom.dcm"
        write_dicom(generate(seed, family=CLASSIC, partial=0.0, odd_count=0.0), path)
        return path.read_bytes()
