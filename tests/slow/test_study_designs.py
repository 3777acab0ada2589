"""Whole studies of each design, through the API to the report, against independent computations."""

from __future__ import annotations

import html
import random
import re
from datetime import timedelta
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from django.db.models import F
from django.utils import timezone
from sklearn.metrics import cohen_kappa_score

from studies.analytics.scale import CELLS
from studies.readers.members import set_active
from studies.reports.document.methods.paragraphs import methods
from studies.reports.models import ReportRun
from studies.reports.snapshot import current_snapshot
from studies.reports.tasks import make_report_task
from studies.sessions.assignment.reassignment import reassign_cases
from studies.sessions.export import tidy_rows
from studies.sessions.models import Reading, Score
from studies.sessions.study_lifecycle import assign_cases, lock_study, open_study
from tests.cases.landmarks.corrected_arms import CORRECTED_ARMS, confirm_case, corrected_case
from tests.make import Cast, make_case, make_reader
from tests.sessions.reading_room import Room

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
THREE = ["unguided", "guided", "measured"]
Grades = dict[tuple[str, str, str, int], list[int]]
"""Grades of the cells by reader, case, arm and replicate, as the readers of a test entered them."""


class Reader(Room):
    """A reader who enters grades at random, and remembers them."""

    def __init__(self, client: Any, slug: str, label: str, entered: Grades) -> None:
        super().__init__(client, slug)
        self.label, self.entered = label, entered
        self.random = random.Random(label)

    def read_one(self) -> Reading:
        pk = self.open()
        reading = Reading.objects.select_related("reading_list", "case").get(pk=pk)
        truth = random.Random(reading.case.label)
        versions = dict(Score.objects.filter(reading=pk).values_list("cell", "version"))
        slip = 0.1 if reading.arm == "guided" else 0.4
        grades = []
        for cell in CELLS:
            grade = truth.randrange(4)
            if self.random.random() < slip:
                grade = self.random.randrange(4)
            grades.append(grade)
            answer = self.put(pk, cell, score=grade, version=versions.get(cell, 0))
            assert answer.status_code == 200, answer.content
        assert self.submit(pk).status_code == 200
        key = (self.label, reading.case.label, reading.arm, reading.replicate)
        self.entered[key] = grades
        return reading

    def read_all(self, *, most: int | None = None) -> int:
        """Read until nothing is left now; return the number of readings."""
        count = 0
        while (most is None or count < most) and self.status()["current"] is not None:
            self.read_one()
            count += 1
        return count


def readers_of(cast: Cast, client_of: Any, entered: Grades) -> list[Reader]:
    members = cast.study.memberships.filter(role="reader", active=True).order_by("label")
    return [Reader(client_of(m.user), cast.study.slug, m.label, entered) for m in members]


def let_time_pass(days: int) -> None:
    Reading.objects.filter(opened_at__isnull=False).update(
        opened_at=F("opened_at") - timedelta(days=days),
        submitted_at=F("submitted_at") - timedelta(days=days),
    )


def pair_kappa(entered: Grades, arm: str, first: str, second: str) -> float | None:
    """Return the linear kappa of the pooled cells, replicate 1 alone; None below two cases."""
    cases = [
        case
        for reader, case, name, replicate in entered
        if (reader, name, replicate) == (first, arm, 1) and (second, case, arm, 1) in entered
    ]
    if len(cases) < 2:
        return None
    sides = (
        np.concatenate([entered[reader, case, arm, 1] for case in cases])
        for reader in (first, second)
    )
    return float(cohen_kappa_score(*sides, labels=range(4), weights="linear"))


def mean_kappa(entered: Grades, arm: str) -> float:
    """Return the mean of the kappas over the pairs of readers."""
    readers = sorted({reader for reader, _, _, _ in entered})
    kappas = [pair_kappa(entered, arm, *pair) for pair in combinations(readers, 2)]
    return float(np.mean([kappa for kappa in kappas if kappa is not None]))


def mean_result(results: Any, statistic: str, **more: Any) -> float:
    matching = [
        result
        for result in results.find(statistic, outcome="cells", weights="linear")
        if all(result.more.get(name) == value for name, value in more.items())
    ]
    assert len(matching) == 1, matching
    return matching[0].estimate.value


def test_sequential_study_with_hidden_repeats_agrees_with_an_independent_computation(client_of):
    cast = Cast(design="sequential", hidden_repeats=2, repeat_after_readings=5)
    make_reader(cast.study, cast.site, "rosa")
    cast.assign_cases(9)
    entered: Grades = {}
    for reader in readers_of(cast, client_of, entered):
        # Six cases of each reader, two of them twice, each in both arms.
        assert reader.read_all() == 16
        assert reader.status()["waiting"]["code"] == "done"
    lock_study(study=cast.study, by=cast.coordinator)
    snapshot = current_snapshot(cast.study)
    assert (snapshot.table.replicate == 2).sum() == 12
    unguided, guided = mean_kappa(entered, "unguided"), mean_kappa(entered, "guided")
    difference = mean_result(snapshot.results, "mean_kappa_difference")
    assert difference == pytest.approx(guided - unguided, abs=1e-12)
    assert not list(snapshot.results.find("period_effect"))
    text = methods_text(snapshot)
    assert "Sequential study: each reader read a case unguided" in text
    assert "not estimable" in text


def test_williams_study_of_three_arms_with_a_late_batch_in_period_2(client_of):
    cast = Cast(arms=THREE, washout_days=7, primary_arm="guided", comparator_arm="unguided")
    make_reader(cast.study, cast.site, "rosa")
    cast.assign_cases(6)
    entered: Grades = {}
    readers = readers_of(cast, client_of, entered)
    for reader in readers:
        assert reader.read_all() == 4
    let_time_pass(8)
    # All readers are in period 2 when further cases arrive.
    for reader in readers:
        assert reader.read_all(most=1) == 1
    for _ in range(3):
        make_case(cast.study, cast.site)
    assign_cases(study=cast.study, by=cast.coordinator)
    for _ in range(6):
        for reader in readers:
            reader.read_all()
        let_time_pass(8)
    assert not Reading.objects.exclude(state="submitted").exists()
    assert len(entered) == Reading.objects.count() == 3 * 2 * 9
    lock_study(study=cast.study, by=cast.coordinator)
    snapshot = current_snapshot(cast.study)
    kappas = {arm: mean_kappa(entered, arm) for arm in THREE}
    contrasts = list(
        snapshot.results.find("mean_kappa_contrast", outcome="cells", weights="linear")
    )
    assert len(contrasts) == 3
    for contrast in contrasts:
        first, second = contrast.more["arms"]
        expected = kappas[first] - kappas[second]
        assert contrast.estimate.value == pytest.approx(expected, abs=1e-12)
    primary = [r for r in snapshot.results.find("mean_kappa_contrast") if r.more["primary"]]
    assert {tuple(r.more["arms"]) for r in primary} == {("guided", "unguided")}
    assert "the difference, guided minus unguided" in methods_text(snapshot)


def test_drop_out_whose_cases_are_read_by_another_reader(client_of):
    cast = Cast(design="sequential", readers_per_case=2)
    third = make_reader(cast.study, cast.site, "rosa")
    cast.assign_cases(6)
    entered: Grades = {}
    readers = {reader.label: reader for reader in readers_of(cast, client_of, entered)}
    # Leaves after the first reading of a case, whose second reading is lost.
    assert readers[third.label].read_all(most=3) == 3
    set_active(membership=third, active=False, by=cast.coordinator)
    done = reassign_cases(
        study=cast.study, reader=third.label, to=cast.reader.label, by=cast.coordinator
    )
    assert done.cases > 0
    for label in (cast.reader.label, cast.other_reader.label):
        readers[label].read_all()
    left = Reading.objects.exclude(state="submitted").exclude(reading_list__reader=third)
    assert not left.exists()
    lock_study(study=cast.study, by=cast.coordinator)
    assert third.label in {reader for reader, _, _, _ in entered}
    report_agrees_after_drop_out(cast, entered, f"of reader {third.label} reassigned to")


def test_drop_out_whose_cases_are_divided_within_strata_among_all_readers(client_of):
    cast = Cast(readers_per_case=2, washout_days=7, stratified=True)
    third = make_reader(cast.study, cast.site, "rosa")
    make_reader(cast.study, cast.site, "sam")
    for number, case in enumerate(cast.assign_cases(12)):
        case.scanner = ("Hologic Horizon", "GE Lunar iDXA")[number % 2]
        case.save(update_fields=["scanner"])
    entered: Grades = {}
    readers = {reader.label: reader for reader in readers_of(cast, client_of, entered)}
    # One case is read in the first period only.
    assert readers[third.label].read_all(most=1) == 1
    set_active(membership=third, active=False, by=cast.coordinator)
    done = reassign_cases(study=cast.study, reader=third.label, to="all", by=cast.coordinator)
    assert done.cases == 6
    for _ in range(4):
        for label, reader in readers.items():
            if label != third.label:
                reader.read_all()
        let_time_pass(8)
    assert not Reading.objects.exclude(state="submitted").exists()
    lock_study(study=cast.study, by=cast.coordinator)
    report_agrees_after_drop_out(cast, entered, f"6 cases of reader {third.label} reassigned to R0")


def report_agrees_after_drop_out(cast: Cast, entered: Grades, event: str) -> None:
    """Check the kappas of a finished report, and that it states the reassignment."""
    snapshot = current_snapshot(cast.study)
    assert set(snapshot.table.readers) == {reader for reader, _, _, _ in entered}
    kappas = {arm: mean_kappa(entered, arm) for arm in ("unguided", "guided")}
    for result in snapshot.results.find("light_kappa", outcome="cells", weights="linear"):
        assert result.estimate.value == pytest.approx(kappas[result.arm], abs=1e-12)
    pairs = snapshot.results.find("cohen_kappa", outcome="cells", weights="linear")
    compared = 0
    for result in pairs:
        expected = pair_kappa(entered, result.arm, *result.readers)
        assert (result.estimate.value is None) == (expected is None)
        if expected is not None:
            assert result.estimate.value == pytest.approx(expected, abs=1e-12)
            compared += 1
    assert compared > 2
    run = ReportRun.objects.create(
        study=cast.study, by=cast.coordinator, snapshot_at=cast.study.locked_at or timezone.now()
    )
    make_report_task(str(run.pk))
    run.refresh_from_db()
    assert run.state == "done", run.failure
    with run.page.open() as file:
        page = file.read().decode()
    text = " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())
    assert event in text
    assert f"{kappas['guided']:.2f}" in text
    assert f"{kappas['unguided']:.2f}" in text


def test_guides_of_the_network_and_of_corrections_to_the_report(client_of):
    cast = Cast(arms=CORRECTED_ARMS, readers_per_case=2, washout_days=0)
    for _ in range(5):
        corrected_case(cast)
    confirm_case(make_case(cast.study, cast.site), cast.coordinator)
    assign_cases(study=cast.study, by=cast.coordinator)
    open_study(study=cast.study, by=cast.coordinator)
    entered: Grades = {}
    for reader in readers_of(cast, client_of, entered):
        assert reader.read_all() == 3 * 6
    lock_study(study=cast.study, by=cast.coordinator)
    snapshot = current_snapshot(cast.study)
    assert snapshot.table.arms == tuple(CORRECTED_ARMS)
    kappas = {arm: mean_kappa(entered, arm) for arm in CORRECTED_ARMS}
    contrasts = list(
        snapshot.results.find("mean_kappa_contrast", outcome="cells", weights="linear")
    )
    assert len(contrasts) == 3
    for contrast in contrasts:
        first, second = contrast.more["arms"]
        expected = kappas[first] - kappas[second]
        assert contrast.estimate.value == pytest.approx(expected, abs=1e-12)
    text = methods_text(snapshot)
    assert "the difference, guided corrected minus unguided" in text
    assert "those of 5 cases were corrected, and those of 1 case were confirmed" in text
    versions = {
        (row["arm"], row["landmark_set"].rsplit("-v", 1)[1]) for row in tidy_rows(cast.study)
    }
    # The confirmed case has one version only.
    assert versions == {
        *(("unguided", "1"), ("unguided", "2"), ("guided", "1")),
        *(("guided corrected", "1"), ("guided corrected", "2")),
    }


def methods_text(snapshot: Any) -> str:
    paragraphs = methods(snapshot.summary, snapshot.table, snapshot.results)
    return " ".join(text for _, text in paragraphs)
