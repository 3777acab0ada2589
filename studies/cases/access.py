"""Access to a single case: the same rule as for lists, applied to one identifier."""

from __future__ import annotations

from uuid import UUID

from studies.cases.models import Case
from studies.errors import NotFound
from studies.readers.access import active_memberships
from studies.readers.models import Role, User


def get_coordinated_case(user: User, pk: UUID) -> Case:
    """Return a case, with everything it shows, to a coordinator of its study or site.

    Raises
    ------
    NotFound
        There is no such case, or the user does not coordinate it: the answer does not reveal
        which.
    """
    # A person may be coordinator of several studies; the case decides which membership counts.
    for membership in active_memberships(user, Role.COORDINATOR):
        case: Case | None = Case.objects.seen_by(membership).filter(pk=pk).listed().first()
        if case is not None:
            return case
    # 404 rather than 403, so that an address does not reveal whether a case exists.
    raise NotFound
