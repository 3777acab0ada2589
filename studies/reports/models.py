"""Reports, bootstrap runs and prepared files of a study, and reference grades of its cases."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from studies.cases.models import Case
from studies.jobs.claims import ClaimedQuerySet, ClaimedWork
from studies.protocol.models import Study

# Keeps one person from filling the queue: so many reports, and so many files of each kind.
MAX_WAITING_OF_PERSON = 5


MAX_DETAIL = 4000
"""Characters of each report detail."""


def report_path(run: ReportRun, name: str) -> str:
    return f"{run.study_id}/reports/{run.pk}.pdf"


def page_path(run: ReportRun, name: str) -> str:
    return f"{run.study_id}/reports/{run.pk}.html"


def pairs_path(run: ReportRun, name: str) -> str:
    return f"{run.study_id}/reports/{run.pk}-pairs.csv"


def workbook_path(run: WorkbookRun, name: str) -> str:
    return f"{run.study_id}/workbooks/{run.pk}.xlsx"


def package_path(run: PackageRun, name: str) -> str:
    return f"{run.study_id}/packages/{run.pk}.zip"


class ReportDetails(models.Model):
    """One version of what only the coordinator can state in the report; never changed.

    The newest version is current. A report refers to the version that it prints.
    """

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="report_details")
    version = models.PositiveIntegerField()
    authors = models.TextField(max_length=MAX_DETAIL, blank=True)
    funding = models.TextField(max_length=MAX_DETAIL, blank=True)
    registration = models.TextField(max_length=MAX_DETAIL, blank=True)
    ethics = models.TextField(max_length=MAX_DETAIL, blank=True)
    rationale = models.TextField(max_length=MAX_DETAIL, blank=True)
    subject_population = models.TextField(max_length=MAX_DETAIL, blank=True)
    subject_sampling = models.TextField(max_length=MAX_DETAIL, blank=True)
    reader_population = models.TextField(max_length=MAX_DETAIL, blank=True)
    reader_sampling = models.TextField(max_length=MAX_DETAIL, blank=True)
    sample_size = models.TextField(max_length=MAX_DETAIL, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-version"]
        verbose_name_plural = "report details"
        constraints = [
            models.UniqueConstraint(fields=["study", "version"], name="report_details_version_once")
        ]
        triggers = [
            pgtrigger.Protect(
                name="report_details_append_only", operation=pgtrigger.Update | pgtrigger.Delete
            )
        ]

    def __str__(self) -> str:
        return f"report details of {self.study}, version {self.version}"


class ReportRun(ClaimedWork):
    """A requested report: PDF, HTML and the CSV of reader pairs, unchanged once created.

    ``snapshot_at`` is the time of the data snapshot; ``data_hash`` is the SHA-256 of the tidy CSV
    of its readings.
    """

    class State(models.TextChoices):
        QUEUED = "queued", "waiting for the worker"
        MAKING = "making", "being created"
        DONE = "done", "ready"
        FAILED = "failed", "failed"

    WAITING: ClassVar[str] = State.QUEUED
    WORKING: ClassVar[str] = State.MAKING

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="report_runs")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    interim = models.BooleanField(default=False)
    snapshot_at = models.DateTimeField(db_column="data_cut")
    data_hash = models.CharField(max_length=64, blank=True)
    steps_done = models.PositiveSmallIntegerField(default=0)
    steps = models.PositiveSmallIntegerField(default=1)
    document = models.FileField(upload_to=report_path, max_length=200, blank=True)
    document_hash = models.CharField(max_length=64, blank=True)
    page = models.FileField(upload_to=page_path, max_length=200, blank=True)
    page_hash = models.CharField(max_length=64, blank=True)
    pairs = models.FileField(upload_to=pairs_path, max_length=200, blank=True)
    """Statistics of every pair of readers as CSV; reports created by version 0.1.0 have none."""
    pairs_hash = models.CharField(max_length=64, blank=True)
    details = models.ForeignKey(
        ReportDetails, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    """The version of the report details that the report prints; None without any."""
    failure = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    made_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[Any] = ClaimedQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                name="report_done_has_document",
                condition=~Q(state="done") | (~Q(document="") & Q(made_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="report_failed_with_reason", condition=~Q(state="failed") | ~Q(failure="")
            ),
        ]

    def __str__(self) -> str:
        return f"report of {self.study}, {self.created_at:%Y-%m-%d %H:%M}"


class ReferenceGrades(models.Model):
    """Reference standard of a case: its grades by cell, for example of a phantom.

    Readers never see them.
    """

    case = models.OneToOneField(Case, on_delete=models.CASCADE, related_name="reference_grades")
    grades = models.JSONField()
    source = models.CharField(max_length=120)

    def __str__(self) -> str:
        return f"reference grades of {self.case}"


class BootstrapRun(ClaimedWork):
    """Bootstrap intervals of one data snapshot and selection, computed once and stored.

    ``key`` is a hash of the data and the selection; ``choice`` holds the filters as the query
    string of the agreement page; ``records`` holds the intervals.
    """

    class State(models.TextChoices):
        QUEUED = "queued", "waiting for the worker"
        COMPUTING = "computing", "being computed"
        DONE = "done", "ready"
        FAILED = "failed", "failed"

    WAITING: ClassVar[str] = State.QUEUED
    WORKING: ClassVar[str] = State.COMPUTING

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="bootstrap_runs")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=64)
    choice = models.TextField()
    data_hash = models.CharField(max_length=64)
    seed = models.PositiveBigIntegerField()
    resamples = models.PositiveIntegerField()
    resamples_done = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    records = models.JSONField(default=list, blank=True)
    failure = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    made_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[Any] = ClaimedQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(fields=["study", "key"], name="bootstrap_once"),
            models.CheckConstraint(
                name="bootstrap_done_is_whole",
                condition=~Q(state="done")
                | Q(resamples_done=models.F("resamples"), made_at__isnull=False),
            ),
            models.CheckConstraint(
                name="bootstrap_failed_with_reason", condition=~Q(state="failed") | ~Q(failure="")
            ),
        ]

    def __str__(self) -> str:
        return f"bootstrap of {self.study}, {self.choice}"


class PreparedFile(ClaimedWork):
    """A file of one data snapshot, written once by a worker and stored.

    ``key`` is a hash of the snapshot. ``snapshot_at`` is its time; ``data_hash`` is the SHA-256 of
    the tidy CSV of the same readings.
    """

    class State(models.TextChoices):
        QUEUED = "queued", "waiting for the worker"
        WRITING = "writing", "being written"
        DONE = "done", "ready"
        FAILED = "failed", "failed"

    WAITING: ClassVar[str] = State.QUEUED
    WORKING: ClassVar[str] = State.WRITING
    NOUN: ClassVar[str]
    """The file in messages, error codes and audit events."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    interim = models.BooleanField(default=False)
    snapshot_at = models.DateTimeField(db_column="data_cut")
    data_hash = models.CharField(max_length=64, blank=True)
    readings = models.PositiveIntegerField(default=0)
    readings_done = models.PositiveIntegerField(default=0)
    file_hash = models.CharField(max_length=64, blank=True)
    failure = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    made_at = models.DateTimeField(null=True, blank=True)

    file: Any
    objects: ClassVar[Any] = ClaimedQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.NOUN} of {self.study}, {self.created_at:%Y-%m-%d %H:%M}"


def _constraints(name: str) -> list[models.BaseConstraint]:
    """Return the constraints of a prepared file, whose names must be unique in the database."""
    return [
        models.UniqueConstraint(fields=["study", "key"], name=f"{name}_once"),
        models.CheckConstraint(
            name=f"{name}_done_has_file",
            condition=~Q(state="done") | (~Q(file="") & Q(made_at__isnull=False)),
        ),
        models.CheckConstraint(
            name=f"{name}_failed_with_reason", condition=~Q(state="failed") | ~Q(failure="")
        ),
    ]


class WorkbookRun(PreparedFile):
    """The Excel workbook of one data snapshot."""

    NOUN = "workbook"

    file = models.FileField(upload_to=workbook_path, max_length=200, blank=True)

    class Meta(PreparedFile.Meta):
        constraints = _constraints("workbook")


class PackageRun(PreparedFile):
    """The reproducibility package of one data snapshot."""

    NOUN = "package"

    file = models.FileField(upload_to=package_path, max_length=200, blank=True)

    class Meta(PreparedFile.Meta):
        constraints = _constraints("package")
