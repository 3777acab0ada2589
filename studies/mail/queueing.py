"""Queueing of emails, when the transaction that wrote them commits."""

from __future__ import annotations

from django.db import transaction

from studies.jobs.queue import send
from studies.mail.models import OutgoingMail

SEND_MAIL = "send_mail"
MAIL = "mail"
"""The queue to which `studies.settings` routes the task."""


def queue_mail(mail: OutgoingMail) -> None:
    """Queue an email; while the broker is unavailable, `studies.jobs.requeue` queues it later."""
    transaction.on_commit(lambda: send(SEND_MAIL, mail.pk))
