"""The task that sends an email, and the regular tasks that cancel expired and delete old ones."""

from __future__ import annotations

from studies.celery import app
from studies.jobs.attempt import Reasons
from studies.jobs.requeue import Kind, watch
from studies.jobs.rounds import register_round
from studies.mail.models import OutgoingMail
from studies.mail.outbox import cancel_expired_mails, fail_mail, purge_old_mails
from studies.mail.queueing import MAIL, SEND_MAIL
from studies.mail.sending import send_mail

REASONS = Reasons(
    too_long="The mail server did not answer in time.",
    unavailable="The mail server could not be reached.",
    failed="The email could not be written because of an error.",
    broken_off="The email was interrupted too often because its worker stopped.",
)


# Several times the time limit of the connection, which applies to each step of the dialogue.
@app.task(name=SEND_MAIL, soft_time_limit=120, time_limit=150)
def send_mail_task(pk: str) -> None:
    """Send one email; safe to run twice, because a finished email is not claimed again."""
    send_mail(pk=pk)


# Emails whose message or worker was lost, or whose delay is over, are queued again from these rows.
watch(Kind(OutgoingMail, SEND_MAIL, MAIL, fail_mail, REASONS))
register_round("cancel-expired-mails", cancel_expired_mails)
register_round("purge-mails", purge_old_mails)
