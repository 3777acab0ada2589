"""Publishing, withdrawing and acknowledging announcements."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from studies.audit.record import record
from studies.correspondence.limits import check_rate, clean_text, lock_writer
from studies.correspondence.models import Announcement, AnnouncementAcknowledgement
from studies.errors import Conflict, NotAllowed, NotFound
from studies.protocol.models import Site
from studies.readers.access import accessible_sites
from studies.readers.models import Membership

MAX_REASON_LENGTH = 500


@transaction.atomic
def publish_announcement(
    *, author: Membership, site: Site | None, message_id: UUID, text: str
) -> Announcement:
    """Publish an announcement to all readers, or to those of a site.

    A repeated ``message_id`` returns the stored announcement. Raises NotAllowed if a site
    coordinator addresses readers of other sites, Conflict once the study is
    locked.
    """
    text = clean_text(text, noun="text")
    author = lock_writer(author)
    stored = Announcement.objects.filter(author=author, message_id=message_id).first()
    if stored is not None:
        if (stored.text, stored.site_id) != (text, site.pk if site else None):
            raise Conflict(
                "change_id_reused",
                "Nothing was published: this form was used before. Reload the page and publish "
                "the text again.",
            )
        return stored
    if site is None and author.site_id is not None:
        raise NotAllowed("Site coordinators can write only to the readers of their site.")
    if site is not None and not accessible_sites(author).filter(pk=site.pk).exists():
        raise NotFound
    check_rate(author)
    announcement = Announcement.objects.create(
        study=author.study, site=site, author=author, message_id=message_id, text=text
    )
    record(
        "announcement.published",
        actor=author.user,
        study=author.study,
        subject=site.code if site else "all readers",
        announcement=str(announcement.pk),
    )
    return announcement


@transaction.atomic
def withdraw_announcement(*, pk: UUID, by: Membership, reason: str) -> Announcement:
    """Hide an announcement from the readers, with a reason; it stays in the record.

    Raises NotFound for one that the coordinator does not manage, Conflict if it was withdrawn
    before.
    """
    by = lock_writer(by)
    managed = Announcement.objects.managed_by(by).select_for_update(of=("self",))
    announcement = managed.filter(pk=pk).first()
    if announcement is None:
        raise NotFound
    # Afterwards, so that the answer about a foreign announcement does not depend on the reason.
    reason = clean_text(reason, longest=MAX_REASON_LENGTH, noun="reason")
    if announcement.withdrawn_at is not None:
        raise Conflict("withdrawn", "This announcement has already been withdrawn.")
    announcement.withdrawn_at = timezone.now()
    announcement.withdrawn_by, announcement.withdrawal_reason = by, reason
    announcement.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawal_reason"])
    record(
        "announcement.withdrawn",
        actor=by.user,
        study=by.study,
        subject=announcement.site.code if announcement.site else "all readers",
        announcement=str(announcement.pk),
    )
    return announcement


@transaction.atomic
def acknowledge_announcement(*, pk: UUID, reader: Membership) -> None:
    """Store that the reader has read an announcement; a repeated request changes nothing.

    Raises NotFound unless the reader may see it.
    """
    announcement = Announcement.objects.seen_by(reader).filter(pk=pk).first()
    if announcement is None:
        raise NotFound
    _, created = AnnouncementAcknowledgement.objects.get_or_create(
        announcement=announcement, reader=reader
    )
    if created:
        record(
            "announcement.acknowledged",
            actor=reader.user,
            study=reader.study,
            subject=reader.label,
            announcement=str(pk),
        )
