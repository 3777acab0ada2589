from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psycopg2
import pytest

from tools.local import records
from tools.local.data_folder import LocalError, Place
from tools.local.postgres import Postgres
from tools.local.secrets import Secrets

Eventually = Callable[[Callable[[], object]], None]


@pytest.fixture
def server(place: Place, secrets: Secrets) -> Iterator[Postgres]:
    made = Postgres(place, secrets)
    made.start()
    yield made
    made.ours = True
    made.stop()


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


def test_committed_row_is_there_after_the_server_was_killed(
    careful: Place, secrets: Secrets
) -> None:
    server = Postgres(careful, secrets)
    server.start()
    answer(server.url, "CREATE TABLE kept (word text)")
    answer(server.url, "INSERT INTO kept VALUES ('row')")
    os.kill(postmaster(server), signal.SIGKILL)
    again = Postgres(careful, secrets)
    again.start()
    try:
        assert answer(again.url, "SELECT word FROM kept") == "row"
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
    server: Postgres, place: Place, secrets: Secrets
) -> None:
    record = records.read(place.var / "run", "postgres")
    assert record is not None
    sharing = Postgres(place, secrets)
    sharing.start()
    assert not sharing.ours
    sharing.stop()
    assert answer(server.url, "SELECT 1") == 1


def test_server_of_a_killed_launcher_is_taken_over(
    server: Postgres, place: Place, secrets: Secrets
) -> None:
    path = place.var / "run" / "postgres.json"
    process = records.Process.of(postmaster(server))
    assert process is not None
    path.write_text(path.read_text().replace(f'"pid": {os.getpid()}', '"pid": 4194305'))
    next_run = Postgres(place, secrets)
    next_run.start()
    assert next_run.ours
    assert next_run.url == server.url
    next_run.stop()
    assert not process.alive()


def test_pid_file_that_names_another_program_is_stale(
    server: Postgres, place: Place, secrets: Secrets
) -> None:
    pid_file = server.cluster / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    server.stop()
    pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    again = Postgres(place, secrets)
    again.start()
    assert answer(again.url, "SELECT 1") == 1


def test_half_made_cluster_is_made_again(place: Place, secrets: Secrets) -> None:
    unfinished = place.data / "postgres.new"
    unfinished.mkdir()
    (unfinished / "PG_VERSION").write_text("18\n")
    server = Postgres(place, secrets)
    server.start()
    try:
        assert answer(server.url, "SELECT 1") == 1
        assert not unfinished.exists()
    finally:
        server.stop()


def test_foreign_secrets_are_refused_with_a_sentence(
    server: Postgres, place: Place, secrets: Secrets
) -> None:
    server.stop()
    foreign = replace(secrets, database_superuser="another")
    stranger = Postgres(place, foreign)
    try:
        with pytest.raises(LocalError, match="both belong together"):
            stranger.start()
    finally:
        stranger.stop()


def test_no_password_stays_in_a_file_of_its_own(server: Postgres, place: Place) -> None:
    secret = server.secrets.database_superuser.encode()
    holders = [
        path for path in place.var.iterdir() if path.is_file() and secret in path.read_bytes()
    ]
    assert [path.name for path in holders] == ["secrets.json"]
    assert Path(holders[0]).stat().st_mode & 0o777 == 0o600
