"""Rounds of adjudication, with the cases that the rules selected."""

from __future__ import annotations

import uuid

import pgtrigger
from django.db import models
from django.db.models import Q

from studies.cases.models import Case
from studies.protocol.models import Arm, Study
from studies.readers.models import Membership


class AdjudicationRound(models.Model):
    """The selection of cases for adjudication by rules, after one database lock; never changed."""

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="adjudication_rounds")
    number = models.PositiveSmallIntegerField()
    arm = models.CharField(max_length=20, choices=Arm.Code)
    """The arm whose readings the rules compare."""
    group_differs = models.BooleanField()
    total_differs_by = models.PositiveSmallIntegerField(null=True, blank=True)
    cell_differs_by = models.PositiveSmallIntegerField(null=True, blank=True)
    readability_differs = models.BooleanField()
    shows_scores = models.BooleanField()
    """Whether adjudicators see the original scores, as set in the design."""
    locked_at = models.DateTimeField()
    """The database lock whose readings were compared."""
    started_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["study", "number"], name="adjudication_round_once"),
            models.CheckConstraint(
                name="adjudication_round_has_rule",
                condition=Q(group_differs=True)
                | Q(total_differs_by__gte=1)
                | Q(cell_differs_by__gte=1)
                | Q(readability_differs=True),
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="adjudication_rounds_append_only",
                operation=pgtrigger.Update | pgtrigger.Delete,
            )
        ]

    def __str__(self) -> str:
        return f"adjudication {self.number} of {self.study}"


class Adjudication(models.Model):
    """The adjudication of one case by one adjudicator; frozen once submitted."""

    # Random, so that the address reveals nothing about the case.
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    round = models.ForeignKey(
        AdjudicationRound, on_delete=models.PROTECT, related_name="adjudications"
    )
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="adjudications")
    position = models.PositiveIntegerField()
    reasons = models.JSONField(default=list)
    """The rules that selected the case."""
    readings = models.JSONField(default=list)
    """The keys of the original readings in the random order in which they are named A, B, ..."""
    adjudicator = models.ForeignKey(
        Membership, null=True, on_delete=models.PROTECT, related_name="adjudications"
    )
    # By cell: {"score": 0 to 3 or null, "validity": a NHANES code}.
    scores = models.JSONField(default=dict)
    opened_at = models.DateTimeField(null=True)
    submitted_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["round", "position"]
        constraints = [
            models.UniqueConstraint(fields=["round", "case"], name="adjudicated_once_a_round"),
            models.UniqueConstraint(fields=["round", "position"], name="adjudication_position"),
            models.CheckConstraint(
                name="adjudication_submitted_by_adjudicator",
                condition=Q(submitted_at=None) | Q(adjudicator__isnull=False),
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="submitted_adjudication_frozen",
                operation=pgtrigger.Update,
                # As SQL, because compiling lookups needs a database, which `make lint` has not.
                condition=pgtrigger.Condition('OLD."submitted_at" IS NOT NULL'),
            ),
            pgtrigger.Protect(name="adjudications_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.round}, case {self.position}"
