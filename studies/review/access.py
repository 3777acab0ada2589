"""Who may review the readings of a study, and of which cases."""

from __future__ import annotations

from studies.cases.models import Case
from studies.errors import NotAllowed, NotFound
from studies.protocol.models import Study
from studies.readers.access import get_membership
from studies.readers.models import Membership, Role, User


def review_membership(user: User, slug: str) -> Membership:
    """Return the membership of a person who may review readings once the study is locked.

    These are the statisticians and the coordinators of the whole study. Raises NotFound.
    """
    membership = get_membership(user, slug, Role.COORDINATOR, Role.STATISTICIAN)
    if membership.site_id is not None:
        raise NotFound
    return membership


def require_locked(study: Study) -> None:
    """Raise NotAllowed unless the study is locked at present."""
    # Read from the database, because the study may have been reopened since it was loaded.
    if not Study.objects.filter(pk=study.pk, state=Study.State.LOCKED).exists():
        raise NotAllowed("Readings can be reviewed once the study is locked.")


def get_reviewed_case(user: User, slug: str, label: str) -> tuple[Membership, Case]:
    """Return a case with submitted readings in a locked study, and the reviewer's membership.

    Raises NotFound, or NotAllowed before the lock.
    """
    membership = review_membership(user, slug)
    require_locked(membership.study)
    # An excluded case has no results, so there is nothing to review.
    case = (
        Case.objects.of_study(membership.study)
        .exclude(state__in=[Case.State.EXCLUDED, Case.State.REJECTED])
        .filter(label=label, readings__state="submitted")
        .select_related("image", "study")
        .distinct()
        .first()
    )
    if case is None:
        raise NotFound
    return membership, case
