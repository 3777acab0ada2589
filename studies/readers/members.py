from __future__ import annotations

from django.db import transaction

from studies.audit.record import record
from studies.errors import Conflict, StudyError
from studies.protocol.models import Site, Study
from studies.readers.models import Membership, Role, User

_LABEL_LETTER = {Role.READER: "R", Role.COORDINATOR: "K", Role.STATISTICIAN: "S"}


@transaction.atomic
def add_member(
    *, study: Study, user: User, role: Role, site: Site | None = None, by: User | None = None
) -> Membership:
    study = Study.objects.select_for_update().get(pk=study.pk)
    if study.locked and role == Role.READER:
        raise Conflict("locked", "The study is locked. Readers can no longer join it.")
    if Membership.objects.filter(study=study, user=user).exists():
        raise StudyError("member_already", "You have a role in this study already.", status=409)
    letter = _LABEL_LETTER[role]
    number = Membership.objects.filter(study=study, role=role).count() + 1
    membership = Membership(
        study=study, user=user, role=role, site=site, label=f"{letter}{number:02d}"
    )
    membership.full_clean()
    membership.save()
    record("member.added", actor=by, study=study, subject=membership.label, role=role)
    return membership


@transaction.atomic
def set_active(*, membership: Membership, active: bool, by: User) -> Membership:
    """Take a person out of a study, or back in; what they read stays."""
    membership = Membership.objects.select_for_update().get(pk=membership.pk)
    if membership.user_id == by.pk:
        raise Conflict("own_role", "You cannot take yourself out. Ask another coordinator.")
    membership.active = active
    membership.save(update_fields=["active"])
    action = "member.taken_in" if active else "member.taken_out"
    record(action, actor=by, study=membership.study, subject=membership.label)
    return membership
