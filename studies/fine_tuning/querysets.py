"""Querysets of fine-tuning runs: who may see them."""

from __future__ import annotations

from typing import Any, Self

from studies.jobs.claims import ClaimedQuerySet


class FineTuningQuerySet(ClaimedQuerySet):
    """Fine-tuning runs; `seen_by` is the only rule for who may see one."""

    def seen_by(self, user: Any) -> Self:
        """Return the runs that use cases of a study which the person coordinates as a whole."""
        coordinated = user.memberships.filter(role="coordinator", site=None, active=True)
        # A subquery, because a join would repeat a run for each of its studies.
        runs = self.model._default_manager.filter(studies__in=coordinated.values("study"))
        return self.filter(pk__in=runs.values("pk"))
