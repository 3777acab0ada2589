"""Exchange messages with sandboxes: length-prefixed JSON, never pickle.

Pickle would let a compromised sandbox run code in the server. Files accompany a message as
descriptors (SCM_RIGHTS), so that neither side copies their contents into memory.
"""

from __future__ import annotations

import json
import socket
import struct
import time
from collections.abc import Sequence
from typing import Any

# A sandbox may be compromised: without a limit, the length it announces could exhaust the memory.
MAX_MESSAGE_BYTES = 2**20
LENGTH = struct.Struct("<I")
MAX_FILES = 2
"""The file to read and the output file of a job."""


class BrokenChannel(Exception):
    """The other side closed the channel or sent something other than a message."""


def send(channel: socket.socket, message: dict[str, Any], files: Sequence[int] = ()) -> None:
    """Send a message, with descriptors of open files.

    Raises
    ------
    BrokenChannel
        If the other side closed the channel.
    """
    data = json.dumps(message).encode()
    if len(data) > MAX_MESSAGE_BYTES:
        raise ValueError("The message is too long for the channel to the sandbox.")
    try:
        if files:
            # Descriptors travel with the length, which is received in one call with them.
            socket.send_fds(channel, [LENGTH.pack(len(data))], files)
            channel.sendall(data)
        else:
            channel.sendall(LENGTH.pack(len(data)) + data)
    except TimeoutError:
        raise
    except OSError as error:
        raise BrokenChannel from error


def receive(channel: socket.socket, deadline: float) -> dict[str, Any]:
    """Return the next message; descriptors that a sandbox may send with it are not accepted.

    Raises
    ------
    TimeoutError
        If `time.monotonic` reaches `deadline` before the message is complete.
    BrokenChannel
        If the channel is closed, or the message is not a JSON object of at most
        `MAX_MESSAGE_BYTES`.
    """
    return _parse(
        _receive_bytes(channel, _length(_receive_bytes(channel, LENGTH.size, deadline)), deadline)
    )


def receive_with_files(channel: socket.socket) -> tuple[dict[str, Any], list[int]]:
    """Return the next message and the descriptors of the files that came with it."""
    # The kernel closes descriptors beyond MAX_FILES.
    start, files, _, _ = socket.recv_fds(channel, LENGTH.size, MAX_FILES)
    if not start:
        raise BrokenChannel
    start += _receive_bytes(channel, LENGTH.size - len(start))
    return _parse(_receive_bytes(channel, _length(start))), list(files)


def _length(start: bytes) -> int:
    length: int = LENGTH.unpack(start)[0]
    # Checked before memory is allocated for it.
    if length > MAX_MESSAGE_BYTES:
        raise BrokenChannel
    return length


def _receive_bytes(channel: socket.socket, size: int, deadline: float | None = None) -> bytes:
    """Return exactly `size` bytes; raise TimeoutError or BrokenChannel."""
    pieces = []
    while size:
        try:
            if deadline is not None:
                # A timeout of 0 would make the socket non-blocking.
                channel.settimeout(max(0.001, deadline - time.monotonic()))
            piece = channel.recv(min(size, 65_536))
        except TimeoutError:
            raise
        except OSError as error:
            raise BrokenChannel from error
        if not piece:
            raise BrokenChannel
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)


def _parse(data: bytes) -> dict[str, Any]:
    try:
        message = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise BrokenChannel from error
    if not isinstance(message, dict):
        raise BrokenChannel
    return message
