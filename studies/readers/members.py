"""Members of a study: create a study with its coordinator, add, deactivate; their time zones."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from studies.audit.record import record
from studies.errors import Conflict, NotAllowed, StudyError
from studies.mail.outbox import cancel_study_mails
from studies.protocol.design import create_study
from studies.protocol.design_files import add_sites, read_design
from studies.protocol.models import Site, Study
from studies.readers.models import Membership, Role, User

# Labels appear in exports in place of names: R01, CO01, S01, AD01.
LABEL_PREFIXES = {
    Role.READER: "R",
    Role.COORDINATOR: "CO",
    Role.STATISTICIAN: "S",
    Role.ADJUDICATOR: "AD",
}


@transaction.atomic
def create_study_with_coordinator(*, by: User, arms: list[str], **fields: Any) -> Study:
    """Create a study with the person as its coordinator."""
    if not by.may_create_studies:
        raise NotAllowed("Your account may not create studies. Ask the administrator.")
    study = create_study(actor=by, arms=arms, **fields)
    add_member(study=study, user=by, role=Role.COORDINATOR, by=by)
    return study


@transaction.atomic
def import_study(*, by: User, content: bytes) -> Study:
    """Create a study from a design file, with its sites and the person as its coordinator.

    The seed is new unless the file has one. Raises StudyError if the file is invalid.
    """
    design = read_design(content)
    try:
        study = create_study_with_coordinator(by=by, arms=design.arms, **design.fields)
    except ValidationError as error:
        text = f"The design was not imported. {' '.join(error.messages)}"
        raise StudyError("design_invalid", text) from error
    add_sites(study=study, actor=by, sites=design.sites)
    record("study.design_imported", actor=by, study=study, with_seed="seed" in design.fields)
    return study


@transaction.atomic
def add_member(
    *, study: Study, user: User, role: Role, site: Site | None = None, by: User | None = None
) -> Membership:
    """Add a person to a study and number the membership within its role."""
    # The lock also keeps two people who join at the same time from getting one label.
    study = Study.objects.select_for_update().get(pk=study.pk)
    if study.locked and role == Role.READER:
        raise Conflict("locked", "The study is locked. Readers can no longer join it.")
    if Membership.objects.filter(study=study, user=user).exists():
        raise StudyError("member_already", "You already have a role in this study.", status=409)
    # Members are deactivated and never deleted, so no number is given twice.
    number = Membership.objects.filter(study=study, role=role).count() + 1
    membership = Membership(
        study=study, user=user, role=role, site=site, label=f"{LABEL_PREFIXES[role]}{number:02d}"
    )
    membership.full_clean()
    membership.save()
    record("member.added", actor=by, study=study, subject=membership.label, role=role)
    return membership


@transaction.atomic
def set_active(*, membership: Membership, active: bool, by: User) -> Membership:
    """Deactivate or reactivate a member; submitted readings are kept.

    Emails about the study that wait for the mail server are no longer sent to a deactivated member.
    """
    membership = Membership.objects.select_for_update().get(pk=membership.pk)
    # The acting coordinator stays, so a study never loses its last one.
    if membership.user_id == by.pk:
        raise Conflict(
            "own_role", "You cannot deactivate your own membership. Ask another coordinator."
        )
    membership.active = active
    membership.save(update_fields=["active"])
    if not active:
        cancel_study_mails(membership=membership.pk, reason="The member was deactivated.")
    action = "member.reactivated" if active else "member.deactivated"
    record(action, actor=by, study=membership.study, subject=membership.label)
    return membership


@transaction.atomic
def change_time_zone(*, user: User, time_zone: str) -> User:
    """Store the time zone in which a person is shown dates and times."""
    user = User.objects.select_for_update().get(pk=user.pk)
    before, user.time_zone = user.time_zone, time_zone
    user.full_clean(exclude=["password"])
    user.save(update_fields=["time_zone"])
    record("account.time_zone_changed", actor=user, before=before, after=time_zone)
    return user
