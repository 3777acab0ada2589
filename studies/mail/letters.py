"""The text of every email, from the few facts that an email may contain.

An email can be read on a locked screen and forwarded, and the wrong person may answer it. It
therefore names the study and nothing that identifies a case or unmasks a reader: the parameters of
these functions are all that reaches an email.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

SUBJECT_LENGTH = 150
NAME_LENGTH = 80
MAX_ROWS = 100
"""Readers in a weekly summary; the page lists all of them."""


@dataclass(frozen=True, slots=True)
class Letter:
    """An email before it is rendered as plain text and as HTML.

    ``action`` is the label and the path of the one link, ``closing`` follows it. ``table`` has a
    heading and rows of text.
    """

    subject: str
    paragraphs: tuple[str, ...]
    action: tuple[str, str]
    closing: tuple[str, ...] = ()
    table: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class ReaderCount:
    """Submitted readings of one reader: in all, assigned, and in the last seven days."""

    label: str
    submitted: int
    assigned: int
    last_week: int


def one_line(text: str, length: int = NAME_LENGTH) -> str:
    """Return the text without line breaks and control characters, shortened to ``length``."""
    printable = "".join(character if character.isprintable() else " " for character in text)
    line = " ".join(printable.split())
    return line if len(line) <= length else f"{line[: length - 1]}…"


def invitation(*, study: str, role: str, path: str, expires: str) -> Letter:
    """Return the invitation to a study; ``role`` is in lower case, such as "adjudicator"."""
    name, article = one_line(study), "an" if role[:1] in "aeiou" else "a"
    return Letter(
        subject=f"Invitation to {name}",
        paragraphs=(
            "Hello,",
            f"You are invited to join the reading study {name} as {article} {role}.",
        ),
        action=("Join the study", path),
        closing=(
            f"The link works once and expires on {expires}. Do not pass it on.",
            "If you did not expect this invitation, you can ignore this email.",
        ),
    )


def address_confirmation(*, username: str, path: str) -> Letter:
    """Return the request to confirm the address of an account."""
    return Letter(
        subject="Confirm your email address",
        paragraphs=(
            "Hello,",
            (
                "This address was entered for the VerteRead account "
                f"{one_line(username)}. Confirm it to receive emails from VerteRead and to be able "
                "to reset your password."
            ),
        ),
        action=("Confirm the address", path),
        closing=(
            "The link expires after 3 days.",
            "If this is not your account, you can ignore this email.",
        ),
    )


def address_changed(*, username: str, path: str) -> Letter:
    """Return the notice to the earlier address of an account."""
    return Letter(
        subject="Your email address was changed",
        paragraphs=(
            "Hello,",
            (
                "The VerteRead account "
                f"{one_line(username)} now uses another address. Emails no longer go to this one."
            ),
        ),
        action=("Open your profile", path),
        closing=("If you did not change it, tell your VerteRead administrator.",),
    )


def password_reset(*, username: str, path: str) -> Letter:
    """Return the link to set a new password."""
    return Letter(
        subject="Reset your password",
        paragraphs=(
            "Hello,",
            (
                "Someone asked to reset the password of your VerteRead account "
                f"{one_line(username)}."
            ),
        ),
        action=("Set a new password", path),
        closing=(
            "The link works once and expires after 1 hour.",
            "If you did not ask for this, ignore this email. Your password will not change.",
        ),
    )


def period_open(*, study: str, period: int, path: str) -> Letter:
    """Return the notice that a period of a reader has opened."""
    name = one_line(study)
    return Letter(
        subject=f"Period {period} is open in {name}",
        paragraphs=(
            "Hello,",
            f"The washout is over, and period {period} of your reading in {name} is now open.",
        ),
        action=("Open the study", path),
    )


def reminder(*, study: str, days: int, path: str) -> Letter:
    """Return the reminder of a reader who has not read for ``days`` days."""
    name, unit = one_line(study), "day" if days == 1 else "days"
    return Letter(
        subject=f"Cases are waiting in {name}",
        paragraphs=(
            "Hello,",
            (
                f"You have cases to read in {name}, and you have not read any for {days} {unit} or "
                "longer."
            ),
        ),
        action=("Open the study", path),
    )


def weekly_summary(*, study: str, counts: Sequence[ReaderCount], path: str) -> Letter:
    """Return the number of submitted readings by reader label, without any score or arm."""
    name = one_line(study)
    rows = [
        (row.label, f"{row.submitted} of {row.assigned}", str(row.last_week))
        for row in counts[:MAX_ROWS]
    ]
    more = len(counts) - len(rows)
    submitted, assigned = sum(r.submitted for r in counts), sum(r.assigned for r in counts)
    return Letter(
        subject=f"Weekly summary of {name}",
        paragraphs=(
            "Hello,",
            (
                f"{submitted} of {assigned} readings have been submitted in {name}, "
                f"{sum(row.last_week for row in counts)} of them in the last 7 days."
            ),
        ),
        table=(("Reader", "Submitted", "Last 7 days"), *rows),
        action=("Open the page Readers", path),
        closing=(f"{more} more {'reader' if more == 1 else 'readers'} on the page.",)
        if more
        else (),
    )
