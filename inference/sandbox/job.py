"""Represent one job inside a sandbox process: its request, its file and its output."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import IO, Any

_current: Job | None = None
_inside = False


class Refusal(Exception):
    """A rejected file.

    Attributes
    ----------
    code
        Stable identifier of the reason.
    text
        Sentences for users: what is wrong and what to do.
    detail
        Further explanation, hidden until it is opened.
    """

    def __init__(self, code: str, text: str, detail: str = "") -> None:
        super().__init__(text)
        self.code = code
        self.text = text
        self.detail = detail


@dataclass(slots=True)
class Job:
    """The input and output of a task.

    Attributes
    ----------
    request
        JSON values from the caller.
    source
        The untrusted file; its position is shared with the caller.
    output
        Descriptor of the output file.
    report_stage
        Reports the next stage to the caller, with facts that explain the rejection if this process
        ends during that stage.
    sizes
        Sizes of the parts written so far, in bytes.
    """

    request: dict[str, Any]
    source: IO[bytes]
    output: int
    report_stage: Callable[[str, dict[str, Any]], None]
    sizes: list[int] = field(default_factory=list)

    def read(self) -> bytes:
        """Return the whole file."""
        # The file description is shared with the caller, and with it the position.
        self.source.seek(0)
        return self.source.read()

    def write(self, part: bytes | memoryview) -> None:
        """Write the next part of the output."""
        rest = memoryview(part).cast("B")
        self.sizes.append(len(rest))
        while rest:
            # os.write may accept fewer bytes than it is given.
            rest = rest[os.write(self.output, rest) :]


Task = Callable[[Job], dict[str, Any]]
"""A function that returns the JSON values of the answer, or raises Refusal."""


def begin_stage(name: str, /, **facts: Any) -> None:
    """Report the next stage of the current job; does nothing outside a sandbox."""
    if _current is not None:
        _current.report_stage(name, facts)


def begin_job(job: Job | None) -> None:
    """Make a job the current one of this process."""
    global _current
    _current = job


def inside_sandbox() -> bool:
    """Return whether this process is a sandbox."""
    return _inside


def enter_sandbox() -> None:
    """Mark this process as a sandbox."""
    global _inside
    _inside = True
