"""A database that version 0.1.0 filled, and the same database after the current migrations."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection
from psycopg2.extras import RealDictCursor

from tests.bench.growth.versions import BASELINE, BASELINE_COMMIT

CLONE = Path(__file__).resolve().parents[2]
Row = dict[str, Any]
Tables = dict[str, dict[str, Row]]


@dataclass(frozen=True)
class Upgraded:
    """What 0.1.0 stored and showed; the connection of this process leads to its new database."""

    before: Tables
    after: Tables
    shown: dict[str, Any]
    storage: Path


@pytest.fixture(scope="module")
def upgraded_database(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Upgraded]:
    """Fill a database with the code of 0.1.0, migrate it, and connect Django to it."""
    work = tmp_path_factory.mktemp("upgrade")
    unpack_baseline(work / BASELINE)
    storage = work / "storage"
    storage.mkdir()
    with django_db_blocker.unblock():
        name = f"{connection.settings_dict['NAME']}_{BASELINE.replace('.', '_')}"
        with new_database(name) as address:
            shown = fill(work / BASELINE, address, storage)
            before = read_tables(address)
            with connected_to(name):
                call_command("migrate", verbosity=0)
                yield Upgraded(before, read_tables(address), shown, storage)


@pytest.fixture
def upgraded(upgraded_database: Upgraded, settings: Any) -> Upgraded:
    settings.MEDIA_ROOT = settings.STORAGE = upgraded_database.storage
    return upgraded_database


def unpack_baseline(folder: Path) -> None:
    """Unpack the code of 0.1.0; if the history lacks it, fail on a CI server and skip elsewhere."""
    archive = subprocess.run(
        ["git", "archive", BASELINE_COMMIT], cwd=CLONE, capture_output=True, check=False
    )
    if archive.returncode != 0:
        reason = (
            f"needs the code of {BASELINE}: commit {BASELINE_COMMIT[:7]} is not in the history of "
            "this checkout (fetch it with `git fetch --unshallow`)"
        )
        # A shallow checkout on a CI server must not hide that the upgrade was never tested.
        if os.environ.get("CI", "").lower() == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    folder.mkdir()
    subprocess.run(["tar", "-x", "-C", str(folder)], input=archive.stdout, check=True)


@contextmanager
def new_database(name: str) -> Iterator[str]:
    """Yield the address of an empty database, which is dropped afterwards."""
    server = psycopg2.connect(os.environ["DATABASE_URL"])
    server.autocommit = True
    with server.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        try:
            yield urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}"))
        finally:
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
            server.close()


def fill(folder: Path, address: str, storage: Path) -> dict[str, Any]:
    """Run the script that fills a database, in the checkout of 0.1.0; return what it shows."""
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("fill_0_1_0.py"))],
        cwd=folder,
        env=os.environ
        | {
            "DATABASE_URL": address,
            "PYTHONPATH": str(folder),
            "PYTHONWARNINGS": "ignore",
            "VERTEREAD_STORAGE": str(storage),
            "VERTEREAD_SPOOL": str(storage),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    shown: dict[str, Any] = json.loads(done.stdout.rpartition("\n{")[2].join("{\n"))
    return shown


@contextmanager
def connected_to(name: str) -> Iterator[None]:
    """Connect Django to another database of the same server."""
    former = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = name
    # The ids of content types differ between databases.
    ContentType.objects.clear_cache()
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = former
        ContentType.objects.clear_cache()


def read_tables(address: str) -> Tables:
    """Return the rows of every table of the platform by their id, as text."""
    tables: Tables = {}
    with psycopg2.connect(address) as server, server.cursor(cursor_factory=RealDictCursor) as rows:
        rows.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        for table in [row["tablename"] for row in rows.fetchall()]:
            if table.startswith(("django_", "auth_")):
                continue
            rows.execute(f"SELECT * FROM {table}")
            tables[table] = {str(row["id"]): dict(row) for row in rows.fetchall()}
    server.close()
    return tables
