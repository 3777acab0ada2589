"""Create the two demonstration studies from phantoms, through the same upload path as users."""

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
from inference.phantom.families import CLASSIC
from studies.analytics.study.disagreements.selection import SelectionRules
from studies.audit.record import record
from studies.cases.landmarks.corrections import accept_level_labels
from studies.cases.models import Case
from studies.cases.review import release_case
from studies.cases.tasks import locate_landmarks_task
from studies.cases.upload.ingest import ingest_file
from studies.demonstration.correspondence import (
    add_messages_of_finished_study,
    add_messages_of_open_study,
    add_review_notes,
)
from studies.demonstration.instructions import GUIDED_INSTRUCTIONS, INSTRUCTIONS
from studies.demonstration.simulated_readers import simulate_reading
from studies.practice.instructions.versions import save_instructions
from studies.practice.practice_set import add_phantoms
from studies.protocol.design import add_site
from studies.protocol.models import Site, Study
from studies.readers.members import add_member, create_study_with_coordinator
from studies.readers.models import Membership, Role, User
from studies.reports.reference_standard import save_reference_grades
from studies.review.adjudication.rounds import start_round
from studies.sessions.models import Reading, ReadingSession, Score, SessionInterval
from studies.sessions.study_lifecycle import assign_cases, lock_study, open_study

WriteLine = Callable[[str], None]
CASES = 24
# Added to the perceived fraction of a wall, one per reader: see `simulated_readers`.
LENIENCY = (-0.03, 0.0, 0.02, 0.05)
# Start of each period in days before today: 35 days apart, which covers the washout of 28 days.
READ_PERIODS_DAYS_AGO = {1: 75, 2: 40}
MEAN_IDLE_MS = 20_000
PRACTICE_PHANTOMS = 6
PAUSE_BETWEEN_READINGS = timedelta(seconds=20)
READINGS_PER_SESSION = 8
BETWEEN_SESSIONS = timedelta(hours=20)


def create_finished_study(
    *,
    coordinator: User,
    readers: list[User],
    statistician: User,
    adjudicator: User,
    write: WriteLine,
) -> Study:
    """Create a locked study, read by simulated readers, with agreement and cases to adjudicate."""
    study, sites = _create_study(
        coordinator,
        name="Finished demonstration: do guides help?",
        description="24 phantoms read by four simulated readers. No person has read them.",
        readers_per_case=4,
        washout_days=28,
        seed=20261,
        simulated=True,
    )
    for number, user in enumerate(readers):
        add_member(study=study, user=user, role=Role.READER, site=sites[number % 2])
    add_member(study=study, user=statistician, role=Role.STATISTICIAN)
    add_member(study=study, user=adjudicator, role=Role.ADJUDICATOR)
    grades = _add_phantoms(study, sites, coordinator, first_seed=910_000, write=write)
    for case in Case.objects.filter(study=study).with_uncertain_levels():
        accept_level_labels(case=case, actor=coordinator)
    assign_cases(study=study, by=coordinator)
    open_study(study=study, by=coordinator)
    save_reference_grades(study=study, grades=grades, source="generated phantoms")
    _simulate_readings(study, grades)
    add_messages_of_finished_study(study)
    study = lock_study(study=study, by=coordinator)
    add_review_notes(study)
    start_round(
        study=study,
        by=study.memberships.get(role=Role.COORDINATOR),
        arm="unguided",
        rules=SelectionRules(group_differs=True, cell_differs_by=2),
    )
    return study


def create_open_study(
    *, coordinator: User, readers: list[User], statistician: User, write: WriteLine
) -> Study:
    """Create an open study for visitors to read, without a washout."""
    study, sites = _create_study(
        coordinator,
        name="Open demonstration",
        description="24 phantoms for you to read. Without a washout, period 2 follows immediately.",
        readers_per_case=2,
        washout_days=0,
        seed=20262,
        simulated=False,
    )
    for number, user in enumerate(readers):
        add_member(study=study, user=user, role=Role.READER, site=sites[number % 2])
    add_member(study=study, user=statistician, role=Role.STATISTICIAN)
    _add_phantoms(study, sites, coordinator, first_seed=920_000, write=write)
    save_instructions(
        study=study, by=coordinator, text=INSTRUCTIONS, arm_texts={"guided": GUIDED_INSTRUCTIONS}
    )
    add_phantoms(study=study, by=coordinator, number=PRACTICE_PHANTOMS)
    assign_cases(study=study, by=coordinator)
    add_messages_of_open_study(study)
    return open_study(study=study, by=coordinator)


def _create_study(
    coordinator: User, *, simulated: bool, **design: Any
) -> tuple[Study, tuple[Site, Site]]:
    study = create_study_with_coordinator(by=coordinator, arms=["unguided", "guided"], **design)
    # Not settable in a form: pages and reports mark these studies as demonstrations.
    study.demonstration, study.simulated = True, simulated
    study.save(update_fields=["demonstration", "simulated"])
    north = add_site(study=study, actor=coordinator, code="NORTH", name="North Hospital")
    south = add_site(study=study, actor=coordinator, code="SOUTH", name="South Clinic")
    return study, (north, south)


def _add_phantoms(
    study: Study, sites: tuple[Site, Site], coordinator: User, *, first_seed: int, write: WriteLine
) -> Mapping[Any, Mapping[str, int]]:
    """Upload phantoms as DICOM files and analyse them; return the reference grades by case."""
    grades: dict[Any, Mapping[str, int]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for number in range(CASES):
            phantom = generate(first_seed + number, family=CLASSIC)
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
                raise RuntimeError(f"A phantom was rejected: {upload.reason_text}")
            grades[upload.case.pk] = phantom.truth["aac24"]
            upload.delete()
            _analyse(upload.case, coordinator)
            write(f"{study.name}: {number + 1} of {CASES} phantoms uploaded and analysed")
    return grades


def _analyse(case: Case, coordinator: User) -> None:
    """Release the case, locate its landmarks, and release it again if the view is uncertain."""
    if case.state == Case.State.PENDING_REVIEW:
        release_case(case=case, actor=coordinator)
    locate_landmarks_task(str(case.pk))
    case.refresh_from_db()
    if case.state == Case.State.PENDING_REVIEW:
        release_case(case=case, actor=coordinator)


@transaction.atomic
def _simulate_readings(study: Study, grades: Mapping[Any, Mapping[str, int]]) -> None:
    # Seeded, so that every installation shows the same results.
    rng = np.random.default_rng(study.seed)
    now = timezone.now()
    for number, reader in enumerate(study.memberships.filter(role=Role.READER)):
        leniency = LENIENCY[number % len(LENIENCY)]
        for reading_list in reader.reading_lists.order_by("period"):
            time = now - timedelta(days=READ_PERIODS_DAYS_AGO[reading_list.period])
            readings = list(reading_list.readings.order_by("position"))
            for start in range(0, len(readings), READINGS_PER_SESSION):
                part = readings[start : start + READINGS_PER_SESSION]
                for reading in part:
                    time = _simulate_one(reading, grades[reading.case_id], leniency, time, rng)
                _add_session(reader, part)
                time += BETWEEN_SESSIONS
    record("readings.simulated", study=study)


def _simulate_one(
    reading: Reading,
    truth: Mapping[str, int],
    leniency: float,
    opened_at: datetime,
    rng: np.random.Generator,
) -> datetime:
    """Store a simulated reading; return when the next one is opened."""
    result = simulate_reading(truth, reading.arm, leniency, rng)
    idle_ms = int(rng.exponential(MEAN_IDLE_MS))
    reading.opened_at = opened_at
    reading.submitted_at = opened_at + timedelta(milliseconds=result.active_ms + idle_ms)
    reading.active_ms, reading.idle_ms = result.active_ms, idle_ms
    # In the guided arm the simulated reader shows the guides all the time.
    reading.guides_ms = result.active_ms if reading.arm == "guided" else 0
    reading.state, reading.simulated = Reading.State.SUBMITTED, True
    reading.save()
    Score.objects.bulk_create(
        Score(reading=reading, cell=cell, score=score, validity=result.validity[cell])
        for cell, score in result.scores.items()
    )
    return reading.submitted_at + PAUSE_BETWEEN_READINGS


def _add_session(reader: Membership, readings: list[Reading]) -> None:
    """Store the session of consecutive simulated readings, ended by signing out."""
    started_at, ended_at = readings[0].opened_at, readings[-1].submitted_at
    if started_at is None or ended_at is None:
        raise RuntimeError("A simulated reading has no times.")
    session = ReadingSession.objects.create(
        reader=reader,
        number=reader.reading_sessions.count() + 1,
        started_at=started_at,
        last_activity_at=ended_at,
        ended_at=ended_at,
        ended_by=ReadingSession.End.SIGN_OUT,
    )
    SessionInterval.objects.bulk_create(
        SessionInterval(
            session=session,
            reading=reading,
            position=position,
            started_at=reading.opened_at or started_at,
            submitted_at=reading.submitted_at,
            active_ms=reading.active_ms,
            idle_ms=reading.idle_ms,
            guides_ms=reading.guides_ms,
        )
        for position, reading in enumerate(readings, start=1)
    )
