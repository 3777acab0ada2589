"""Querysets of fine-tuning runs and their cases: who may see them."""

from __future__ import annotations

from typing import Any, Self

from django.db.models import Count, Exists, OuterRef, Prefetch, QuerySet

from studies.cases.models import Case
from studies.jobs.claims import ClaimedQuerySet
from studies.protocol.models import Study


class FineTuningQuerySet(ClaimedQuerySet):
    """Fine-tuning runs; `seen_by` is the only rule for who may see one."""

    def seen_by(self, user: Any) -> Self:
        """Return the runs with cases of a study of which the person is a study coordinator."""
        # A subquery, because a join would repeat a run for each of its studies.
        runs = self.model._default_manager.filter(studies__in=_coordinated(user))
        return self.filter(pk__in=runs.values("pk"))

    def shown_to(self, user: Any) -> Self:
        """Return the runs with what a person sees of them: number of cases, and own studies.

        Studies that the person does not coordinate are counted but not named.
        """
        named = Prefetch("studies", queryset=_coordinated(user), to_attr="named_studies")
        runs = self.seen_by(user).select_related("start", "result", "by").prefetch_related(named)
        return runs.annotate(
            case_count=Count("run_cases", distinct=True),
            study_count=Count("studies", distinct=True),
            # Again, because Django ignores the model's order where it counts.
        ).order_by("-created_at")


class FineTuningCaseQuerySet(QuerySet[Any]):
    """Cases of fine-tuning runs."""

    def seen_by(self, user: Any) -> Self:
        """Return the cases of the studies of which the person is a study coordinator."""
        return self.filter(case__study__in=_coordinated(user))

    def trainable(self) -> Self:
        """Return the cases that may still be trained on: none that were excluded, for example."""
        return self.filter(case__in=Case.objects.in_use(), landmark_set__isnull=False)

    def used(self) -> Self:
        """Return the cases that the stored state was trained, selected or tested on."""
        return self.exclude(part="")

    def withdrawn(self) -> Self:
        """Return the cases that may no longer be trained on."""
        return self.exclude(pk__in=self.trainable().values("pk"))

    def listed(self) -> Self:
        """Return the cases as lists show them, ordered by study and label."""
        related = self.select_related("case__study", "case__patient", "landmark_set")
        return (
            related.defer(
                *(
                    f"landmark_set__{name}"
                    for name in ("landmarks", "guides", "crop", "morphometry")
                )
            )
            .annotate(
                withdrawn=~Exists(self.model._default_manager.trainable().filter(pk=OuterRef("pk")))
            )
            .order_by("case__study__slug", "case__label")
        )


def _coordinated(user: Any) -> Any:
    """Return the studies of which a person is a study coordinator."""
    memberships = user.memberships.filter(role="coordinator", site=None, active=True)
    return Study.objects.filter(pk__in=memberships.values("study")).order_by("slug")
