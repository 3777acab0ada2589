"""Receiving the body of an upload: what is checked before its first byte, and its limits.

A view calls `check_announced` and enters `receiving` when it has checked who sends and whether they
may. Only then is the body read: `studies.cases.upload.upload_handler` writes no file of any other
request.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from socket import SHUT_RD, socket
from threading import BoundedSemaphore, Lock, Timer
from typing import IO, Any, TypeVar

from django.conf import settings
from django.http import HttpRequest
from rest_framework.parsers import DataAndFiles, MultiPartParser

from studies.errors import StudyError

Item = TypeVar("Item")
FORM_BYTES = 2**20
BUSY_RETRY_S = 10
TURNS = 2


class Busy(StudyError):
    """Every slot is taken; the page sends the file again by itself."""

    status = 503
    retry_after_s = BUSY_RETRY_S

    def __init__(self) -> None:
        super().__init__(
            "busy",
            "The server is receiving as many uploads as it can at the same time. This file was "
            "not read. Send it again in a moment.",
        )


class TooSlow(StudyError):
    status = 408

    def __init__(self) -> None:
        super().__init__(
            "too_slow",
            "The upload stopped or took too long and was ended. Nothing was stored. Send the file "
            "again, over a faster connection if you can.",
        )


class BrokenOff(StudyError):
    def __init__(self) -> None:
        super().__init__("broken_off", "The connection ended before the whole file had arrived.")


def check_announced(request: HttpRequest) -> None:
    """Raise StudyError unless the headers announce a body of a permitted size."""
    announced = request.META.get("CONTENT_LENGTH") or ""
    if not announced.isdigit() or "HTTP_TRANSFER_ENCODING" in request.META:
        text = "The request does not state the size of its body (Content-Length)."
        raise StudyError("length_missing", text, status=411)
    if int(announced) > settings.MAX_UPLOAD_BYTES + FORM_BYTES:
        limit = settings.MAX_UPLOAD_BYTES // 2**20
        text = f"This file is larger than {limit} MB, the most that this server takes."
        raise StudyError("too_large", text, status=413)


class Slots:
    """How many uploads this process receives at the same time, settings.UPLOAD_SLOTS at most."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._used = 0

    @contextmanager
    def one(self) -> Iterator[None]:
        """Hold a slot during the block; raises Busy at once when none is free."""
        with self._lock:
            if self._used >= settings.UPLOAD_SLOTS:
                raise Busy
            self._used += 1
        try:
            yield
        finally:
            with self._lock:
                self._used -= 1


SLOTS = Slots()
TURN = BoundedSemaphore(TURNS)


@dataclass(slots=True)
class Incoming:
    """A body that may be read now, within its time limits."""

    connection: socket | None
    too_slow: bool = False
    _timer: Timer | None = field(default=None, repr=False)

    def start(self) -> None:
        if self.connection is None:
            return
        self.connection.settimeout(settings.UPLOAD_IDLE_S)
        self._timer = Timer(settings.UPLOAD_TOTAL_S, self.end)
        self._timer.daemon = True
        self._timer.start()

    def end(self) -> None:
        """Let the thread that reads the body see its end, although the client still sends."""
        self.too_slow = True
        if self.connection is not None:
            with suppress(OSError):
                self.connection.shutdown(SHUT_RD)

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self.connection is not None:
            with suppress(OSError):
                self.connection.settimeout(None)


@contextmanager
def receiving(request: HttpRequest) -> Iterator[None]:
    """Permit the block to read the request's body, within the time limits for uploads.

    Time is limited where the server gives access to the connection, as gunicorn does.
    """
    incoming = Incoming(request.META.get("gunicorn.socket"))
    request.incoming = incoming  # type: ignore[attr-defined]
    incoming.start()
    try:
        yield
    finally:
        incoming.stop()
        del request.incoming  # type: ignore[attr-defined]


class WholeBody:
    """A body as a stream that raises TooSlow or BrokenOff when it ends before its length."""

    def __init__(self, stream: IO[bytes], length: int, incoming: Incoming) -> None:
        self._stream = stream
        self._left = length
        self._incoming = incoming

    def read(self, size: int) -> bytes:
        wanted = min(size, self._left)
        try:
            piece = self._stream.read(wanted)
        except OSError as error:
            if isinstance(error, TimeoutError) or isinstance(error.__cause__, TimeoutError):
                raise TooSlow from error
            raise BrokenOff from error
        self._left -= len(piece)
        if len(piece) < wanted:
            raise TooSlow if self._incoming.too_slow else BrokenOff
        return piece


class UploadParser(MultiPartParser):
    """Parses a form with a file while it arrives, and only inside `receiving`."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> DataAndFiles[Any, Any]:
        request = (parser_context or {})["request"]._request
        length = int(request.META["CONTENT_LENGTH"])
        body = WholeBody(stream, length, request.incoming)
        return super().parse(body, media_type, parser_context)  # type: ignore[arg-type]


def in_turn(items: Iterator[Item]) -> Iterator[Item]:
    """Yield the items; at most `TURNS` threads of this process work on their next one."""
    while True:
        with TURN:
            item = next(items, None)
        if item is None:
            return
        yield item
