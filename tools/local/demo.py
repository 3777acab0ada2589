"""`make demo`: run every process of VerteRead on this machine until Ctrl-C.

`make dev` does the same with other processes (`tools.local.dev`).
"""

from __future__ import annotations

import json
import os
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from tools import ports
from tools.local import records
from tools.local.environment import running_servers
from tools.local.processes import Children, Interrupt, Stopped
from tools.local.workspace import LocalError, Workspace

# Includes compiling the network at the first start.
READY_PATIENCE_S = 180


class Processes(Protocol):
    """The worker and the web server of a run."""

    def environment(self, workspace: Workspace) -> Mapping[str, str]:
        """Return variables that only these processes need."""

    def start(self, children: Children, environment: Mapping[str, str], port: int) -> None:
        """Start the processes; the web server listens on ``port``."""

    def watch(self, children: Children) -> None:
        """Check the processes; called several times per second."""


class DemoProcesses:
    """The processes of `make demo`: two workers and gunicorn."""

    def environment(self, workspace: Workspace) -> Mapping[str, str]:
        return {}

    def start(self, children: Children, environment: Mapping[str, str], port: int) -> None:
        print_step("Starting the workers and the web server")
        # Before the seeding, which queues analyses.
        worker = worker_command(sys.executable, "analyses", "reports", "mail")
        children.start("worker", worker, environment)
        children.start("trainer", trainer_command(sys.executable), environment)
        children.start("web", web_command(sys.executable, port), environment)

    def watch(self, children: Children) -> None:
        children.check()


def run_platform(
    workspace: Workspace, variables: Mapping[str, str], interrupt: Interrupt, processes: Processes
) -> int:
    """Start all processes, print address and accounts, and stop the processes at the end.

    Returns the exit status. ``variables`` is the environment of the launcher.
    """
    start = time.monotonic()
    port = web_port(workspace, variables)
    children = Children(interrupt, run=workspace.var / "run", log=workspace.var / "log")
    python = sys.executable
    print_step("Starting PostgreSQL and Valkey")
    with running_servers(workspace, variables) as environment:
        # Invitation links contain this address.
        environment.setdefault("VERTEREAD_BASE_URL", f"http://127.0.0.1:{port}")
        environment |= processes.environment(workspace)
        try:
            print_step("Applying database migrations")
            children.run("migrate", [python, "manage.py", "migrate", "--no-input"], environment)
            processes.start(children, environment, port)
            first = not (workspace.var / "demo-accounts.json").exists()
            print_step(
                "Creating the demonstration studies (this takes a few minutes the first time)"
                if first
                else "Checking the demonstration studies"
            )
            seed = [python, "manage.py", "seed_demonstration"]
            children.run("seed", seed, environment, show=_print_progress if first else None)
            _wait_until_healthy(children, port)
            _print_welcome(workspace, port, time.monotonic() - start)
            while True:
                processes.watch(children)
                time.sleep(0.3)
        except Stopped:
            print_step("Stopping")
        finally:
            children.stop()
    print_step("Stopped. The data is kept for the next start.")
    return 0


def web_port(workspace: Workspace, variables: Mapping[str, str]) -> int:
    """Return the web server's port.

    Raises
    ------
    LocalError
        If the port is invalid or in use, or the platform already runs from this folder.
    """
    try:
        port = ports.port_setting(variables)
    except ValueError as error:
        raise LocalError(str(error)) from error
    web = records.read(workspace.var / "run", "web")
    if web is not None and web.launcher.alive():
        raise LocalError(
            f"VerteRead already runs from this folder (process {web.launcher.pid}). Use it, or "
            "stop it with Ctrl-C in its terminal."
        )
    # Left behind by a launcher that was killed.
    if web is not None:
        records.terminate(web.process, patience_s=10, group=True)
    if not ports.is_free(port):
        raise LocalError(
            f"Another program uses port {port}. Choose another port, for example "
            f"`VERTEREAD_PORT={port + 1} make demo`."
        )
    return port


def worker_command(python: str, *queues: str) -> list[str]:
    """Return the command of a worker that takes from some queues, or from all."""
    return [
        *(python, "-m", "celery", "-A", "studies.celery", "worker"),
        *("--pool", "prefork", "-l", "info"),
        # These serve clusters of workers and would only delay the start.
        *("--without-gossip", "--without-mingle"),
        *(("-Q", ",".join(queues)) if queues else ()),
    ]


def trainer_command(python: str) -> list[str]:
    """Return the command of the worker that checks and fine-tunes models."""
    # A name, because two workers of one machine must not have the same.
    return [*worker_command(python, "training"), "-n", "trainer@%h"]


def web_command(python: str, port: int) -> list[str]:
    """Return the command of the web server."""
    return [
        *(python, "-m", "gunicorn", "-c", "python:studies.serving.pages"),
        *("--bind", f"127.0.0.1:{port}"),
        # Without a proxy, one server has both tasks: four threads for pages, two for uploads.
        *("--threads", "6"),
    ]


def _wait_until_healthy(children: Children, port: int) -> None:
    """Wait until /healthz reports that every part works, including the worker's model."""
    address = f"http://127.0.0.1:{port}/healthz"
    # Proxies of the environment cannot reach this machine.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + READY_PATIENCE_S
    status = "no answer"
    while time.monotonic() < deadline:
        children.check()
        try:
            with opener.open(address, timeout=20) as answer:
                status = answer.read(500).decode(errors="replace")
                if json.loads(status)["status"] == "ok":
                    return
        except urllib.error.HTTPError as error:
            status = error.read(500).decode(errors="replace")
        except OSError as error:
            status = str(error)
        time.sleep(0.2)
    raise LocalError(f"VerteRead was not ready after {READY_PATIENCE_S} s: {status}")


def _print_welcome(workspace: Workspace, port: int, seconds: float) -> None:
    path = workspace.var / "demo-accounts.json"
    accounts = json.loads(path.read_text()) if path.exists() else []
    lines = [
        "",
        f"VerteRead is ready after {seconds:.0f} s:  http://127.0.0.1:{port}",
        "For research, not for diagnosis. Both demonstration studies use synthetic images.",
        "",
    ]
    if accounts:
        name_width = max(len(account["username"]) for account in accounts)
        password_width = max(len(account["password"]) for account in accounts)
        lines += [
            f"  {account['username']:<{name_width}}  {account['password']:<{password_width}}  "
            f"{account['role']}: {account['about']}"
            for account in accounts
        ]
        lines += ["", f"The accounts are listed in {_short(path)}."]
    lines += [f"Logs are in {_short(workspace.var / 'log')}. Press Ctrl-C to stop.", ""]
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


def _short(path: Path) -> str:
    return os.path.relpath(path)


def _print_progress(line: str) -> None:
    sys.stdout.write(f"    {line}\n")
    sys.stdout.flush()


def print_step(sentence: str) -> None:
    """Print a step of the launcher."""
    sys.stdout.write(f"==> {sentence}\n")
    sys.stdout.flush()
