"""Folders stay small enough to be read at a glance."""

from __future__ import annotations

import subprocess
from collections import Counter
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
MOST_FILES = 16
SOURCES = {".css", ".html", ".js", ".py", ".ts", ".typ"}


def test_no_folder_has_more_than_16_source_files() -> None:
    """Migrations and the `__init__.py` of a package do not count."""
    listed = subprocess.run(
        ["git", "ls-files"], cwd=CHECKOUT, capture_output=True, text=True, check=True
    )
    paths = [Path(line) for line in listed.stdout.splitlines()]
    folders = Counter(
        str(path.parent)
        for path in paths
        if path.suffix in SOURCES
        and path.name != "__init__.py"
        and path.parent.name != "migrations"
    )
    assert {name: n for name, n in folders.items() if n > MOST_FILES} == {}
