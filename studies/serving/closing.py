"""Lingering close of connections, so that the last response reaches the client.

If a server closes a connection while the client is still sending, the kernel resets it, and the
client may lose a response that it has not read yet (RFC 9112, section 9.6). A thread therefore
shuts down the sending side, discards some of the incoming data, and closes when the client has
closed its side or after a few seconds.
"""

from __future__ import annotations

import selectors
import socket
import time
from contextlib import suppress
from threading import Lock, Thread

LINGER_S = 5.0
MAX_DISCARDED_BYTES = 512 * 1024
"""Bytes of a connection that are read and discarded; the client has to keep the rest."""
MAX_CONNECTIONS = 512
"""Connections that linger at the same time; further ones are closed at once."""
PIECE = 64 * 1024
POLL_S = 0.2


class Closer:
    """Closes any number of sockets from one thread."""

    def __init__(
        self,
        *,
        linger_s: float = LINGER_S,
        max_read: int = MAX_DISCARDED_BYTES,
        max_open: int = MAX_CONNECTIONS,
    ) -> None:
        self._linger_s = linger_s
        self._max_read = max_read
        self._max_open = max_open
        self._lock = Lock()
        self._added: list[socket.socket] = []
        self._open = 0
        self._running = False

    def close(self, connection: socket.socket) -> None:
        """Shut down the sending side now and close the connection later; return at once."""
        try:
            connection.shutdown(socket.SHUT_WR)
            connection.setblocking(False)
        except OSError:
            connection.close()
            return
        with self._lock:
            # Bounds the number of open files, whatever the number of rejected uploads.
            if self._open >= self._max_open:
                connection.close()
                return
            self._open += 1
            self._added.append(connection)
            # Started on demand and under the lock, so that exactly one thread runs.
            if not self._running:
                self._running = True
                Thread(target=self._run, name="closer", daemon=True).start()

    def _run(self) -> None:
        with selectors.DefaultSelector() as selector:
            lingering: dict[socket.socket, Lingering] = {}
            while self._adopt_new(lingering, selector):
                for key, _ in selector.select(POLL_S):
                    self._read(key.data, selector)
                now = time.monotonic()
                for connection in [c for c, state in lingering.items() if state.over(now)]:
                    lingering.pop(connection).close(selector)
                    with self._lock:
                        self._open -= 1

    def _adopt_new(
        self, lingering: dict[socket.socket, Lingering], selector: selectors.BaseSelector
    ) -> bool:
        """Register the new sockets; return False when none is left, so that the thread ends."""
        with self._lock:
            added, self._added = self._added, []
            # Decided under the lock: a socket that is added later starts a new thread.
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
        elif state.read >= self._max_read:
            # From now on the client blocks: it reads the response, or the connection times out.
            state.stop_reading(selector)


class Lingering:
    """A connection that is being closed, until its deadline."""

    def __init__(self, connection: socket.socket, *, until: float) -> None:
        self.connection = connection
        self.until = until
        self.read = 0
        self.ended = False
        self._watched = True

    def over(self, now: float) -> bool:
        """Return whether the connection can be closed."""
        return self.ended or now >= self.until

    def stop_reading(self, selector: selectors.BaseSelector) -> None:
        """Stop reading from the connection."""
        if self._watched:
            self._watched = False
            selector.unregister(self.connection)

    def close(self, selector: selectors.BaseSelector) -> None:
        """Close the connection."""
        self.stop_reading(selector)
        with suppress(OSError):
            self.connection.close()
