"""Analyse many image files, in this process or in several.

Each process reads, analyses and draws one file after another with its own network, which uses a
share of the processor threads. Results arrive in the order of the files, and only a few files
per process are in work at a time, so memory does not grow with the number of files.
"""

from __future__ import annotations

import os
import signal
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from itertools import islice
from multiprocessing import get_context, parent_process
from pathlib import Path
from threading import Thread
from typing import Final

from inference.image import UnreadableImage
from inference.overlay import draw_overlay
from inference.pipeline import LandmarkPredictor, analyze
from inference.predictor import Predictor
from inference.results import Analysis
from inference.runtime.session import Precision
from inference.sandboxed_image import read_image_in_sandbox

FILES_PER_PROCESS: Final = 25
"""Files below which one more process costs more time to start than it saves."""
IN_WORK: Final = 3
"""Files per process that are submitted in advance, so that no process waits for the next one."""


@dataclass(frozen=True, slots=True)
class Job:
    """One file, the path of its outputs without an ending, and whether an overlay is drawn."""

    file: Path
    output: Path
    overlay: bool = False

    def output_with(self, ending: str) -> Path:
        """Return the path of an output."""
        return self.output.with_name(self.output.name + ending)


@dataclass(frozen=True, slots=True)
class FileResult:
    """The analysis of one file, or why it could not be read."""

    job: Job
    analysis: Analysis | None
    error: str = ""


@dataclass(frozen=True, slots=True)
class NetworkSettings:
    """How a process loads its network; ``threads`` is the number for all processes together."""

    weights: Path | None
    precision: Precision
    threads: int | None = None

    def for_one_of(self, processes: int) -> NetworkSettings:
        """Return the settings of one of several processes, with its share of the threads."""
        threads = max(1, (self.threads or usable_processors()) // processes)
        return NetworkSettings(self.weights, self.precision, threads)


def usable_processors() -> int:
    """Return the number of processors that this process may use."""
    # On a cluster a job may be restricted to some of the machine's processors.
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def suitable_processes(files: int) -> int:
    """Return how many processes analyse a number of files fastest."""
    return max(1, min(usable_processors(), files // FILES_PER_PROCESS))


def analyze_file(job: Job, predictor: LandmarkPredictor) -> FileResult:
    """Return the result of one file, and write its overlay.

    Raises
    ------
    OSError
        If the overlay cannot be written.
    """
    try:
        # In a sandbox, so that a crafted file ends one process instead of the whole run.
        image = read_image_in_sandbox(job.file)
        analysis = analyze(image, predictor)
    # One unreadable file must not stop the others.
    except UnreadableImage as error:
        return FileResult(job, None, error.text)
    if job.overlay:
        draw_overlay(image, analysis).save(job.output_with(".overlay.png"))
    return FileResult(job, analysis)


def analyze_files(
    jobs: Sequence[Job], settings: NetworkSettings, processes: int
) -> Iterator[FileResult]:
    """Yield the result of each file, in the order of the jobs, from several processes.

    Raises
    ------
    CheckpointError, RuntimeUnavailable
        If the network cannot be loaded.
    concurrent.futures.process.BrokenProcessPool
        If a process ended unexpectedly, for example because memory ran out.
    """
    share = settings.for_one_of(processes)
    # A fork would copy the threads of the libraries in an undefined state.
    pool = ProcessPoolExecutor(
        processes, mp_context=get_context("spawn"), initializer=_prepare_process
    )
    try:
        yield from _in_order(pool, jobs, share, IN_WORK * processes)
    finally:
        # After an error or Ctrl-C, files that were not begun are left.
        pool.shutdown(cancel_futures=True)


def _in_order(
    pool: ProcessPoolExecutor, jobs: Iterable[Job], settings: NetworkSettings, most: int
) -> Iterator[FileResult]:
    remaining = iter(jobs)
    in_work: deque[Future[FileResult]] = deque(
        pool.submit(_analyze_here, job, settings) for job in islice(remaining, most)
    )
    while in_work:
        yield in_work.popleft().result()
        in_work.extend(pool.submit(_analyze_here, job, settings) for job in islice(remaining, 1))


def _prepare_process() -> None:
    # Ctrl-C reaches every process of a terminal; the first process alone ends the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # A process whose parent was killed would wait for its next file for ever.
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _analyze_here(job: Job, settings: NetworkSettings) -> FileResult:
    return analyze_file(job, _network(settings))


@cache
def _network(settings: NetworkSettings) -> Predictor:
    return Predictor.load(settings.weights, threads=settings.threads, precision=settings.precision)
