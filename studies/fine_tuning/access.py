"""Rules for who may see and start fine-tuning runs: coordinators of a whole study."""

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
CASES_PER_PAGE = 50


def coordinated_studies(user: User) -> list[Study]:
    """Return the studies of which a person is a study coordinator, ordered by name."""
    memberships = active_memberships(user, Role.COORDINATOR).filter(site=None)
    return [membership.study for membership in memberships.order_by("study__name")]


def select_studies(user: User, slugs: Collection[str]) -> list[Study]:
    """Return studies by their short names; raises StudyError if the person may not use one."""
    studies = {study.slug: study for study in coordinated_studies(user)}
    if unknown := [slug for slug in slugs if slug not in studies]:
        raise StudyError(
            "unknown_study", f"You are not a coordinator of the whole study {unknown[0]}."
        )
    return [studies[slug] for slug in dict.fromkeys(slugs)]


def get_run(user: User, pk: UUID) -> Any:
    """Return a run with what the person may see of it; raises NotFound."""
    run = FineTuningRun.objects.shown_to(user).filter(pk=pk).first()
    if run is None or not user.is_active:
        raise NotFound
    return run


def cases_of_run(user: User, run: FineTuningRun) -> Any:
    """Return the cases of a run that are in studies which the person coordinates."""
    return run.run_cases.seen_by(user).listed()
