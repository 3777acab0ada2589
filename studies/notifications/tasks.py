"""The regular writing of emails about studies, by a thread of every worker."""

from __future__ import annotations

from django.utils import timezone

from studies.jobs.rounds import register_round
from studies.mail.outbox import mail_enabled
from studies.mail.queueing import queue_mail
from studies.notifications.cancelled import forget_cancelled
from studies.notifications.periods import write_period_mails
from studies.notifications.reminders import write_reminders
from studies.notifications.summaries import write_summaries


def notify_members() -> int:
    """Write and queue all emails that are due now; return how many.

    Safe to repeat and to run at the same time in two workers: each email is written once.
    """
    if not mail_enabled():
        return 0
    now = timezone.now()
    forget_cancelled(now)
    mails = [*write_period_mails(now), *write_reminders(now), *write_summaries(now)]
    for mail in mails:
        queue_mail(mail)
    return len(mails)


register_round("notify-members", notify_members)
