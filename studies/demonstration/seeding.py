"""The two demonstration studies, made of phantoms through the upload path of every user."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from django.db import transaction
from django.utils import timezone

from inference.phantom import generate
from inference.phantom.export import write_dicom
from studies.audit.record import record
from studies.cases.landmarks.sets import accept_level_labels
from studies.cases.models import Case
from studies.cases.review import release_case
from studies.cases.tasks import locate_landmarks_task
from studies.cases.upload.ingest import ingest_file
from studies.demonstration.simulated_readers import simulate_reading
from studies.protocol.design import add_site
from studies.protocol.models import Site, Study
from studies.readers.members import add_member
from studies.readers.models import Role, User
from studies.readers.study_creation import create_study_with_coordinator
from studies.reports.reference_standard import save_reference_grades
from studies.sessions.models import Reading, Score
from studies.sessions.study_lifecycle import deal_lists, lock_study, open_study

Say = Callable[[str], None]
CASES = 24
LENIENCY = (-0.03, 0.0, 0.02, 0.05)
READ_PERIODS_DAYS_AGO = {1: 75, 2: 40}


def make_finished_study(
    *, coordinator: User, readers: list[User], statistician: User, say: Say
) -> Study:
    """A locked study that simulated readers have read, so that the agreement has something."""
    study, sites = _found(
        coordinator,
        name="Finished demonstration: do guides help?",
        description="24 phantoms, read by four simulated readers. No person read anything here.",
        readers_per_case=4,
        washout_days=28,
        seed=20261,
        simulated=True,
    )
    for number, user in enumerate(readers):
        add_member(study=study, user=user, role=Role.READER, site=sites[number % 2])
    add_member(study=study, user=statistician, role=Role.STATISTICIAN)
    truths = _add_phantoms(study, sites, coordinator, first_seed=910_000, say=say)
    for case in Case.objects.filter(study=study).with_uncertain_levels():
        accept_level_labels(case=case, actor=coordinator)
    deal_lists(study=study, by=coordinator)
    open_study(study=study, by=coordinator)
    save_reference_grades(study=study, grades=truths, source="phantoms, as they were drawn")
    _read_by_simulation(study, truths)
    return lock_study(study=study, by=coordinator)


def make_open_study(
    *, coordinator: User, readers: list[User], statistician: User, say: Say
) -> Study:
    """A study that waits for the visitor, with no washout."""
    study, sites = _found(
        coordinator,
        name="Open demonstration",
        description="24 phantoms for you to read. The second pass opens at once: washout 0.",
        readers_per_case=2,
        washout_days=0,
        seed=20262,
        simulated=False,
    )
    for number, user in enumerate(readers):
        add_member(study=study, user=user, role=Role.READER, site=sites[number % 2])
    add_member(study=study, user=statistician, role=Role.STATISTICIAN)
    _add_phantoms(study, sites, coordinator, first_seed=920_000, say=say)
    deal_lists(study=study, by=coordinator)
    return open_study(study=study, by=coordinator)


def _found(coordinator: User, *, simulated: bool, **design: Any) -> tuple[Study, tuple[Site, Site]]:
    study = create_study_with_coordinator(by=coordinator, arms=["unguided", "guided"], **design)
    study.demonstration, study.simulated = True, simulated
    study.save(update_fields=["demonstration", "simulated"])
    north = add_site(study=study, actor=coordinator, code="NORTH", name="North Hospital")
    south = add_site(study=study, actor=coordinator, code="SOUTH", name="South Clinic")
    return study, (north, south)


def _add_phantoms(
    study: Study, sites: tuple[Site, Site], coordinator: User, *, first_seed: int, say: Say
) -> Mapping[Any, Mapping[str, int]]:
    """Write phantoms as DICOM files and take them in; returns the true grades by case."""
    truths: dict[Any, Mapping[str, int]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for number in range(CASES):
            phantom = generate(first_seed + number)
            path = Path(folder) / f"phantom-{number:02d}.dcm"
            write_dicom(phantom, path)
            upload = ingest_file(
                study=study,
                site=sites[number % 2],
                data=path.read_bytes(),
                name=path.name,
                uploader=coordinator,
            )
            if upload.case is None:
                raise RuntimeError(f"A phantom was refused: {upload.reason_text}")
            truths[upload.case.pk] = phantom.truth["aac24"]
            upload.delete()
            _analyse(upload.case, coordinator)
            say(f"{study.name}: {number + 1} of {CASES} phantoms uploaded and analysed")
    return truths


def _analyse(case: Case, coordinator: User) -> None:
    if case.state == Case.State.PENDING_REVIEW:
        release_case(case=case, actor=coordinator)
    locate_landmarks_task(str(case.pk))
    case.refresh_from_db()
    if case.state == Case.State.PENDING_REVIEW:
        release_case(case=case, actor=coordinator)


@transaction.atomic
def _read_by_simulation(study: Study, truths: Mapping[Any, Mapping[str, int]]) -> None:
    rng = np.random.default_rng(study.seed)
    now = timezone.now()
    for number, reader in enumerate(study.memberships.filter(role=Role.READER)):
        leniency = LENIENCY[number % len(LENIENCY)]
        for reading_list in reader.reading_lists.order_by("period"):
            at = now - timedelta(days=READ_PERIODS_DAYS_AGO[reading_list.period])
            for reading in reading_list.readings.order_by("position"):
                at = _read_one(reading, truths[reading.case_id], leniency, at, rng)
    record("readings.simulated", study=study)


def _read_one(
    reading: Reading,
    truth: Mapping[str, int],
    leniency: float,
    at: datetime,
    rng: np.random.Generator,
) -> datetime:
    done = simulate_reading(truth, reading.arm, leniency, rng)
    idle_ms = int(rng.exponential(20_000))
    reading.opened_at = at
    reading.submitted_at = at + timedelta(milliseconds=done.active_ms + idle_ms)
    reading.active_ms, reading.idle_ms = done.active_ms, idle_ms
    reading.guides_ms = done.active_ms if reading.arm == "guided" else 0
    reading.state, reading.simulated = Reading.State.SUBMITTED, True
    reading.save()
    Score.objects.bulk_create(
        Score(reading=reading, cell=cell, score=score, validity=done.validity[cell])
        for cell, score in done.scores.items()
    )
    return reading.submitted_at + timedelta(seconds=20)
