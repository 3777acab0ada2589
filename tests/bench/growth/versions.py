"""Release 0.1.0 and this checkout, each with separate databases on one server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg2

from .probe import PREFIX
from .server import Server

CLONE = Path(__file__).resolve().parents[3]
BASELINE, BASELINE_COMMIT = "0.1.0", "e51850af90de154aa5dd45ae329487b6bb50db44"
NOW = "now"
# The endpoint differs between the releases; the scenarios use it by version.
ASSIGN = {
    BASELINE: "/api/v1/studies/guides-trial/deal",
    NOW: "/api/v1/studies/guides-trial/assign",
}
STAGES = {
    "filled": [("study:fill", {})],
    "assigned": ["filled", ("study:assign", {"address": ASSIGN})],
    "submitted": ["assigned", ("study:submit", {})],
    "read by all": [("readings:read_and_lock", {"readers_per_case": 1_000})],
    "read by two": [("readings:read_and_lock", {"readers_per_case": 2})],
    "four arms filled": [("four_arm_study:fill", {})],
    "four arms read": [
        "four arms filled",
        ("study:assign", {"address": ASSIGN}),
        ("four_arm_study:submit_and_lock", {}),
    ],
    "crowd": [
        ("study:fill", {"readers": 208}),
        ("study:assign", {"address": ASSIGN}),
        ("study:open_one_each", {}),
    ],
}
"""How the database of each stage is created: from another stage, by functions of this package."""
FILLING = ("study:fill", "readings:read_and_lock", "four_arm_study:fill")


class ProbeFailed(Exception):
    """A version cannot run a function with the packages installed here."""


@dataclass
class Version:
    """One checkout, and the databases that its studies are in."""

    name: str
    folder: Path
    work: Path
    _made: dict[tuple[str, int], str] = field(default_factory=dict)
    _numbers: int = 0

    def probe(self, database: str, target: str, **arguments: Any) -> Any:
        """Run a function of this package in the checkout and return its result."""
        done = subprocess.run(
            [sys.executable, "-m", "growth.probe", target, json.dumps(arguments)],
            **self._process(database),
            capture_output=True,
            text=True,
            check=False,
        )
        line = done.stdout.rpartition(PREFIX)[2]
        if done.returncode != 0 or PREFIX not in done.stdout:
            raise ProbeFailed(f"{self.name}: {target}: {done.stderr[-2000:]}")
        return json.loads(line)

    def database(self, stage: str, cases: int) -> str:
        """A new database with a study at this stage."""
        return self._copy(self._stage(stage, cases))

    @contextmanager
    def server(self, database: str) -> Iterator[Server]:
        """This version's web server as it runs in production."""
        server = Server(**self._process(database), log=self.work / f"web-{self.name}.log")
        try:
            yield server
        finally:
            server.stop()

    def _stage(self, stage: str, cases: int) -> str:
        if (stage, cases) in self._made:
            return self._made[stage, cases]
        first, *rest = STAGES[stage]
        if isinstance(first, str):
            database = self._copy(self._stage(first, cases))
        else:
            database, rest = self._new("template0"), [first, *rest]
            subprocess.run(
                [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
                **self._process(database),
                check=True,
                capture_output=True,
            )
        for target, given in rest:
            arguments = {key: value[self.name] if isinstance(value, dict) else value
                         for key, value in given.items()}  # fmt: skip
            if target in FILLING:
                arguments["cases"] = cases
            self.probe(database, target, **arguments)
        self._made[stage, cases] = database
        return database

    def _copy(self, database: str) -> str:
        return self._new(database)

    def _new(self, template: str) -> str:
        self._numbers += 1
        name = f"growth_{self.name.replace('.', '_')}_{self._numbers}"
        connection = psycopg2.connect(os.environ["DATABASE_URL"])
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        connection.close()
        return name

    def _process(self, database: str) -> dict[str, Any]:
        storage = self.work / f"storage-{self.name}"
        storage.mkdir(exist_ok=True)
        address = urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{database}"))
        return {
            "cwd": self.folder,
            "env": os.environ
            | {
                "DATABASE_URL": address,
                "PYTHONPATH": os.pathsep.join([str(self.folder), str(CLONE / "tests" / "bench")]),
                "PYTHONWARNINGS": "ignore",
                "VERTEREAD_STORAGE": str(storage),
                "VERTEREAD_SPOOL": str(storage),
                "OMP_NUM_THREADS": "1",
            },
        }


def versions(work: Path) -> dict[str, Version]:
    """Both versions; this one alone where the history does not reach back to 0.1.0."""
    now = Version(NOW, CLONE, work)
    archive = subprocess.run(
        ["git", "archive", "--format=zip", BASELINE_COMMIT],
        cwd=CLONE,
        capture_output=True,
        check=False,
    )
    if archive.returncode != 0:
        return {NOW: now}
    folder = work / BASELINE
    with zipfile.ZipFile(BytesIO(archive.stdout)) as files:
        files.extractall(folder)
    return {BASELINE: Version(BASELINE, folder, work), NOW: now}
