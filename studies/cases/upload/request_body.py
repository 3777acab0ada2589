"""Receipt of the body of an upload: the checks before its first byte, and its time limits.

A view checks sender and permission, calls `check_content_length` and enters `receive_body`. Only
then is the body read: `studies.cases.upload.upload_handler` writes no file of any other request.
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
# Allowance for the other fields of the form.
FORM_BYTES = 2**20
BUSY_RETRY_S = 10
# Files of uploads that one process de-identifies at the same time.
MAX_CONCURRENT_FILES = 2


class UploadsBusy(StudyError):
    """All upload slots are in use; the upload page retries automatically."""

    status = 503
    retry_after_s = BUSY_RETRY_S

    def __init__(self) -> None:
        super().__init__(
            "busy",
            "The server cannot receive more uploads at the moment, so this file was not read. "
            "Upload it again in a minute.",
        )


class UploadTooSlow(StudyError):
    """The body did not arrive within the time limits."""

    status = 408

    def __init__(self) -> None:
        super().__init__(
            "too_slow",
            "The upload stalled or took too long and was cancelled. Nothing was stored. Upload the "
            "file again, over a faster connection if possible.",
        )


class UploadInterrupted(StudyError):
    """The connection ended early."""

    def __init__(self) -> None:
        super().__init__(
            "broken_off", "The connection ended before the whole file had arrived. Upload it again."
        )


def check_content_length(request: HttpRequest) -> None:
    """Raise StudyError unless the headers state a body of a permitted size."""
    length = request.META.get("CONTENT_LENGTH") or ""
    # A chunked body has no announced size, so it could not be rejected before it is read.
    if not length.isdigit() or "HTTP_TRANSFER_ENCODING" in request.META:
        text = "The request does not state the size of its body (Content-Length)."
        raise StudyError("length_missing", text, status=411)
    if int(length) > settings.MAX_UPLOAD_BYTES + FORM_BYTES:
        limit = settings.MAX_UPLOAD_BYTES // 2**20
        text = f"This file is larger than {limit} MB, the largest size that this server accepts."
        raise StudyError("too_large", text, status=413)


class Slots:
    """Limits the uploads that this process receives at the same time to settings.UPLOAD_SLOTS."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._used = 0

    @contextmanager
    def acquire(self) -> Iterator[None]:
        """Occupy a slot during the block; raise UploadsBusy at once when none is free."""
        with self._lock:
            # Rejected at once rather than queued, because a waiting request occupies a thread.
            if self._used >= settings.UPLOAD_SLOTS:
                raise UploadsBusy
            self._used += 1
        try:
            yield
        finally:
            with self._lock:
                self._used -= 1


SLOTS = Slots()
# As many as there are sandbox processes by default; a third file would only wait for one.
FILE_SEMAPHORE = BoundedSemaphore(MAX_CONCURRENT_FILES)


@dataclass(slots=True)
class IncomingBody:
    """A body that may be read now, within its time limits."""

    connection: socket | None
    too_slow: bool = False
    _timer: Timer | None = field(default=None, repr=False)

    def start(self) -> None:
        """Start the time limits."""
        if self.connection is None:
            return
        # The idle limit alone would let a client that sends a byte per minute occupy a slot for
        # days.
        self.connection.settimeout(settings.UPLOAD_IDLE_S)
        self._timer = Timer(settings.UPLOAD_TOTAL_S, self.end)
        self._timer.daemon = True
        self._timer.start()

    def end(self) -> None:
        """Make the thread that reads the body see its end, although the client is still sending."""
        self.too_slow = True
        if self.connection is not None:
            with suppress(OSError):
                # Closing the socket would take away the answer; ending its reading side does not.
                self.connection.shutdown(SHUT_RD)

    def stop(self) -> None:
        """Lift the time limits."""
        if self._timer is not None:
            self._timer.cancel()
        if self.connection is not None:
            with suppress(OSError):
                self.connection.settimeout(None)


@contextmanager
def receive_body(request: HttpRequest) -> Iterator[None]:
    """Permit the block to read the request's body, within the time limits for uploads.

    Time is limited only where the server exposes the connection, as gunicorn does.
    """
    incoming = IncomingBody(request.META.get("gunicorn.socket"))
    # The attribute tells the upload handler that this request may carry a file.
    request.incoming = incoming  # type: ignore[attr-defined]
    incoming.start()
    try:
        yield
    finally:
        incoming.stop()
        del request.incoming  # type: ignore[attr-defined]


class CompleteBody:
    """A body as a stream that raises a StudyError when it ends before its announced length."""

    def __init__(self, stream: IO[bytes], length: int, incoming: IncomingBody) -> None:
        self._stream = stream
        self._left = length
        self._incoming = incoming

    def read(self, size: int) -> bytes:
        """Read up to ``size`` bytes; raise UploadTooSlow or UploadInterrupted at an early end."""
        # Compared with what is still due, so that a connection that ends early differs from the
        # end.
        wanted = min(size, self._left)
        try:
            piece = self._stream.read(wanted)
        except OSError as error:
            # Django raises the socket's errors as UnreadablePostError, with the original as its
            # cause.
            if isinstance(error, TimeoutError) or isinstance(error.__cause__, TimeoutError):
                raise UploadTooSlow from error
            raise UploadInterrupted from error
        self._left -= len(piece)
        if len(piece) < wanted:
            raise UploadTooSlow if self._incoming.too_slow else UploadInterrupted
        return piece


class UploadParser(MultiPartParser):
    """Parses a form with a file while it arrives, and only inside `receive_body`."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> DataAndFiles[Any, Any]:
        """Parse the form; the arguments are those of REST framework."""
        request = (parser_context or {})["request"]._request
        length = int(request.META["CONTENT_LENGTH"])
        body = CompleteBody(stream, length, request.incoming)
        return super().parse(body, media_type, parser_context)  # type: ignore[arg-type]


def limit_concurrency(items: Iterator[Item]) -> Iterator[Item]:
    """Yield the items; at most `MAX_CONCURRENT_FILES` threads compute their next one at a time."""
    while True:
        with FILE_SEMAPHORE:
            # The semaphore is free between items, so that uploads of many files take turns.
            item = next(items, None)
        if item is None:
            return
        yield item
