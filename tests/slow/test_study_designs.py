"""Whole studies of each design, through the API to the report, against independent computations."""

from __future__ import annotations

from typing import Any

import pytest
from scipy.stats import norm
from statsmodels.stats.multitest import multipletests

from studies.analytics.study.repeats import BOTH
from studies.formats.numbers import NO_VALUE, decimal
from studies.reports.document.tables.intrareader_tables import repeat_agreement
from studies.reports.snapshot import current_snapshot
from studies.sessions.export import tidy_rows
from studies.sessions.models import Reading
from studies.sessions.study_lifecycle import assign_cases, lock_study, open_study
from tests.cases.landmarks.corrected_arms import CORRECTED_ARMS, confirm_case, corrected_case
from tests.make import Cast, make_case, make_reader
from tests.slow.whole_study import (
    Grades,
    Report,
    let_time_pass,
    limits_of_repeats,
    mean_intrareader_kappa,
    mean_kappa,
    mean_result,
    methods_text,
    pair_kappa,
    readers_of,
    shows,
)

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
THREE = ["unguided", "guided", "measured"]


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
    report = Report(cast)
    assert "Sequential study: each reader read a case unguided" in report.text
    assert "not estimable" in report.text
    assert f"{unguided:.2f}" in report.text
    assert f"{guided:.2f}" in report.text
    assert report.text.count("Interreader and intrareader agreement in scoring") == 1
    intrareader_statistics_are_those_of_the_repeats(snapshot, report, entered)


def intrareader_statistics_are_those_of_the_repeats(
    snapshot: Any, report: Report, entered: Grades
) -> None:
    """Check the intrareader kappas and the limits of agreement, computed and printed."""
    repeats = repeat_agreement(snapshot.table, snapshot.results, outcome="cells", weights="linear")
    names = {
        "bias_of_repeats": "AAC-24 total: bias, first minus repeat reading, points",
        "lower_of_repeats": "AAC-24 total: lower limit of agreement, points",
        "upper_of_repeats": "AAC-24 total: upper limit of agreement, points",
    }
    table = "Hidden repeats against the first readings"
    for column, arm in enumerate(("unguided", "guided"), start=1):
        of_arm = {"arm": arm, "replicate": BOTH}
        kappa = mean_intrareader_kappa(entered, arm)
        (result,) = repeats.find("mean_intra_kappa", outcome="cells", weights="linear", **of_arm)
        assert result.estimate.value == pytest.approx(kappa, abs=1e-12)
        row = report.row(table, "Eight cells, pooled: linearly weighted kappa, mean of readers")
        assert shows(row[column], kappa)
        limits = limits_of_repeats(entered, arm)
        for (statistic, name), limit in zip(names.items(), limits, strict=True):
            (result,) = repeats.find(f"bland_altman_{statistic}", outcome="aac24", **of_arm)
            assert result.estimate.value == pytest.approx(limit, abs=1e-9)
            assert shows(report.row(table, name)[column], limit)


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
    others = [contrast for contrast in contrasts if not contrast.more["primary"]]
    for contrast in contrasts:
        z = contrast.estimate.value / contrast.estimate.se
        assert contrast.more["p"] == pytest.approx(2 * norm.sf(abs(z)))
    p_values = [contrast.more["p"] for contrast in others]
    _, adjusted, *_ = multipletests(p_values, method="holm")
    report = Report(cast)
    assert "the difference, guided minus unguided" in report.text
    assert "the sequences of a Williams design" in report.text
    for contrast, p in zip(others, adjusted, strict=True):
        assert contrast.more["p_holm"] == pytest.approx(p)
        first, second = contrast.more["arms"]
        row = report.row("Holm-adjusted p", f"{first.capitalize()} − {second}")
        assert shows(row[1], kappas[first] - kappas[second])
        assert row[-1] == ("< 0.001" if p < 0.001 else f"{p:.3f}")
    row = report.row("Holm-adjusted p", "Guided − unguided")
    assert shows(row[1], kappas["guided"] - kappas["unguided"])
    assert row[-1] == NO_VALUE


def test_parallel_groups_are_compared_by_the_mean_kappas_of_their_readers(client_of):
    cast = Cast(design="parallel", readers_per_case=2)
    make_reader(cast.study, cast.site, "rosa")
    make_reader(cast.study, cast.other_site, "sam")
    cast.assign_cases(6)
    entered: Grades = {}
    for reader in readers_of(cast, client_of, entered):
        assert reader.read_all() == 6
        assert reader.status()["waiting"]["code"] == "done"
    lock_study(study=cast.study, by=cast.coordinator)
    groups = {arm: {key[0] for key in entered if key[2] == arm} for arm in ("unguided", "guided")}
    assert [len(readers) for readers in groups.values()] == [2, 2]
    assert not groups["unguided"] & groups["guided"]
    # Each group has one pair of readers, whose kappa is the mean of the group.
    kappas = {arm: pair_kappa(entered, arm, *sorted(groups[arm])) for arm in groups}
    snapshot = current_snapshot(cast.study)
    difference = mean_result(snapshot.results, "group_kappa_difference")
    assert difference == pytest.approx(kappas["guided"] - kappas["unguided"], abs=1e-12)
    for result in snapshot.results.find("light_kappa", outcome="cells", weights="linear"):
        assert result.estimate.value == pytest.approx(kappas[result.arm], abs=1e-12)
    report = Report(cast)
    assert "Parallel-group study: each reader read in one of 2 arms" in report.text
    for value in (*kappas.values(), kappas["guided"] - kappas["unguided"]):
        assert decimal(value) in report.text


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
