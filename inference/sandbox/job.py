"""One job inside a sandbox process: its request, its file, and what it writes."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import IO, Any

_current: Job | None = None
_inside = False


class Refusal(Exception):
    """A file that is refused: a code, a sentence for its owner, and the folded detail."""

    def __init__(self, code: str, text: str, detail: str = "") -> None:
        super().__init__(text)
        self.code = code
        self.text = text
        self.detail = detail


@dataclass(slots=True)
class Job:
    """What a task gets.

    Attributes
    ----------
    request
        What the caller asks for.
    source
        The untrusted file. Its position is the caller's too.
    output
        Descriptor of the file for the answer's bytes.
    report_stage
        Tells the caller how far the job got, with facts that explain a refusal if this process
        dies in the stage that begins.
    sizes
        Of the parts that were written.
    """

    request: dict[str, Any]
    source: IO[bytes]
    output: int
    report_stage: Callable[[str, dict[str, Any]], None]
    sizes: list[int] = field(default_factory=list)

    def read(self) -> bytes:
        """Return the whole file."""
        self.source.seek(0)
        return self.source.read()

    def write(self, part: bytes | memoryview) -> None:
        """Write the next part of the answer's bytes."""
        rest = memoryview(part).cast("B")
        self.sizes.append(len(rest))
        while rest:
            rest = rest[os.write(self.output, rest) :]


Task = Callable[[Job], dict[str, Any]]
"""Returns the answer's values; raises Refusal."""


def begin_stage(name: str, /, **facts: Any) -> None:
    """Report how far the present job got; does nothing outside a sandbox."""
    if _current is not None:
        _current.report_stage(name, facts)


def begin_job(job: Job | None) -> None:
    """Make a job the present one of this process."""
    global _current
    _current = job


def inside_sandbox() -> bool:
    """Whether this process is a sandbox."""
    return _inside


def enter_sandbox() -> None:
    """Mark this process as a sandbox."""
    global _inside
    _inside = True
