"""Migrations that change rows, on a database that the version before them has filled."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from studies.cases.models import Case
from studies.practice.instructions.versions import acknowledge, save_instructions
from studies.practice.models import PracticeReading
from studies.practice.practice_set import add_phantoms
from studies.protocol.models import Study
from studies.readers.models import Membership
from studies.reports.models import ReportRun
from studies.sessions.queue import waiting_for_instructions
from studies.sessions.study_lifecycle import assign_cases, lock_study, open_study, pause_study
from tests.cases.test_review_code_migration import migrate
from tests.make import Cast, make_case, make_reader, make_site, make_study

BEFORE = [
    ("practice", "0001_initial"),
    ("cases", "0011_practice"),
    ("reports", "0007_reference_grades"),
    ("readers", "0005_certification"),
    ("protocol", "0008_revisions"),
]


def write_instructions(cast: Cast) -> None:
    """Write two versions; one reader has acknowledged the first, the other one both."""
    for version, text in enumerate(("Read this.", "Read this as well."), start=1):
        arm_texts = {"guided": "The guides may be wrong."}
        save_instructions(study=cast.study, by=cast.coordinator, text=text, arm_texts=arm_texts)
        for reader in (cast.reader, cast.other_reader)[version - 1 :]:
            for part in ("study", "guided"):
                acknowledge(reader=reader, version=version, part=part)


def make_studies_of_every_state(cast: Cast) -> dict[str, int]:
    """Return the studies by state; "assigned" is a draft whose cases are assigned."""
    studies = {}
    for state in ("draft", "assigned", "open", "paused", "locked"):
        study = make_study(cast.coordinator, name=f"A {state} study")
        site = make_site(study)
        for name in ("rika", "rune"):
            make_reader(study, site, f"{name} {state}")
        make_case(study, site)
        if state != "draft":
            assign_cases(study=study, by=cast.coordinator)
        if state in {"open", "paused", "locked"}:
            study = open_study(study=study, by=cast.coordinator)
        if state in {"paused", "locked"}:
            {"paused": pause_study, "locked": lock_study}[state](study=study, by=cast.coordinator)
        studies[state] = study.pk
    return studies


def fill_before(old: Any, cast: Cast) -> None:
    """Store with the models of the version before what only readers store."""
    now = timezone.now()
    started = old.get_model("practice", "PracticeRound").objects.create(
        reader_id=cast.reader.pk, kind="practice", number=1, arm="guided"
    )
    cases = old.get_model("practice", "PracticeCase").objects.order_by("number")
    readings = old.get_model("practice", "PracticeReading").objects
    shared = {"round": started, "opened_at": now}
    readings.create(**shared, practice_case=cases[0], position=1, state="submitted",
                    submitted_at=now)  # fmt: skip
    readings.create(**shared, practice_case=cases[1], position=2, state="open")


def columns(table: str) -> set[str]:
    with connection.cursor() as cursor:
        return {row.name for row in connection.introspection.get_table_description(cursor, table)}


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_rows_of_the_version_before_keep_their_meaning(cast: Cast) -> None:
    write_instructions(cast)
    add_phantoms(study=cast.study, by=cast.coordinator, number=2)
    studies = make_studies_of_every_state(cast)
    pending = make_case(cast.study, cast.site, state="pending_review")
    Case.objects.filter(pk=pending.pk).update(reason_code="view_uncertain")
    uncertain = make_case(
        cast.study, cast.site, uncertainty={"code": "faint", "text": "L5 is faint"}
    )
    taken_at = timezone.now() - timedelta(days=3)
    ReportRun.objects.create(
        study=cast.study, by=cast.coordinator, snapshot_at=taken_at, state="failed", failure="full"
    )
    parts = list(Study.objects.order_by("pk").values_list("pk", "instruction_parts"))
    acknowledged = list(Membership.objects.order_by("pk").values_list("pk", "acknowledged_parts"))
    try:
        old = migrate(BEFORE)
        assert {"instruction_parts", "minimum_image_px"}.isdisjoint(columns("protocol_study"))
        assert "acknowledged_parts" not in columns("readers_membership")
        cases = old.get_model("cases", "Case").objects
        assert cases.get(pk=pending.pk).reason_code == "view_doubtful"
        fill_before(old, cast)
    finally:
        migrate()

    assert list(Study.objects.order_by("pk").values_list("pk", "instruction_parts")) == parts
    now = list(Membership.objects.order_by("pk").values_list("pk", "acknowledged_parts"))
    assert now == acknowledged
    waiting = waiting_for_instructions(Membership.objects.get(pk=cast.reader.pk), "guided")
    assert waiting is not None and waiting.parts == ("study", "guided")
    assert (
        waiting_for_instructions(Membership.objects.get(pk=cast.other_reader.pk), "guided") is None
    )

    readings = PracticeReading.objects.order_by("position")
    assert [reading.feedback_seen_at is not None for reading in readings] == [True, False]
    assert readings[0].feedback_seen_at == readings[0].submitted_at

    least = {state: Study.objects.get(pk=pk).minimum_image_px for state, pk in studies.items()}
    assert least == {"draft": 500, "assigned": 0, "open": 0, "paused": 0, "locked": 0}
    checks = Study.objects.values_list("display_check", flat=True)
    assert set(checks) == {"off"}

    assert Case.objects.get(pk=pending.pk).reason_code == "view_uncertain"
    landmarks = Case.objects.get(pk=uncertain.pk).landmark_set
    assert landmarks is not None and landmarks.level_uncertainty["code"] == "faint"
    assert ReportRun.objects.get().snapshot_at == taken_at
