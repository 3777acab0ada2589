"""Plain text and HTML of a letter."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

from django.conf import settings
from django.template.loader import render_to_string

from studies.mail.letters import SUBJECT_LENGTH, Letter, one_line

WIDTH = 72
SIGNATURE = "VerteRead. For research, not for diagnosis."


@dataclass(frozen=True, slots=True)
class RenderedLetter:
    """A letter as it is stored in the outbox and sent."""

    subject: str
    text: str
    html: str


def render_letter(
    letter: Letter, *, unsubscribe_path: str = "", base_url: str = ""
) -> RenderedLetter:
    """Return both forms of a letter, with the same sentences and complete addresses.

    ``base_url`` replaces ``VERTEREAD_BASE_URL`` in a text that a person copies from a page.
    """
    label, path = letter.action
    address = f"{base_url or settings.BASE_URL}{path}"
    unsubscribe = f"{settings.BASE_URL}{unsubscribe_path}" if unsubscribe_path else ""
    parts = [
        *(_wrap(paragraph) for paragraph in letter.paragraphs),
        *([_align(letter.table)] if letter.table else []),
        # Addresses are never wrapped, because mail programs would cut the link.
        f"{label}:\n{address}",
        *(_wrap(paragraph) for paragraph in letter.closing),
    ]
    footer = [SIGNATURE]
    if unsubscribe:
        footer.append(f"Unsubscribe from these emails:\n{unsubscribe}")
    context = {
        "letter": letter,
        "label": label,
        "address": address,
        "unsubscribe": unsubscribe,
        "signature": SIGNATURE,
    }
    return RenderedLetter(
        subject=one_line(letter.subject, SUBJECT_LENGTH),
        text="\n\n".join(parts) + "\n\n-- \n" + "\n".join(footer) + "\n",
        html=render_to_string("mail/letter.html", context),
    )


def _wrap(paragraph: str) -> str:
    return textwrap.fill(paragraph, WIDTH, break_long_words=False, break_on_hyphens=False)


def _align(table: tuple[tuple[str, ...], ...]) -> str:
    """Return the rows as columns of equal width: the first to the left, the others to the right."""
    widths = [max(len(row[column]) for row in table) for column in range(len(table[0]))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in table
    )
