"""Run the steps of the setup, and repeat them only if their inputs have changed.

This module uses only the standard library, because nothing is installed yet.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent.parent
LOG = CHECKOUT / "var" / "log" / "install.log"
# Texts in the output of pip and npm, with an explanation for users.
REASONS = {
    "No space left on device": "the disk is full; free some space",
    "ENOSPC": "the disk is full; free some space",
    "DO NOT MATCH THE HASHES": "a package differs from the locked one; see README, section torch",
    "Hashes are required": "the package index offers another build; see README, section torch",
    "No matching distribution": "the package index lacks a package; see README, section torch",
    "ConnectionError": "the package index cannot be reached; check the network",
    "NewConnectionError": "the package index cannot be reached; check the network",
    "ENOTFOUND": "the package index cannot be reached; check the network",
    "in sync": "package.json and package-lock.json differ; run `npm install` in frontend/",
    "EACCES": "a file belongs to another account; use the owner of this folder",
    "Permission denied": "a file belongs to another account; use the owner of this folder",
}


class SetupError(Exception):
    """An error that stops the setup, with a message that says what to do."""


def run(
    command: list[str],
    failure: str,
    *,
    progress: Callable[[str], None] | None = None,
    environment: Mapping[str, str] | None = None,
) -> None:
    """Run a command with its output in the log.

    Parameters
    ----------
    failure
        First part of the error message if the command fails.
    progress
        Called with each line of output.

    Raises
    ------
    SetupError
        If the command fails, with the reason.
    """
    start = time.monotonic()
    lines: list[str] = []
    LOG.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with LOG.open("a") as log:
        log.write(f"$ {json.dumps(command)}\n")
        with subprocess.Popen(
            command,
            cwd=CHECKOUT,
            env=None if environment is None else dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            # Lets the step inherit the lock of the setup.
            close_fds=False,
        ) as step:
            for line in step.stdout or []:
                log.write(line)
                lines.append(line)
                if progress:
                    progress(line)
        log.write(f"exit status {step.returncode} after {time.monotonic() - start:.0f} s\n")
    if step.returncode != 0:
        raise SetupError(f"{failure}: {_reason(lines, step.returncode)} (full output: {LOG})")


def _reason(lines: list[str], status: int) -> str:
    text = "".join(lines)
    reasons = [advice for sign, advice in REASONS.items() if sign in text]
    # Without a known text, the first error line of pip or npm, or else the last line.
    errors = [
        line.strip() for line in lines if re.match(r"(ERROR|npm error|error)\b.*\s\w+\s", line)
    ]
    last = next((line.strip() for line in reversed(lines) if line.strip()), "no output")
    if status < 0:
        last = f"the process was killed (signal {-status}), possibly because memory ran out"
    return (reasons or errors or [last])[0]


def check_disk(needed_mb: int) -> None:
    """Raise `SetupError` if the disk has less free space than an installation needs."""
    free_mb = shutil.disk_usage(CHECKOUT).free // 2**20
    if free_mb < needed_mb:
        raise SetupError(
            f"The disk of {CHECKOUT} has {free_mb} MB free, but the installation needs "
            f"{needed_mb} MB. Free some space."
        )


def digest(paths: Iterable[Path], *, extra: str = "") -> str:
    """Return a hash of the contents and paths of files and of ``extra``, for a stamp file."""
    total = hashlib.sha256(extra.encode())
    for path in paths:
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        total.update(f"{path.relative_to(CHECKOUT)} {content}\n".encode())
    return total.hexdigest()


def is_current(stamp: Path, expected: str) -> bool:
    """Return whether a stamp file contains the expected digest."""
    return stamp.is_file() and stamp.read_text() == expected


def has_packages(python: Path, *names: str) -> bool:
    """Return whether an interpreter starts and can import the packages."""
    if not python.exists():
        return False
    code = f"from importlib.util import find_spec as find; assert all(map(find, {list(names)}))"
    # In that interpreter: this one may have other packages.
    trial = subprocess.run([str(python), "-c", code], stderr=subprocess.DEVNULL, check=False)
    return trial.returncode == 0


def print_step(sentence: str) -> None:
    """Print a step of the setup, or an indented detail of it."""
    sys.stdout.write(f"==> {sentence}\n" if not sentence.startswith(" ") else f"{sentence}\n")
    sys.stdout.flush()
