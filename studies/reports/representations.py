"""JSON of results, bootstrap runs, reports and prepared files, for the API."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, NotRequired, TypedDict, cast

from django.urls import reverse

from studies.analytics.coefficients.kappa import Weights
from studies.openapi import UUIDText
from studies.protocol.models import Study
from studies.reports.document.finding.primary_interval import IntervalMethod
from studies.reports.document.main_finding import Verdict
from studies.reports.filters import Selection
from studies.reports.models import BootstrapRun, PreparedFile, ReportRun

Bounds = tuple[float, float]


class PrimaryIntervalJSON(TypedDict):
    """The confidence interval of the main finding, and the one that is stated beside it.

    ``resamples`` is 0 for the delta method. Null intervals are not estimable.
    """

    method: IntervalMethod
    level: float
    ci: Bounds | None
    resamples: int
    seed: int
    reason: str
    other_method: IntervalMethod
    other_ci: Bounds | None


class MainFindingJSON(TypedDict):
    """The conclusion, the sentence that states it, a caution or "", and the interval."""

    verdict: Verdict
    sentence: str
    caution: str
    interval: PrimaryIntervalJSON | None


class ResultJSON(TypedDict):
    """One statistic; the guide to agreement statistics describes the records.

    Bounds are those of 95 % confidence intervals. Null values are not estimable.
    """

    statistic: str
    weights: Weights | None
    outcome: str
    arm: str | None
    replicate: int | tuple[int, int]
    readers: list[str]
    value: float | None
    se: float | None
    ci: Bounds | None
    n: int
    method: str
    note: str | None
    agreement: NotRequired[float | None]
    arms: NotRequired[list[str]]
    bootstrap_replicates: NotRequired[int]
    cases: NotRequired[list[str]]
    ci_1986: NotRequired[list[float] | None]
    ci_bca: NotRequired[Bounds | None]
    ci_bootstrap: NotRequired[Bounds | None]
    ci_bootstrap_expanded: NotRequired[Bounds | None]
    ci_bootstrap_readers: NotRequired[Bounds | None]
    cut: NotRequired[int]
    degrees: NotRequired[int]
    form: NotRequired[str]
    moved_by: NotRequired[Literal[-1, 1]]
    n_arms: NotRequired[list[int]]
    note_readers: NotRequired[str]
    overridden: NotRequired[int]
    p: NotRequired[float | None]
    p_chi_square: NotRequired[float]
    p_exact: NotRequired[float]
    pairs: NotRequired[int]
    patients: NotRequired[int]
    scanner: NotRequired[str]
    se_clustered: NotRequired[float | None]
    se_items: NotRequired[float | None]
    site: NotRequired[str]
    slope: NotRequired[float | None]
    slope_p: NotRequired[float | None]
    stratum: NotRequired[str]
    unmoved: NotRequired[float | None]


class IntervalJSON(TypedDict):
    """The bootstrap intervals of one statistic."""

    statistic: str
    arm: str | None
    readers: list[str]
    value: float | None
    n: int
    ci: Bounds | None
    ci_bootstrap: Bounds | None
    # Absent from intervals that version 0.1.0 computed.
    ci_bootstrap_expanded: NotRequired[Bounds | None]
    ci_bca: Bounds | None
    bootstrap_replicates: int
    ci_bootstrap_readers: Bounds | None
    note: str | None


class BootstrapJSON(TypedDict):
    """A bootstrap run: its state, progress and results. ``failure`` says why it failed."""

    id: UUIDText
    state: Annotated[str, BootstrapRun.State]
    resamples_done: int
    resamples: int
    seed: int
    failure: str | None
    results: list[IntervalJSON]


class AgreementJSON(TypedDict):
    """The results of a selection of readings; the keys of filters repeat the selection."""

    answer: MainFindingJSON
    outcome: str
    weights: Weights
    arm: str | None
    readers: list[str]
    site: str | None
    scanner: str | None
    interim: bool
    simulated: bool
    snapshot_at: datetime
    data_hash: str
    results: list[ResultJSON]
    warnings: list[str]
    bootstrap: BootstrapJSON | None


class ReportJSON(TypedDict):
    """A report: its state, progress and files. Addresses are null until it is finished."""

    id: UUIDText
    state: Annotated[str, ReportRun.State]
    interim: bool
    steps_done: int
    steps: int
    failure: str | None
    snapshot_at: datetime
    data_hash: str | None
    document_hash: str | None
    page_hash: str | None
    pairs_hash: str | None
    created_at: datetime
    made_at: datetime | None
    url: str | None
    page_url: str | None
    pairs_url: str | None


class ReportListJSON(TypedDict):
    """The study's newest reports."""

    results: list[ReportJSON]


class PreparedFileJSON(TypedDict):
    """A prepared file: its state, progress and address, which is null until it is finished."""

    id: UUIDText
    state: Annotated[str, PreparedFile.State]
    interim: bool
    readings_done: int
    readings: int
    failure: str | None
    snapshot_at: datetime
    data_hash: str | None
    file_hash: str | None
    created_at: datetime
    made_at: datetime | None
    url: str | None


class CurrentWorkbookJSON(TypedDict):
    """The workbook of the current readings; null if none was requested."""

    workbook: PreparedFileJSON | None


class CurrentPackageJSON(TypedDict):
    """The reproducibility package of the current readings; null if none was requested."""

    package: PreparedFileJSON | None


def agreement_json(study: Study, selection: Selection, run: BootstrapRun | None) -> AgreementJSON:
    """Return the results of a selection with its main finding and bootstrap, if requested."""
    snapshot, filters, results = selection.snapshot, selection.filters, selection.results
    records = [
        cast("ResultJSON", result.record())
        for result in results.of_outcome(filters.outcome)
        # Statistics without weights belong to every choice of weights.
        if result.weights in (filters.weights, None)
    ]
    return {
        "answer": cast("MainFindingJSON", selection.headline.record()),
        "outcome": filters.outcome,
        "weights": filters.weights,
        "arm": filters.subset.arm or None,
        "readers": list(selection.table.readers),
        "site": filters.subset.site or None,
        "scanner": filters.subset.scanner or None,
        "interim": not study.locked,
        "simulated": study.simulated,
        "snapshot_at": snapshot.summary.snapshot_at,
        "data_hash": snapshot.summary.data_hash,
        "results": records,
        "warnings": list(results.warnings),
        "bootstrap": bootstrap_json(run) if run else None,
    }


def bootstrap_json(run: BootstrapRun) -> BootstrapJSON:
    """Return a bootstrap run."""
    return {
        "id": str(run.pk),
        "state": run.state,
        "resamples_done": run.resamples_done,
        "resamples": run.resamples,
        "seed": run.seed,
        "failure": run.failure or None,
        "results": run.records,
    }


def report_json(run: ReportRun) -> ReportJSON:
    """Return a report."""
    done = run.state == ReportRun.State.DONE
    return {
        "id": str(run.pk),
        "state": run.state,
        "interim": run.interim,
        "steps_done": run.steps_done,
        "steps": run.steps,
        "failure": run.failure or None,
        "snapshot_at": run.snapshot_at,
        "data_hash": run.data_hash or None,
        "document_hash": run.document_hash or None,
        "page_hash": run.page_hash or None,
        "pairs_hash": run.pairs_hash or None,
        "created_at": run.created_at,
        "made_at": run.made_at,
        "url": reverse("report-file", args=[run.study.slug, run.pk]) if done else None,
        # Reports of older versions lack some of the files.
        "page_url": reverse("report-page", args=[run.study.slug, run.pk]) if run.page else None,
        "pairs_url": reverse("report-pairs", args=[run.study.slug, run.pk]) if run.pairs else None,
    }


def prepared_file_json(run: PreparedFile | None) -> PreparedFileJSON | None:
    """Return a prepared file; the address of its download is named after its kind."""
    if run is None:
        return None
    done = run.state == PreparedFile.State.DONE
    return {
        "id": str(run.pk),
        "state": run.state,
        "interim": run.interim,
        "readings_done": run.readings_done,
        "readings": run.readings,
        "failure": run.failure or None,
        "snapshot_at": run.snapshot_at,
        "data_hash": run.data_hash or None,
        "file_hash": run.file_hash or None,
        "created_at": run.created_at,
        "made_at": run.made_at,
        "url": reverse(run.NOUN, args=[run.study.slug]) if done else None,
    }
