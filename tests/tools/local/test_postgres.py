from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psycopg2
import pytest

from tools.local import records
from tools.local.postgres import Postgres
from tools.local.secrets import Secrets
from tools.local.workspace import LocalError, Workspace

Eventually = Callable[[Callable[[], object]], None]


@pytest.fixture
def server(workspace: Workspace, secrets: Secrets) -> Iterator[Postgres]:
    started = Postgres(workspace, secrets)
    started.start()
    yield started
    started.responsible = True
    started.stop()


def answer(url: str, statement: str) -> object:
    connection = psycopg2.connect(url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchone()[0] if cursor.description else None
    finally:
        connection.close()


def postmaster(server: Postgres) -> int:
    return int((server.cluster / "postmaster.pid").read_text().splitlines()[0])


def test_committed_row_survives_a_killed_server(careful: Workspace, secrets: Secrets) -> None:
    server = Postgres(careful, secrets)
    server.start()
    answer(server.url, "CREATE TABLE stored (word text)")
    answer(server.url, "INSERT INTO stored VALUES ('row')")
    os.kill(postmaster(server), signal.SIGKILL)
    again = Postgres(careful, secrets)
    again.start()
    try:
        assert answer(again.url, "SELECT word FROM stored") == "row"
    finally:
        again.stop()


def test_application_has_a_password_and_is_no_superuser(server: Postgres) -> None:
    with pytest.raises(psycopg2.OperationalError):
        answer(server.url.replace(server.secrets.database, "guess"), "SELECT 1")
    statement = "SELECT rolsuper FROM pg_roles WHERE rolname = current_user"
    assert answer(server.url, statement) is False


def test_server_listens_on_this_machine_only(server: Postgres) -> None:
    assert answer(server.url, "SHOW listen_addresses") == "127.0.0.1"
    assert not list(server.cluster.glob(".s.PGSQL*"))


def test_second_run_shares_the_server_and_does_not_stop_it(
    server: Postgres, workspace: Workspace, secrets: Secrets
) -> None:
    record = records.read(workspace.var / "run", "postgres")
    assert record is not None
    sharing = Postgres(workspace, secrets)
    sharing.start()
    assert not sharing.responsible
    sharing.stop()
    assert answer(server.url, "SELECT 1") == 1


def test_server_of_a_killed_launcher_is_taken_over(
    server: Postgres, workspace: Workspace, secrets: Secrets
) -> None:
    path = workspace.var / "run" / "postgres.json"
    process = records.Process.of(postmaster(server))
    assert process is not None
    path.write_text(path.read_text().replace(f'"pid": {os.getpid()}', '"pid": 4194305'))
    next_run = Postgres(workspace, secrets)
    next_run.start()
    assert next_run.responsible
    assert next_run.url == server.url
    next_run.stop()
    assert not process.alive()


def test_pid_file_that_names_another_program_is_stale(
    server: Postgres, workspace: Workspace, secrets: Secrets
) -> None:
    pid_file = server.cluster / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    server.stop()
    pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    again = Postgres(workspace, secrets)
    again.start()
    assert answer(again.url, "SELECT 1") == 1


def test_incomplete_cluster_is_created_again(workspace: Workspace, secrets: Secrets) -> None:
    unfinished = workspace.data / "postgres.new"
    unfinished.mkdir()
    (unfinished / "PG_VERSION").write_text("18\n")
    server = Postgres(workspace, secrets)
    server.start()
    try:
        assert answer(server.url, "SELECT 1") == 1
        assert not unfinished.exists()
    finally:
        server.stop()


def test_secrets_of_another_cluster_are_reported(
    server: Postgres, workspace: Workspace, secrets: Secrets
) -> None:
    server.stop()
    foreign = replace(secrets, database_superuser="another")
    stranger = Postgres(workspace, foreign)
    try:
        with pytest.raises(LocalError, match="must be the one in"):
            stranger.start()
    finally:
        stranger.stop()


def test_passwords_are_in_the_secrets_file_only(server: Postgres, workspace: Workspace) -> None:
    secret = server.secrets.database_superuser.encode()
    holders = [
        path for path in workspace.var.iterdir() if path.is_file() and secret in path.read_bytes()
    ]
    assert [path.name for path in holders] == ["secrets.json"]
    assert Path(holders[0]).stat().st_mode & 0o777 == 0o600
