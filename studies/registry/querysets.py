"""Querysets of registered models: who may see them, and where they may be used."""

from __future__ import annotations

from typing import Any, Self

from django.db.models import Q

from studies.jobs.claims import ClaimedQuerySet


class RegisteredModelQuerySet(ClaimedQuerySet):
    """Registered models; `usable_by` is the only rule for where one may be used."""

    def ready(self) -> Self:
        """Return the models that were checked and can analyse cases."""
        return self.filter(state="ready")

    def usable_by(self, study: Any) -> Self:
        """Return the models that may analyse a study's cases.

        A model that was trained on the study's cases would perform better on them than on new ones.
        The same holds if the images that it was trained on were uploaded to this study as well.
        """
        # Subqueries, because excluding by a join would miss models with several studies.
        trained = self.model._default_manager.filter(source_studies=study)
        # Excluded cases are not analysed, and practice cases are no study cases.
        cases = study.cases.filter(practice=False).exclude(state="excluded")
        images = self.model._default_manager.filter(
            trained_images__pixel_hash__in=cases.values("image__pixel_hash")
        )
        return self.ready().exclude(pk__in=trained.values("pk")).exclude(pk__in=images.values("pk"))

    def seen_by(self, user: Any, *, manages: bool) -> Self:
        """Return the models that a coordinator, or a person who manages models, may see.

        Coordinators see the models that are ready, and all that they added themselves.
        """
        return self.all() if manages else self.filter(Q(state="ready") | Q(added_by=user))

    def newest(self, number: int) -> Self:
        """Return the models that were added last, as a queryset that can be filtered further."""
        # Not a slice, which Django cannot filter.
        keys = list(self.order_by("-added_at").values_list("pk", flat=True)[:number])
        return self.filter(pk__in=keys)
