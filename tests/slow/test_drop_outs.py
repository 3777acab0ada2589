"""Studies in which a reader drops out, through the API to the report."""

from __future__ import annotations

import pytest

from studies.readers.members import set_active
from studies.reports.snapshot import current_snapshot
from studies.sessions.assignment.reassignment import reassign_cases
from studies.sessions.models import Reading
from studies.sessions.study_lifecycle import lock_study
from tests.make import Cast, make_reader
from tests.slow.whole_study import (
    Grades,
    Report,
    let_time_pass,
    mean_kappa,
    pair_kappa,
    readers_of,
)

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


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
    report_agrees_after_drop_out(
        cast, entered, f"of reader {third.label} reassigned to", done.cases
    )


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
    event = f"6 cases of reader {third.label} reassigned to R0"
    report_agrees_after_drop_out(cast, entered, event, done.cases)


def report_agrees_after_drop_out(cast: Cast, entered: Grades, event: str, cases: int) -> None:
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
    report = Report(cast)
    assert event in report.text
    assert f"{kappas['guided']:.2f}" in report.text
    assert f"{kappas['unguided']:.2f}" in report.text
    assert (
        f"1 reader dropped out before submitting all assigned readings; {cases} cases of this "
        "reader were reassigned to other readers."
    ) in report.text
    assert (
        f"Dropped out before submitting all readings (1); Cases reassigned ({cases})."
    ) in report.alternatives
    others = len({reader for reader, _, _, _ in entered}) - 1
    assert f"Readers who submitted all their readings: {others}." in report.alternatives
