"""Delivery of one email to the mail server, and what an error means for the next attempt."""

from __future__ import annotations

import logging
import smtplib

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.smtp import EmailBackend

from studies.jobs.claims import ClaimLost, send_heartbeats
from studies.jobs.queue import CircuitBreaker
from studies.mail.links import PLACEHOLDER, derive_token
from studies.mail.models import OutgoingMail
from studies.mail.outbox import begin_mail, finish_mail, postpone_mail

logger = logging.getLogger(__name__)
State = OutgoingMail.State
TOO_SLOW = "The mail server did not answer in time."
# While the server is unavailable, emails wait without an attempt, so that a worker does other work.
SERVER = CircuitBreaker()


class MailRejected(Exception):
    """The server will never accept this email."""


def send_mail(*, pk: str) -> None:
    """Claim an email, deliver it and store the outcome.

    Safe to run twice: a finished email is not claimed again. Only if the worker is killed between
    the server's acceptance and the commit is an email delivered a second time, with the same
    Message-ID.
    """
    if not settings.MAIL or SERVER.unavailable:
        return
    mail = begin_mail(pk=pk)
    if mail is None:
        return
    try:
        with send_heartbeats(mail):
            _attempt(mail)
    except ClaimLost:
        logger.warning("email %s was taken over by another worker: nothing is stored", pk)


def _attempt(mail: OutgoingMail) -> None:
    try:
        deliver(mail)
    except MailRejected as error:
        SERVER.record_success()
        finish_mail(mail=mail, state=State.FAILED, reason=str(error))
    # Before OSError, of which it is a subclass. Its text may quote addresses or names: code only.
    except smtplib.SMTPResponseException as error:
        _postpone(mail, f"The mail server answered with the code {error.smtp_code}.")
    except SoftTimeLimitExceeded:
        SERVER.record_failure()
        _postpone(mail, TOO_SLOW)
    except OSError as error:
        SERVER.record_failure()
        # smtplib reports a timeout within the dialogue as a lost connection.
        if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
            _postpone(mail, TOO_SLOW)
        else:
            _postpone(mail, f"The mail server could not be reached ({type(error).__name__}).")
    except Exception:
        logger.exception("email %s failed", mail.pk)
        reason = "The email could not be written because of an error. The worker's log has details."
        finish_mail(mail=mail, state=State.FAILED, reason=reason)
    else:
        SERVER.record_success()
        finish_mail(mail=mail, state=State.SENT)


def _postpone(mail: OutgoingMail, reason: str) -> None:
    logger.warning("email %s, attempt %s: %s", mail.pk, mail.attempts, reason)
    postpone_mail(mail=mail, reason=reason)


def deliver(mail: OutgoingMail) -> None:
    """Hand the email to the server. Raises MailRejected, or OSError if a later attempt may succeed.

    smtplib's errors are subclasses of OSError.
    """
    options = {name: value for name, value in settings.MAIL.items() if name != "sender"}
    connection = EmailBackend(**options)
    message = build_message(mail)
    connection.open()
    try:
        connection.send_messages([message])
    except smtplib.SMTPRecipientsRefused as error:
        code = next(iter(error.recipients.values()))[0]
        if code >= 500:
            raise MailRejected(f"The mail server rejected the address (code {code}).") from None
        raise smtplib.SMTPResponseException(code, b"recipient") from None
    except smtplib.SMTPDataError as error:
        if error.smtp_code >= 500:
            text = f"The mail server rejected the email (code {error.smtp_code})."
            raise MailRejected(text) from None
        raise
    finally:
        try:
            connection.close()
        except OSError:
            # The email was accepted or not before; an error at parting must not send it again.
            logger.info("the connection to the mail server was not closed properly")


def build_message(mail: OutgoingMail) -> EmailMultiAlternatives:
    """Return the message with both forms of the text and its headers."""
    token = derive_token(mail.link_nonce) if mail.link_nonce else ""
    sender: str = settings.MAIL["sender"]
    domain = sender.rstrip(">").rpartition("@")[2]
    headers = {
        "Message-ID": f"<{mail.pk}@{domain}>",
        # RFC 3834: out-of-office replies are not sent to automatic emails.
        "Auto-Submitted": "auto-generated",
    }
    if mail.unsubscribe_path:
        headers["List-Unsubscribe"] = f"<{settings.BASE_URL}{mail.unsubscribe_path}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message = EmailMultiAlternatives(
        mail.subject,
        mail.text.replace(PLACEHOLDER, token),
        sender,
        [mail.address],
        headers=headers,
    )
    message.attach_alternative(mail.html.replace(PLACEHOLDER, token), "text/html")
    return message
