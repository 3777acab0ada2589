"""A package of simulated readings, unpacked in an empty folder, and its scripts."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from studies.reports.package.contents import package
from tests.reports.study import study


def write_package(
    path: Path,
    *,
    change: Callable[[dict[str, Any]], object] = bool,
    design: Mapping[str, Any] = {},
    **options: Any,
) -> None:
    """Write a package.

    ``change`` alters each row, which is left out if the result is false; ``design`` replaces fields
    of the summary.
    """
    rows, summary, _, _ = study(**options)
    summary = replace(summary, **design)
    rows = [row for row in rows if change(row)]
    with package(path, summary) as parts:
        parts.write_readings(rows, {})
        parts.write_sessions([])
        parts.write_scripts(measured=False)


def unpack(path: Path, folder: Path) -> Path:
    """Return the only folder that the archive unpacks to."""
    with zipfile.ZipFile(path) as archive:
        archive.extractall(folder)
    (unpacked,) = folder.iterdir()
    return unpacked


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a command in the folder, without this repository and its settings."""
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        command,
        cwd=folder,
        env={**environment, "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


def reproduce_in_python(folder: Path, *files: str) -> subprocess.CompletedProcess[str]:
    return run(folder, sys.executable, "-I", "reproduce.py", *files)


needs_r = pytest.mark.skipif(
    shutil.which("Rscript") is None, reason="R is missing (make r, or apt-get install r-base-core)"
)


def reproduce_in_r(folder: Path) -> subprocess.CompletedProcess[str]:
    return run(folder, "Rscript", "--vanilla", "reproduce.R")
