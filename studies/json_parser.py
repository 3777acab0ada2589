"""Parser of JSON requests that limits their size and rejects text that cannot be stored."""

from __future__ import annotations

import re
from collections.abc import Mapping
from io import BytesIO
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

from studies.errors import StudyError

# The largest request, a landmark set or a preference, is far smaller.
MAX_BYTES = 256 * 1024
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
"""NUL and lone surrogates, which PostgreSQL cannot store."""


class SizeLimitedJSONParser(JSONParser):
    """Parses a body of at most `MAX_BYTES`, and reads no more than that."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return the parsed JSON; the arguments are those of REST framework."""
        # One byte more than allowed shows that a body is too large without reading the rest.
        body = stream.read(MAX_BYTES + 1)
        if len(body) > MAX_BYTES:
            text = f"This request is larger than {MAX_BYTES // 1024} KB."
            raise StudyError("too_large", text, status=413)
        try:
            data = super().parse(BytesIO(body), media_type, parser_context)
        except RecursionError as error:
            raise ParseError("This JSON is nested too deeply.") from error
        _check_text(data)
        return data


def _check_text(data: Any) -> None:
    # Iterative, because a nested body would exhaust the stack.
    remaining = [data]
    while remaining:
        value = remaining.pop()
        if isinstance(value, str) and UNSTORABLE.search(value):
            raise ParseError(
                "The text contains a character that cannot be stored (NUL or a lone surrogate). "
                "Remove it and save again."
            )
        if isinstance(value, dict):
            remaining += [*value.keys(), *value.values()]
        elif isinstance(value, list):
            remaining += value
