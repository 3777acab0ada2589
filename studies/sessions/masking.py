"""Masking of scores until the lock, and interim looks, which unmask them earlier."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from studies.audit.record import record
from studies.errors import Conflict, StudyError
from studies.protocol.models import Study
from studies.readers.models import Membership, Role, User
from studies.sessions.models import InterimLook

# Long enough to work with the report; a later interim look has to be recorded again.
INTERIM_LOOK_DURATION = timedelta(days=1)
MAX_REASON_LENGTH = 500


def may_see_scores(membership: Membership) -> bool:
    """Return whether scores are visible: after the lock, or for a day after an interim look.

    An interim look unmasks only the person who recorded it.
    """
    if membership.role not in {Role.COORDINATOR, Role.STATISTICIAN} or membership.site_id:
        return False
    # Read from the database, because the object of the request may be older than the lock.
    interim_look = Q(
        pk=membership.study_id,
        interim_looks__by=membership.user_id,
        interim_looks__at__gt=timezone.now() - INTERIM_LOOK_DURATION,
    )
    locked = Q(pk=membership.study_id, state=Study.State.LOCKED)
    return Study.objects.filter(interim_look | locked).exists()


@transaction.atomic
def record_interim_look(*, study: Study, by: User, reason: str) -> InterimLook:
    """Unmask the scores for one person before the lock; every report prints the reason.

    Raises Conflict if the study is locked, StudyError if the reason is missing or too long.
    """
    reason = reason.strip()
    # The study must not be locked between this check and the recorded look.
    study = Study.objects.select_for_update().get(pk=study.pk)
    if study.locked:
        raise Conflict(
            "locked",
            "The study is locked, so its scores are no longer masked. No interim look is needed.",
        )
    if not reason or len(reason) > MAX_REASON_LENGTH or "\0" in reason:
        raise StudyError(
            "reason_missing",
            f"Enter a reason of at most {MAX_REASON_LENGTH} characters. "
            "It appears in every report.",
        )
    look = InterimLook(study=study, by=by, reason=reason)
    look.full_clean()
    look.save()
    # The look and its audit event are one transaction, so that neither exists without the other.
    record("scores.looked_at", actor=by, study=study, reason=reason)
    return look
