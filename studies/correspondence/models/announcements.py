"""Announcements of coordinators to readers, and the readers' acknowledgements."""

from __future__ import annotations

import uuid

import pgtrigger
from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from studies.correspondence.models.threads import MAX_TEXT_LENGTH
from studies.protocol.models import Site, Study
from studies.readers.models import Membership, Role


class AnnouncementQuerySet(models.QuerySet["Announcement"]):
    def seen_by(self, membership: Membership) -> AnnouncementQuerySet:
        """Return the announcements to all readers, and those to the sites that the member sees.

        Readers do not see withdrawn ones.
        """
        if membership.role not in {Role.READER, Role.COORDINATOR}:
            return self.none()
        announcements = self.filter(study=membership.study_id)
        if membership.site_id is not None:
            announcements = announcements.filter(Q(site=None) | Q(site=membership.site_id))
        if membership.role == Role.READER:
            announcements = announcements.filter(withdrawn_at=None)
        return announcements

    def managed_by(self, membership: Membership) -> AnnouncementQuerySet:
        """Return those that a coordinator may withdraw: all, or those to the coordinator's site."""
        announcements = self.seen_by(membership)
        if membership.role != Role.COORDINATOR:
            return announcements.none()
        if membership.site_id is not None:
            announcements = announcements.filter(site=membership.site_id)
        return announcements

    def pending_for(self, reader: Membership) -> AnnouncementQuerySet:
        """Return what was published since the reader joined and is not acknowledged, in order."""
        acknowledged = AnnouncementAcknowledgement.objects.filter(
            announcement=OuterRef("pk"), reader=reader.pk
        )
        announcements = self.seen_by(reader).filter(published_at__gte=reader.joined_at)
        return announcements.exclude(Exists(acknowledged)).order_by("published_at", "pk")


def _changed(*columns: str) -> pgtrigger.Condition:
    """Return the condition that one of the columns changes."""
    # As SQL, because compiling lookups needs a database, which `make lint` has not.
    return pgtrigger.Condition(
        " OR ".join(f'OLD."{name}" IS DISTINCT FROM (NEW."{name}")' for name in columns)
    )


class Announcement(models.Model):
    """A text to all readers of the study, or to those of one site. It is never changed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="announcements")
    site = models.ForeignKey(Site, null=True, on_delete=models.PROTECT, related_name="+")
    author = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    # From the form: a repeated request publishes nothing.
    message_id = models.UUIDField()
    text = models.CharField(max_length=MAX_TEXT_LENGTH)
    published_at = models.DateTimeField(auto_now_add=True)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(
        Membership, null=True, on_delete=models.PROTECT, related_name="+"
    )
    withdrawal_reason = models.CharField(max_length=500, blank=True)

    objects = AnnouncementQuerySet.as_manager()

    class Meta:
        ordering = ["-published_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["author", "message_id"], name="announcement_once"),
            models.CheckConstraint(name="announcement_has_text", condition=~Q(text="")),
            models.CheckConstraint(
                name="announcement_withdrawn_with_reason",
                condition=Q(withdrawn_at=None, withdrawn_by=None, withdrawal_reason="")
                | Q(withdrawn_at__gte=F("published_at"), withdrawn_by__isnull=False)
                & ~Q(withdrawal_reason=""),
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="announcements_kept", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="announcements_not_edited",
                operation=pgtrigger.Update,
                condition=_changed(
                    *("study_id", "site_id", "author_id", "message_id", "text", "published_at")
                ),
            ),
            pgtrigger.Protect(
                name="withdrawals_final",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition('OLD."withdrawn_at" IS NOT NULL'),
            ),
        ]

    def __str__(self) -> str:
        return f"Announcement of {self.author.label} in {self.study}"

    @property
    def author_role(self) -> str:
        """What readers see of the author: the role, never the name."""
        return "Site coordinator" if self.author.site_id is not None else "Coordinator"


class AnnouncementAcknowledgement(models.Model):
    """A reader's confirmation of having read an announcement."""

    announcement = models.ForeignKey(
        Announcement, on_delete=models.PROTECT, related_name="acknowledgements"
    )
    reader = models.ForeignKey(
        Membership, on_delete=models.PROTECT, related_name="acknowledged_announcements"
    )
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["announcement", "reader"], name="announcement_acknowledged_once"
            )
        ]
        triggers = [
            pgtrigger.Protect(
                name="announcement_acknowledgements_append_only",
                operation=pgtrigger.Update | pgtrigger.Delete,
            )
        ]

    def __str__(self) -> str:
        return f"{self.reader.label} acknowledged {self.announcement_id}"
