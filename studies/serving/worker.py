"""gunicorn's threaded worker, which never waits for a client that still sends.

The original reads what is left of a body for up to five seconds in the thread that answered, and
waits up to two seconds for each connection that it closes, during which it serves nobody else.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from gunicorn.util import close as close_now
from gunicorn.workers.gthread import ThreadWorker

from studies.serving.closing import Closer


class Worker(ThreadWorker):
    """Closes a connection whose request was answered before its body was read."""

    def init_process(self) -> None:
        self.closer = Closer()
        super().init_process()

    def handle_request(self, req: Any, conn: Any) -> bool:
        keep = super().handle_request(req, conn)
        return bool(keep) and not _body_left(req)

    def finish_request(self, conn: Any, fs: Any) -> None:
        conn.close = partial(self._close, conn)
        super().finish_request(conn, fs)

    def _close(self, conn: Any, graceful: bool = False) -> None:
        if graceful:
            self.closer.close(conn.sock)
        else:
            close_now(conn.sock)


def _body_left(request: Any) -> bool:
    """Whether the client has announced more of a body than was read."""
    # What was sent without a length (chunked) counts as unread: its connection is not used again.
    return bool(getattr(request.body.reader, "length", 1))
