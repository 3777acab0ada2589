"""Close connections after their last answer without losing it and without waiting for the client.

A server that closes a connection while the client still sends makes the kernel reset it, and the
reset can take away an answer that the client has not read yet (RFC 9112, section 9.6). One thread
therefore ends its side first, reads a little of what is still sent and closes when the client has
closed its side, or after a few seconds.
"""

from __future__ import annotations

import selectors
import socket
import time
from contextlib import suppress
from threading import Lock, Thread

LINGER_S = 5.0
MAX_DISCARDED_BYTES = 512 * 1024
"""Bytes of a connection that are read and thrown away; the rest has to wait at the client."""
MAX_CONNECTIONS = 512
PIECE = 64 * 1024
LOOK_S = 0.2


class Closer:
    """Closes sockets from one thread, however many there are."""

    def __init__(
        self,
        *,
        linger_s: float = LINGER_S,
        most_read: int = MAX_DISCARDED_BYTES,
        most_open: int = MAX_CONNECTIONS,
    ) -> None:
        self._linger_s = linger_s
        self._most_read = most_read
        self._most_open = most_open
        self._lock = Lock()
        self._added: list[socket.socket] = []
        self._open = 0
        self._running = False

    def close(self, connection: socket.socket) -> None:
        """Send the end of the answer now and close the connection soon; return at once."""
        try:
            connection.shutdown(socket.SHUT_WR)
            connection.setblocking(False)
        except OSError:
            connection.close()
            return
        with self._lock:
            if self._open >= self._most_open:
                connection.close()
                return
            self._open += 1
            self._added.append(connection)
            if not self._running:
                self._running = True
                Thread(target=self._run, name="closer", daemon=True).start()

    def _run(self) -> None:
        with selectors.DefaultSelector() as selector:
            lingering: dict[socket.socket, Lingering] = {}
            while self._take_added(lingering, selector):
                for key, _ in selector.select(LOOK_S):
                    self._read(key.data, selector)
                now = time.monotonic()
                for connection in [c for c, state in lingering.items() if state.over(now)]:
                    lingering.pop(connection).close(selector)
                    with self._lock:
                        self._open -= 1

    def _take_added(
        self, lingering: dict[socket.socket, Lingering], selector: selectors.BaseSelector
    ) -> bool:
        """Take over the new sockets; False when there is none left and the thread ends."""
        with self._lock:
            added, self._added = self._added, []
            self._running = bool(added or lingering)
        for connection in added:
            state = Lingering(connection, until=time.monotonic() + self._linger_s)
            lingering[connection] = state
            selector.register(connection, selectors.EVENT_READ, state)
        return bool(lingering)

    def _read(self, state: Lingering, selector: selectors.BaseSelector) -> None:
        try:
            piece = state.connection.recv(PIECE)
        except BlockingIOError:
            return
        except OSError:
            piece = b""
        state.read += len(piece)
        if not piece:
            state.ended = True
        elif state.read >= self._most_read:
            # The client waits from now on; it sees the answer, or the end after a few seconds.
            state.stop_reading(selector)


class Lingering:
    """A connection that is being closed."""

    def __init__(self, connection: socket.socket, *, until: float) -> None:
        self.connection = connection
        self.until = until
        self.read = 0
        self.ended = False
        self._watched = True

    def over(self, now: float) -> bool:
        return self.ended or now >= self.until

    def stop_reading(self, selector: selectors.BaseSelector) -> None:
        if self._watched:
            self._watched = False
            selector.unregister(self.connection)

    def close(self, selector: selectors.BaseSelector) -> None:
        self.stop_reading(selector)
        with suppress(OSError):
            self.connection.close()
