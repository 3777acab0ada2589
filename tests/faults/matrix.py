"""The faults, one after the other, while readers score."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from operator import gt
from threading import Event

from django.core.management import call_command

from tests.faults.damage import Damage, prepare
from tests.faults.parts import NAMES, Parts
from tests.faults.people import Reader

READINGS = 150
SETTLE_S = 150
HEADS = (
    *("settled after", "slowest", "scores", "lost", "doubled"),
    *("cases stuck", "reports stuck"),
)


@dataclass(frozen=True, slots=True)
class Fault:
    """A part that is killed, or stopped, for some seconds."""

    part: str
    number: signal.Signals
    seconds: float

    @property
    def name(self) -> str:
        signal_name = {signal.SIGKILL: "kill -9", signal.SIGSTOP: "SIGSTOP"}[self.number]
        return f"{self.part}: {signal_name} for {self.seconds:.0f} s"

    def begin(self, parts: Parts) -> None:
        parts.send(self.part, self.number)

    def end(self, parts: Parts) -> None:
        if self.number == signal.SIGKILL:
            parts.start(self.part)
        else:
            parts.send(self.part, signal.SIGCONT)


@dataclass(frozen=True, slots=True)
class DiskFull:
    """No space is left for images, reports and uploads in progress."""

    seconds: float

    @property
    def name(self) -> str:
        return f"disk: full for {self.seconds:.0f} s"

    def begin(self, parts: Parts) -> None:
        parts.disk.fill()

    def end(self, parts: Parts) -> None:
        parts.disk.free()


FAULTS: list[Fault | DiskFull] = [
    *(Fault(part, signal.SIGKILL, 3) for part in NAMES),
    *(Fault(part, signal.SIGSTOP, 20) for part in NAMES),
    Fault("broker", signal.SIGKILL, 60),
    DiskFull(20),
]


def run(parts: Parts, *, only: str = "") -> int:
    """Cause the faults whose name contains ``only``; return the exit status."""
    faults = [fault for fault in FAULTS if only in fault.name]
    if not parts.disk.can_be_filled and any(isinstance(fault, DiskFull) for fault in faults):
        faults = [fault for fault in faults if isinstance(fault, Fault)]
        say("Left out, because only root can mount a small disk: disk full")
    cast = prepare(READINGS)
    for part in ("web", "uploads", "worker"):
        parts.start(part)
    ended = Event()
    users = [cast.reader.user, cast.other_reader.user]
    readers = [Reader(user, parts.port, cast.study.slug, ended) for user in users]
    for reader in readers:
        reader.start()
    damage = Damage(cast, readers, parts.port, parts.uploads_port)
    damage.wait_for_first_reading()
    damage.slowest_s()
    heads = "  ".join(f"{head:>13}" for head in HEADS)
    say(f"{'fault':<28}  {heads}")
    bad = 0
    for fault in faults:
        seconds = suffer(parts, fault, damage)
        counts = damage.count()
        bad += sum(counts[1:])
        cells = [f"{seconds:.0f} s", f"{damage.slowest_s():.1f} s", *map(str, counts)]
        say(f"{fault.name:<28}  {'  '.join(f'{cell:>13}' for cell in cells)}")
    ended.set()
    for reader in readers:
        reader.join(60)
    final = damage.count()
    bad += sum(final[1:])
    say(f"Files without a row before the sweep: {damage.orphans()}")
    # Nothing is being uploaded or reported any more, so that no file is too young to be removed.
    call_command("sweep_orphans", "--older-than", "0")
    bad += damage.orphans()
    say(f"At the end: {damage.summary()}")
    return 1 if bad else 0


def suffer(parts: Parts, fault: Fault | DiskFull, damage: Damage) -> float:
    """Cause a fault while files are sent and reports are asked for; return when all is done."""
    before, during = damage.make_files(), damage.make_files()
    began = time.monotonic()
    work = damage.send_work(before)
    # Work is in the hands of the part that goes away.
    time.sleep(1.5)
    fault.begin(parts)
    work += damage.send_work(during)
    time.sleep(fault.seconds)
    fault.end(parts)
    scores = damage.scores()
    for thread in work:
        thread.join(SETTLE_S)
    wait_until(damage.settled, SETTLE_S)
    wait_until(lambda: all(map(gt, damage.scores(), scores)), SETTLE_S)
    return time.monotonic() - began


def wait_until(so: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not so() and time.monotonic() < deadline:
        time.sleep(0.2)


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
