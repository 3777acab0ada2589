"""Messages between a process and its sandboxes: JSON behind its length, never pickle.

Files travel beside a message as descriptors (SCM_RIGHTS), so that neither side copies what is in
them into its memory.
"""

from __future__ import annotations

import json
import socket
import struct
import time
from collections.abc import Sequence
from typing import Any

MAX_MESSAGE_BYTES = 2**20
LENGTH = struct.Struct("<I")
MAX_FILES = 2


class BrokenChannel(Exception):
    """The other side closed the channel, or sent something that is no message."""


def send(channel: socket.socket, message: dict[str, Any], files: Sequence[int] = ()) -> None:
    """Send a message, with descriptors of open files.

    Raises
    ------
    BrokenChannel
        When the other side is away.
    """
    data = json.dumps(message).encode()
    if len(data) > MAX_MESSAGE_BYTES:
        raise ValueError("A message to or from a sandbox is too long.")
    try:
        if files:
            socket.send_fds(channel, [LENGTH.pack(len(data))], files)
            channel.sendall(data)
        else:
            channel.sendall(LENGTH.pack(len(data)) + data)
    except TimeoutError:
        raise
    except OSError as error:
        raise BrokenChannel from error


def receive(channel: socket.socket, until: float) -> dict[str, Any]:
    """Return the next message; descriptors that a sandbox might send along are dropped.

    Raises
    ------
    TimeoutError
        When `time.monotonic` reaches `until` before the message ends.
    BrokenChannel
        At the end, and for what is no JSON object of at most `MAX_MESSAGE_BYTES`.
    """
    return _parse(_exactly(channel, _length(_exactly(channel, LENGTH.size, until)), until))


def receive_with_files(channel: socket.socket) -> tuple[dict[str, Any], list[int]]:
    """Return the next message and the descriptors of the files that came with it."""
    start, files, _, _ = socket.recv_fds(channel, LENGTH.size, MAX_FILES)
    if not start:
        raise BrokenChannel
    start += _exactly(channel, LENGTH.size - len(start))
    return _parse(_exactly(channel, _length(start))), list(files)


def _length(start: bytes) -> int:
    length: int = LENGTH.unpack(start)[0]
    if length > MAX_MESSAGE_BYTES:
        raise BrokenChannel
    return length


def _exactly(channel: socket.socket, size: int, until: float | None = None) -> bytes:
    pieces = []
    while size:
        try:
            if until is not None:
                channel.settimeout(max(0.001, until - time.monotonic()))
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
