"""Who may do what in a study. Lists are querysets; yes or no is asked of the same querysets."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from studies.errors import NotAllowed, NotFound
from studies.protocol.models import Site, Study
from studies.readers.models import Membership, Role, User

LOOK_LASTS = timedelta(days=1)


def memberships_of(user: User, *roles: Role) -> QuerySet[Membership]:
    found = Membership.objects.filter(user=user, active=True, user__is_active=True)
    if roles:
        found = found.filter(role__in=roles)
    return found.select_related("study", "site", "user")


def membership_in(user: User, slug: str, *roles: Role) -> Membership:
    """The person's membership of the study, if it is one of ``roles``; raises NotFound."""
    membership = memberships_of(user, *roles).filter(study__slug=slug).first()
    if membership is None:
        raise NotFound
    return membership


def coordinated(user: User, slug: str) -> Membership:
    """As coordinator of the whole study or of one site."""
    return membership_in(user, slug, Role.COORDINATOR)


def coordinated_whole(user: User, slug: str) -> Study:
    """As coordinator of the whole study; a site's coordinator is told who can."""
    membership = coordinated(user, slug)
    if membership.site_id is not None:
        raise NotAllowed("Only a coordinator of the whole study can do this, not of a site.")
    return membership.study


def sites_of(membership: Membership) -> QuerySet[Site]:
    sites = Site.objects.filter(study=membership.study)
    return sites.filter(pk=membership.site_id) if membership.site_id else sites


def readers_seen_by(membership: Membership) -> QuerySet[Membership]:
    """The study's readers, as far as this coordinator or statistician looks after them."""
    readers = Membership.objects.filter(study=membership.study, role=Role.READER)
    if membership.site_id is not None:
        readers = readers.filter(site=membership.site_id)
    return readers.select_related("site", "user")


def may_see_scores(membership: Membership) -> bool:
    """After the lock, or for a day after an interim look of this person's own."""
    if membership.role not in {Role.COORDINATOR, Role.STATISTICIAN} or membership.site_id:
        return False
    looks = Q(
        pk=membership.study_id,
        interim_looks__by=membership.user_id,
        interim_looks__at__gt=timezone.now() - LOOK_LASTS,
    )
    locked = Q(pk=membership.study_id, state=Study.State.LOCKED)
    return Study.objects.filter(looks | locked).exists()
