"""Access rights in a study. Yes/no answers use the same querysets as lists, so that both agree."""

from __future__ import annotations

from django.db.models import QuerySet

from studies.errors import NotAllowed, NotFound
from studies.protocol.models import Site, Study
from studies.readers.models import Membership, Role, User


def active_memberships(user: User, *roles: Role) -> QuerySet[Membership]:
    """Return the person's active memberships, limited to ``roles`` if any are given."""
    # Checked on every request: deactivating an account or a membership takes effect at once.
    memberships = Membership.objects.filter(user=user, active=True, user__is_active=True)
    if roles:
        memberships = memberships.filter(role__in=roles)
    return memberships.select_related("study", "site", "user")


def get_membership(user: User, slug: str, *roles: Role) -> Membership:
    """Return the person's membership of the study if it has one of ``roles``.

    Raises NotFound.
    """
    try:
        # A person has one membership of a study. Unlike first(), get() does not sort, which takes
        # Django as long to compile as the rest of the query.
        return active_memberships(user, *roles).get(study__slug=slug)
    except Membership.DoesNotExist:
        # 404 for a missing study, a foreign one and a wrong role alike: none of them is revealed.
        raise NotFound from None


def administrators() -> QuerySet[User]:
    """Return the accounts that administer the installation.

    Administrators have access neither to scores nor to any study of which they are not members.
    """
    return User.objects.filter(is_active=True, is_staff=True, is_superuser=True)


def require_administrator(user: User) -> None:
    """Raise NotFound for everyone but administrators."""
    if not administrators().filter(pk=user.pk).exists():
        raise NotFound


def require_coordinator(user: User, slug: str) -> Membership:
    """Return the membership of a coordinator of the study or of one site. Raises NotFound."""
    return get_membership(user, slug, Role.COORDINATOR)


def require_study_coordinator(user: User, slug: str) -> Study:
    """Return the study of a coordinator who is not limited to a site.

    Raises NotFound, or NotAllowed for the coordinator of a site.
    """
    membership = require_coordinator(user, slug)
    if membership.site_id is not None:
        # Members know that the study exists, so they get the reason instead of 404.
        raise NotAllowed("Site coordinators cannot do this. Ask a coordinator of the whole study.")
    return membership.study


def accessible_sites(membership: Membership) -> QuerySet[Site]:
    """Return all sites of the study, or the one to which the membership is limited."""
    sites = Site.objects.filter(study=membership.study)
    return sites.filter(pk=membership.site_id) if membership.site_id else sites


def accessible_readers(membership: Membership) -> QuerySet[Membership]:
    """Return the study's readers, or those of the site to which the membership is limited."""
    readers = Membership.objects.filter(study=membership.study, role=Role.READER)
    if membership.site_id is not None:
        readers = readers.filter(site=membership.site_id)
    return readers.select_related("site", "user")
