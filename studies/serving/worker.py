"""gunicorn's threaded worker, changed so that it never waits for a client that is still sending.

The original reads the rest of a body for up to five seconds in the thread that answered, and waits
up to two seconds for each connection that it closes, during which it serves no one else.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from gunicorn.util import close as close_now  # type: ignore[import-untyped]
from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]

from studies.serving.closing import Closer


class Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """Closes a connection whose request was answered before its body was read."""

    def init_process(self) -> None:
        """Create the closer in the worker's own process, after the fork."""
        self.closer = Closer()
        super().init_process()

    def handle_request(self, req: Any, conn: Any) -> bool:
        """Keep a connection alive only if its request's body was read completely."""
        keep_alive = super().handle_request(req, conn)
        return bool(keep_alive) and not _has_unread_body(req)

    def finish_request(self, conn: Any, fs: Any) -> None:
        """Make the connection close through the closer."""
        conn.close = partial(self._close, conn)
        super().finish_request(conn, fs)

    def _close(self, conn: Any, graceful: bool = False) -> None:
        if graceful:
            self.closer.close(conn.sock)
        else:
            close_now(conn.sock)


def _has_unread_body(request: Any) -> bool:
    """Return whether the client announced more of a body than was read."""
    # A chunked body has no length and counts as unread, so its connection is not reused.
    return bool(getattr(request.body.reader, "length", 1))
