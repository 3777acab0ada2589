"""Masking of invitation tokens in all logs of the process.

Anyone with the address of an invitation can join the study. Django logs the address of each failed
request, gunicorn that of every request if its access log is enabled, and an exception may quote it.
All of them create their records with the record factory of `logging`.
"""

from __future__ import annotations

import logging
import logging.config
import re
from typing import Any

TOKEN = re.compile(
    r"""(invitations(?:/|%(?:25)*2f))(?!\d+/revoke)[^\s"'<>?&#]+""",
    re.IGNORECASE,
)


def mask_tokens(text: str) -> str:
    """Return the text with every invitation token replaced by a hyphen."""
    return TOKEN.sub(r"\1-", text)


class TokenMaskingLogRecord(logging.LogRecord):
    """A log record whose message and traceback contain no token."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        try:
            message = self.getMessage()
        except (TypeError, ValueError, KeyError):  # logging reports such a call itself
            message = f"{self.msg} {self.args!r}"
        masked = mask_tokens(message)
        if masked != message:
            self.msg, self.args = masked, ()
        if self.exc_info:
            trace = logging.Formatter().formatException(self.exc_info)
            masked = mask_tokens(trace)
            if masked != trace:
                # Formatters use exc_text, where it is set, in place of the traceback.
                self.exc_text = masked


def configure(settings: dict[str, Any]) -> None:
    """Apply Django's LOGGING and mask tokens in all records, including those of other packages."""
    logging.config.dictConfig(settings)
    logging.setLogRecordFactory(TokenMaskingLogRecord)
