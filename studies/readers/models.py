"""Accounts, the roles that people have in studies, and invitations."""

from __future__ import annotations

import zoneinfo

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Upper
from django.utils import timezone

from studies.mail.models import OutgoingMail
from studies.protocol.models import Site, Study


def check_time_zone(name: str) -> None:
    """Raise ValidationError unless this is the name of a time zone."""
    if name not in zoneinfo.available_timezones():
        raise ValidationError(
            "This is not the name of a time zone. Enter a name such as Europe/Berlin."
        )


class User(AbstractUser):
    """An account; roles are memberships of studies."""

    may_create_studies = models.BooleanField("may create studies", default=False)
    time_zone = models.CharField(max_length=50, default="UTC", validators=[check_time_zone])
    # Keys, display windows and guide strength of the reading room.
    preferences = models.JSONField(default=dict, blank=True)
    confirmed_email = models.EmailField(blank=True, editable=False)
    """The address to which emails are sent; ``email`` is the one that was entered last."""
    wants_period_mails = models.BooleanField("when a period opens", default=True)
    wants_reminders = models.BooleanField("reminders to read", default=True)
    wants_summaries = models.BooleanField("weekly summaries for coordinators", default=True)

    class Meta(AbstractUser.Meta):
        constraints = [
            # A link to reset a password must belong to one account.
            models.UniqueConstraint(
                Upper("confirmed_email"),
                condition=~Q(confirmed_email=""),
                name="confirmed_email_once",
            ),
        ]

    @property
    def shown_name(self) -> str:
        """The full name, or the username if there is none."""
        return self.get_full_name() or self.username


class ReaderProfile(models.Model):
    """A reader's experience, which reports describe; a row without answers was skipped."""

    class Profession(models.TextChoices):
        RADIOLOGIST = "radiologist", "radiologist"
        TRAINEE = "trainee", "radiologist in training"
        PHYSICIAN = "physician", "other physician"
        RADIOGRAPHER = "radiographer", "radiographer or technologist"
        SCIENTIST = "scientist", "scientist"
        STUDENT = "student", "student"
        OTHER = "other", "other profession"

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="reader_profile")
    profession = models.CharField(max_length=12, choices=Profession, blank=True)
    years = models.PositiveSmallIntegerField(
        "years of experience",
        null=True,
        blank=True,
        validators=[MaxValueValidator(70)],
    )
    aac_readings = models.PositiveIntegerField(
        "AAC readings done before",
        null=True,
        blank=True,
        validators=[MaxValueValidator(1_000_000)],
    )
    named = models.BooleanField("I consent to be named in reports", default=False)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="reader_profile_years_up_to_70", condition=Q(years=None) | Q(years__lte=70)
            )
        ]

    def __str__(self) -> str:
        return f"reader profile of {self.user}"


class Role(models.TextChoices):
    COORDINATOR = "coordinator", "Coordinator"
    READER = "reader", "Reader"
    STATISTICIAN = "statistician", "Statistician"
    ADJUDICATOR = "adjudicator", "Adjudicator"


INSTRUCTIONS_FOR_ALL = "study"
"""The part of the instructions for all readers; the other parts are named by the code of an arm."""


class Membership(models.Model):
    """A person's single role in a study, which may be limited to a site."""

    # Protected: readings and audit events refer to members permanently.
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=12, choices=Role)
    site = models.ForeignKey(
        Site, null=True, blank=True, on_delete=models.PROTECT, related_name="memberships"
    )
    label = models.CharField(max_length=20)
    active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(auto_now_add=True)
    certified_at = models.DateTimeField(null=True, blank=True, editable=False)
    """When the reader passed the certification of the study."""
    certification_waived_at = models.DateTimeField(null=True, blank=True, editable=False)
    acknowledged_parts = models.JSONField(default=dict, editable=False)
    """The latest version of each part of the instructions that the reader has acknowledged.

    The practice app has every acknowledgement with its time. This copy is read with the membership,
    so that serving a case takes no further query.
    """
    refreshers_done = models.PositiveIntegerField(default=0, editable=False)
    """The number of the last refresher that the reader has finished or that was left out."""

    class Meta:
        ordering = ["label"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "study"],
                name="one_role_in_a_study",
                violation_error_message="This person already has a role in this study.",
            ),
            models.UniqueConstraint(fields=["study", "label"], name="membership_label_once"),
            models.CheckConstraint(
                name="reader_has_site",
                condition=~Q(role="reader") | Q(site__isnull=False),
                violation_error_message="A reader needs a site.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label} in {self.study}"

    @property
    def may_read_cases(self) -> bool:
        """Whether the reader passed the certification, or the study or a waiver requires none."""
        if not self.study.certification_required:
            return True
        return self.certified_at is not None or self.certification_waived_at is not None

    def parts_to_acknowledge(self, arm: str) -> list[str]:
        """Return the parts of the instructions to acknowledge before reading in an arm."""
        versions: dict[str, int] = self.study.instruction_parts
        return [
            part
            for part in (INSTRUCTIONS_FOR_ALL, arm)
            if versions.get(part, 0) > self.acknowledged_parts.get(part, 0)
        ]


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def usable(self) -> InvitationQuerySet:
        """Return invitations that are neither used, withdrawn nor expired.

        An invitation also becomes invalid when its creator may no longer invite.
        """
        inviters = Membership.objects.filter(
            study=OuterRef("study"),
            user=OuterRef("created_by"),
            user__is_active=True,
            role=Role.COORDINATOR,
            site=None,
            active=True,
        )
        # An invitation ends with the rights of the person who created it.
        fresh = self.filter(used_at=None, revoked_at=None, expires_at__gt=timezone.now())
        return fresh.filter(Exists(inviters))


class Invitation(models.Model):
    """A link that makes one person a member of a study, once.

    Only the token's hash is stored, so that a copy of the database cannot be used to join.
    """

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="invitations")
    role = models.CharField(max_length=12, choices=Role)
    site = models.ForeignKey(Site, null=True, blank=True, on_delete=models.PROTECT)
    note = models.CharField("note (shown to coordinators only)", max_length=80, blank=True)
    token_hash = models.CharField(max_length=64, unique=True)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    used_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    revoked_at = models.DateTimeField(null=True, blank=True)
    # Old emails are removed, which does not affect the invitation.
    mail = models.OneToOneField(
        OutgoingMail, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                name="invited_reader_has_site",
                condition=~Q(role="reader") | Q(site__isnull=False),
                violation_error_message="A reader needs a site.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} of {self.study}"


class PasswordReset(models.Model):
    """A link that lets the owner of an account set a new password, once.

    Only the token's hash is stored. ``password_state`` is derived from the password, so that any
    change of the password makes the link invalid. Without an account the row is a decoy: see
    `studies.readers.account_mail.password_resets`.
    """

    user = models.ForeignKey(
        User, null=True, on_delete=models.CASCADE, related_name="password_resets"
    )
    token_hash = models.CharField(max_length=64, unique=True)
    password_state = models.CharField(max_length=128, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"password reset, {self.created_at:%Y-%m-%d %H:%M}"
