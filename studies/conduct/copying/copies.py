"""Copy a study: a new draft study with the same design and, if selected, other parts.

Cases, readings, the random seed, secrets, the linkage list, and results of practice and
certification are never copied.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import models

from studies.audit.record import record
from studies.conduct.copying.practice import copy_practice_set
from studies.conduct.copying.texts import copy_instructions, copy_report_details
from studies.errors import NotAllowed, StudyError
from studies.protocol import design_files
from studies.protocol.models import Site, Study
from studies.readers.invitations import create_invitation
from studies.readers.members import add_member, create_study_with_coordinator
from studies.readers.models import Invitation, Membership, Role, User
from studies.storage.files import transaction_with_files

DISPLAY_FIELDS: Final = (
    "view_between_cases",
    "anterior_side",
    "break_after_minutes",
    "minimum_image_px",
    "display_check",
    "display_contrast",
)
NEVER_COPIED: Final = ("seed",)
"""Design fields that are never copied: studies with the same seed would have related draws."""

NOTE_LENGTH: Final = Invitation._meta.get_field("note").max_length


class Part(models.TextChoices):
    """Parts of a study that can be copied beside its design."""

    INSTRUCTIONS = "instructions", "Instructions"
    DISPLAY = "display", "Display options"
    SITES = "sites", "Sites"
    PRACTICE = "practice", "Practice set"
    DETAILS = "details", "Report details"


COORDINATOR_PARTS: Final = frozenset({Part.INSTRUCTIONS, Part.PRACTICE})
"""Parts that only coordinators see in a study; a copy must not show them to others."""


class People(models.TextChoices):
    """How the members of a study join its copy."""

    NONE = "none", "Do not copy"
    MEMBERS = "members", "Add as members"
    INVITATIONS = "invitations", "Create an invitation link for each"


PEOPLE_IN_LOG: Final = {
    People.NONE: "not copied",
    People.MEMBERS: "added as members",
    People.INVITATIONS: "invited by link",
}
"""The past participles with which the study log states how people joined."""


@dataclass(frozen=True, slots=True)
class NewInvitation:
    """An invitation to a copy; the token is shown once and never stored."""

    name: str
    role: str
    site: str
    token: str


@dataclass(frozen=True, slots=True)
class StudyCopy:
    """The new study, and the invitations that were created with it."""

    study: Study
    invitations: list[NewInvitation] = field(default_factory=list)


def copy_study(
    *,
    source: Membership,
    by: User,
    name: str,
    parts: Collection[Part],
    people: People = People.NONE,
) -> StudyCopy:
    """Create a draft study from another one, with the person as its coordinator.

    Parameters
    ----------
    source
        The person's membership in the study that is copied.
    name
        Name of the new study.

    Raises
    ------
    NotAllowed
        The person may not create studies, or may not copy the people or a part of the study.
    StudyError
        People are selected without the sites to which they belong, or a part cannot be copied.
    """
    study = source.study
    if source.role != Role.COORDINATOR:
        if people != People.NONE:
            raise NotAllowed("Only a coordinator can copy the people of a study.")
        if COORDINATOR_PARTS.intersection(parts):
            raise NotAllowed("Only a coordinator can copy the instructions or the practice set.")
    if people != People.NONE and Part.SITES not in parts:
        raise StudyError(
            "sites_missing", "Readers belong to sites. To copy people, select the sites as well."
        )
    with transaction_with_files() as save:
        copy = _create_from_design(study, by, name, with_display=Part.DISPLAY in parts)
        if Part.SITES in parts:
            sites = [(site.code, site.name) for site in study.sites.all()]
            design_files.add_sites(study=copy, actor=by, sites=sites)
        if Part.INSTRUCTIONS in parts:
            copy_instructions(source=study, target=copy, by=by, save=save)
        if Part.PRACTICE in parts:
            copy_practice_set(source=study, target=copy, by=by)
        if Part.DETAILS in parts:
            copy_report_details(source=study, target=copy, by=by)
        invitations = _copy_people(study, copy, by, people)
        record(
            "study.copied",
            actor=by,
            study=copy,
            subject=study.slug,
            parts=sorted(part.label.lower() for part in parts),
            people=PEOPLE_IN_LOG[people],
        )
        # Those responsible for the source see that its names or members were used elsewhere.
        record("study.copy_made", actor=by, study=study, people=PEOPLE_IN_LOG[people])
    copy.refresh_from_db()
    return StudyCopy(copy, invitations)


def _create_from_design(study: Study, by: User, name: str, *, with_display: bool) -> Study:
    left_out = {*NEVER_COPIED, *(() if with_display else DISPLAY_FIELDS)}
    fields: dict[str, Any] = {
        field: getattr(study, field) for field in design_files.FIELDS if field not in left_out
    }
    arms = [arm.code for arm in study.arms.all()]
    try:
        return create_study_with_coordinator(by=by, arms=arms, name=name, **fields)
    except ValidationError as error:
        text = f"The study was not copied. {' '.join(error.messages)}"
        raise StudyError("copy_invalid", text) from error


def _copy_people(study: Study, copy: Study, by: User, people: People) -> list[NewInvitation]:
    """Add or invite the active members, with the same roles and sites."""
    if people == People.NONE:
        return []
    sites: dict[str, Site] = {site.code: site for site in copy.sites.all()}
    members = (
        Membership.objects.filter(study=study, active=True, user__is_active=True)
        # The person is already the coordinator of the copy.
        .exclude(user=by)
        .select_related("user", "site")
        .order_by("role", "label")
    )
    invitations = []
    for member in members:
        role, site = Role(member.role), sites[member.site.code] if member.site else None
        if people == People.MEMBERS:
            add_member(study=copy, user=member.user, role=role, site=site, by=by)
            continue
        _, token = create_invitation(
            study=copy, role=role, site=site, note=member.user.shown_name[:NOTE_LENGTH], by=by
        )
        invitations.append(
            NewInvitation(member.user.shown_name, role.label, site.name if site else "", token)
        )
    return invitations
