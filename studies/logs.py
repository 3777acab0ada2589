"""Keep the tokens of invitations out of every log of the process.

An invitation's address lets its bearer into a study. Django logs the address of each failed
request, gunicorn those of all requests where its access log is enabled, and an exception may quote
it. All of them make their records with the one factory of `logging`.
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
    return TOKEN.sub(r"\1-", text)


class TokenMaskingLogRecord(logging.LogRecord):
    """A record whose message and traceback hold no token."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        try:
            message = self.getMessage()
        except (TypeError, ValueError, KeyError):  # logging reports the call itself
            message = f"{self.msg} {self.args!r}"
        masked = mask_tokens(message)
        if masked != message:
            self.msg, self.args = masked, ()
        if self.exc_info:
            trace = logging.Formatter().formatException(self.exc_info)
            masked = mask_tokens(trace)
            if masked != trace:
                self.exc_text = masked


def configure(settings: dict[str, Any]) -> None:
    """Apply Django's LOGGING and mask tokens in all records, those of other packages too."""
    logging.config.dictConfig(settings)
    logging.setLogRecordFactory(TokenMaskingLogRecord)
