"""Who may see and start fine-tuning runs: coordinators of the whole of a study."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from studies.errors import NotFound, StudyError
from studies.fine_tuning.models import FineTuningRun
from studies.protocol.models import Study
from studies.readers.access import active_memberships
from studies.readers.models import Role, User

RUNS_PER_PAGE = 20


def coordinated_studies(user: User) -> list[Study]:
    """Return the studies that a person coordinates as a whole, by name."""
    memberships = active_memberships(user, Role.COORDINATOR).filter(site=None)
    return [membership.study for membership in memberships.order_by("study__name")]


def select_studies(user: User, slugs: Collection[str]) -> list[Study]:
    """Return studies by their short names; raises StudyError if the person may not use one."""
    studies = {study.slug: study for study in coordinated_studies(user)}
    if unknown := [slug for slug in slugs if slug not in studies]:
        raise StudyError(
            "unknown_study", f"You do not coordinate a study named {unknown[0]} as a whole."
        )
    return [studies[slug] for slug in dict.fromkeys(slugs)]


def get_run(user: User, pk: UUID) -> Any:
    """Return a run with what the person may see of it; raises NotFound."""
    run = FineTuningRun.objects.shown_to(user).filter(pk=pk).first()
    if run is None or not user.is_active:
        raise NotFound
    return run
