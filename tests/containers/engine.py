"""Run Docker Compose, or podman-compose with the start-up order that it does not provide."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import time
from pathlib import Path

PROJECT = "verteread-test"
OURS = ("web", "uploads", "worker", "reports", "trainer")
PATIENCE_S = 120
COMMAND_S = 300


def compose_command() -> list[str]:
    """Return VERTEREAD_COMPOSE if set, else "docker compose" if it works, else podman-compose."""
    configured = os.environ.get("VERTEREAD_COMPOSE", "")
    if configured:
        return shlex.split(configured)
    if (
        shutil.which("docker")
        and _works("docker", "info")
        and _works("docker", "compose", "version")
    ):
        return ["docker", "compose"]
    return ["podman-compose"]


def _works(*command: str) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


class Compose:
    """Compose with the files of a stack; call it with a subcommand and its arguments."""

    def __init__(self, *, env_file: Path, files: list[Path]) -> None:
        self._program = compose_command()
        self._options = ["-p", PROJECT, "--env-file", str(env_file)]
        for file in files:
            self._options += ["-f", str(file)]
        self._starts_in_order = "podman" in Path(self._program[0]).name

    def __call__(self, *arguments: str, check: bool = True) -> str:
        return self.binary(*arguments, check=check).decode(errors="replace")

    def binary(self, *arguments: str, check: bool = True, content: bytes = b"") -> bytes:
        """Run a subcommand with ``content`` as its input and return its output."""
        finished = self._run(*arguments, content=content)
        if check and finished.returncode != 0:
            output = (finished.stdout[-4000:] + finished.stderr[-4000:]).decode(errors="replace")
            raise AssertionError(f"{shlex.join(arguments)} failed:\n{output}")
        return finished.stdout

    def _run(self, *arguments: str, content: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        command = [*self._program, *self._options, *arguments]
        return subprocess.run(
            command, input=content, capture_output=True, check=False, timeout=COMMAND_S
        )

    def up(self) -> None:
        """Start all services and wait until they are healthy."""
        if self._starts_in_order:
            self._up_in_order()
        else:
            self("up", "-d", "--no-build", "--wait", "--wait-timeout", str(PATIENCE_S))

    def _up_in_order(self) -> None:
        """Start services one after another: without systemd, Podman runs no health checks."""
        services = self("config", "--services").split()
        first = [name for name in services if name not in {"migrate", *OURS, "nginx"}]
        self._up(*first)
        self._wait_for("database", "pg_isready", "-U", "verteread", "-d", "verteread")
        self._wait_for("broker", "valkey-cli", "ping")
        self("run", "--rm", "-T", "--no-deps", "migrate")
        self._up(*OURS)
        self._up("nginx")

    def _up(self, *services: str) -> None:
        self("up", "-d", "--no-build", "--no-deps", *services)

    def _wait_for(self, service: str, *command: str) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while self._run("exec", "-T", service, *command).returncode != 0:
            assert time.monotonic() < deadline, f"{service} did not start"
            time.sleep(0.5)
