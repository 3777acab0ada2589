"""The bodies of requests: JSON of a size that this API can need, and text that can be stored."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

from studies.errors import StudyError

MAX_BYTES = 256 * 1024
NUL = b"\\u0000"


class SmallJSON(JSONParser):
    """Reads no more than MAX_BYTES, however much is sent."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        body = stream.read(MAX_BYTES + 1)
        if len(body) > MAX_BYTES:
            text = f"This request is larger than {MAX_BYTES // 1024} KB."
            raise StudyError("too_large", text, status=413)
        if NUL in body:
            raise ParseError("Text cannot hold the character NUL.")
        try:
            return super().parse(BytesIO(body), media_type, parser_context)  # type: ignore[arg-type]
        except RecursionError as error:
            raise ParseError("This JSON is nested too deeply.") from error
