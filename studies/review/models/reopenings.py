"""Reopenings of locked studies, each by a coordinator and a statistician."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import F, Q

from studies.protocol.models import Study
from studies.readers.models import Membership, Role

ROLES = [(role.value, role.label) for role in (Role.COORDINATOR, Role.STATISTICIAN)]


class StudyReopening(models.Model):
    """A request to reopen a locked study, and its confirmation by a person with the other role.

    Reports list every confirmed one.
    """

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="reopenings")
    reason = models.TextField()
    locked_at = models.DateTimeField()
    """The database lock that is lifted."""
    requested_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    requested_role = models.CharField(max_length=12, choices=ROLES)
    requested_at = models.DateTimeField(auto_now_add=True)
    confirmed_by = models.ForeignKey(
        Membership, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    confirmed_role = models.CharField(max_length=12, choices=ROLES, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["requested_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["study"],
                name="one_reopening_requested",
                condition=Q(confirmed_at=None, withdrawn_at=None),
            ),
            models.CheckConstraint(name="reopening_has_reason", condition=~Q(reason="")),
            models.CheckConstraint(
                name="reopening_by_two_roles",
                condition=Q(confirmed_at=None, confirmed_by=None)
                | (
                    Q(confirmed_at__isnull=False, confirmed_by__isnull=False, withdrawn_at=None)
                    & ~Q(confirmed_role=F("requested_role"))
                    & ~Q(confirmed_role="")
                    & ~Q(confirmed_by=F("requested_by"))
                ),
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="finished_reopening_frozen",
                operation=pgtrigger.Update,
                # As SQL, because compiling lookups needs a database, which `make lint` has not.
                condition=pgtrigger.Condition(
                    'OLD."confirmed_at" IS NOT NULL OR OLD."withdrawn_at" IS NOT NULL'
                ),
            ),
            pgtrigger.Protect(name="reopenings_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"reopening of {self.study}: {self.reason}"
