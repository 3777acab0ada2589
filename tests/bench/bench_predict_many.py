"""`inference predict` on many files: processes beside each other, and memory in a long run.

Two processes are compared with one in the same run, each with one thread per process, over files
that are decoded, analysed and written as in practice. A process that starts is part of the time.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from itertools import cycle, islice
from pathlib import Path

import pytest

from inference.cli.file_analysis import Job, NetworkSettings, analyze_files
from inference.phantom import generate
from inference.phantom.export import write_dicom

PHANTOMS = 50
FILES = 1_000
"""For the comparison of one and two processes; starting them is part of the time."""
LONG_RUN = 5_000
SETTLED = 100
"""Images after which buffers and caches have their size."""
MARKS = (SETTLED, *range(1_000, LONG_RUN + 1, 1_000))
BEFORE = 10
"""Images before each mark of which the smallest size counts: a process that is just starting
another appears twice for a moment, with all of its memory."""


@pytest.fixture(scope="module")
def phantoms(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("phantoms")
    paths = [folder / f"{seed}.dcm" for seed in range(PHANTOMS)]
    for seed, path in enumerate(paths):
        write_dicom(generate(4_800_000 + seed), path)
    return paths


def seconds_of_predict(files: list[Path], processes: int, results: Path) -> float:
    listed = results.with_suffix(".txt")
    listed.write_text("".join(f"{file}\n" for file in files))
    start = time.monotonic()
    command = [sys.executable, "-m", "inference", "predict", "--files-from", str(listed)]
    options = ["--processes", str(processes), "--threads", str(processes)]
    subprocess.run(
        [*command, *options, "--results", str(results)], check=True, stdout=subprocess.DEVNULL
    )
    return time.monotonic() - start


def test_two_processes_are_nearly_twice_as_fast_as_one(
    phantoms: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = list(islice(cycle(phantoms), FILES))
    ratios = []
    for turn in range(2):
        one, two = (
            seconds_of_predict(files, processes, tmp_path / f"{turn}-{processes}.jsonl")
            for processes in (1, 2)
        )
        ratios.append(one / two)
        with capsys.disabled():
            print(  # noqa: T201
                f"\n{FILES} files: {FILES / one:.1f} a second in one process, "
                f"{FILES / two:.1f} in two: {one / two:.2f} times; load {os.getloadavg()[0]:.1f}"
            )
        lines = [(tmp_path / f"{turn}-{n}.jsonl").read_text().splitlines() for n in (1, 2)]
        assert [json.loads(line) for line in lines[0]] == [json.loads(line) for line in lines[1]]
    assert max(ratios) >= 1.8, "Was the machine busy? Then measure again on a quiet one."


def children(process: int) -> list[int]:
    tasks = Path(f"/proc/{process}/task").glob("*/children")
    return [int(child) for task in tasks for child in read(task).split()]


def read(path: Path) -> str:
    """The text of a file of a process, "" if the process has ended meanwhile."""
    try:
        return path.read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def resident_mb(process: int) -> float:
    """Memory of a process and of all that it started.

    Pages that several processes share count once: a sandbox is a fork of the process that uses it.
    """
    _, _, size = read(Path(f"/proc/{process}/smaps_rollup")).partition("\nPss:")
    this_mb = int(size.split()[0]) / 1024 if size else 0.0
    return this_mb + sum(resident_mb(child) for child in children(process))


def test_memory_is_the_same_after_100_and_after_5000_images(
    phantoms: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    jobs = [
        Job(path, tmp_path / str(number), overlay=False)
        for number, path in enumerate(islice(cycle(phantoms), LONG_RUN))
    ]
    sizes: dict[int, float] = {}
    for done, result in enumerate(analyze_files(jobs, NetworkSettings(None, "f32", 1), 1), 1):
        assert result.analysis is not None
        # Measured while the processes run; afterwards, they have ended.
        at = next((mark for mark in MARKS if mark - BEFORE < done <= mark), None)
        if at is not None:
            sizes[at] = min(sizes.get(at, float("inf")), resident_mb(os.getpid()))
            if done == at:
                with capsys.disabled():
                    print(f"\n{done} images: {sizes[done]:.0f} MB")  # noqa: T201
    assert set(sizes) == set(MARKS)
    assert max(sizes.values()) <= 1.2 * sizes[SETTLED]
