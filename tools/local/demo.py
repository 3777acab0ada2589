"""`make demo`: every process of VerteRead on this machine, until Ctrl-C.

`make dev` runs the same with other processes: see `tools.local.dev`.
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

from tools.local import ports, records
from tools.local.data_folder import LocalError, Place
from tools.local.environment import servers
from tools.local.processes import Children, Interrupt, Stopped

READY_PATIENCE_S = 180


class Processes(Protocol):
    """The worker and what answers browsers."""

    def environment(self, place: Place) -> Mapping[str, str]:
        """Return variables that these processes need besides those of every run."""

    def start(self, children: Children, environment: Mapping[str, str], port: int) -> None:
        """Start them, with the pages on that port."""

    def watch(self, children: Children) -> None:
        """Look after them, some times a second."""


class Served:
    """The processes of `make demo`: a worker, and gunicorn as on a server."""

    def environment(self, place: Place) -> Mapping[str, str]:
        return {}

    def start(self, children: Children, environment: Mapping[str, str], port: int) -> None:
        say("Starting the worker and the web server")
        children.start("worker", worker_command(sys.executable), environment)
        children.start("web", web_command(sys.executable, port), environment)

    def watch(self, children: Children) -> None:
        children.check()


def run_demo(
    place: Place, given: Mapping[str, str], interrupt: Interrupt, processes: Processes
) -> int:
    """Start everything, say where it is and who may sign in, and stop everything at the end."""
    began = time.monotonic()
    port = choose_port(place, given)
    children = Children(interrupt, run=place.var / "run", log=place.var / "log")
    python = sys.executable
    say("Starting PostgreSQL and the Valkey broker")
    with servers(place, given) as environment:
        environment.setdefault("VERTEREAD_BASE_URL", f"http://127.0.0.1:{port}")
        environment |= processes.environment(place)
        try:
            say("Bringing the database up to date")
            children.run("migrate", [python, "manage.py", "migrate", "--no-input"], environment)
            processes.start(children, environment, port)
            first = not (place.var / "demo-accounts.json").exists()
            say(
                "Making the demonstration studies (the first time takes some minutes)"
                if first
                else "Looking after the demonstration studies"
            )
            seed = [python, "manage.py", "seed_demonstration"]
            children.run("seed", seed, environment, show=_say_how_far if first else None)
            _wait_until_healthy(children, port)
            _say_welcome(place, port, time.monotonic() - began)
            while True:
                processes.watch(children)
                time.sleep(0.3)
        except Stopped:
            say("Stopping")
        finally:
            children.stop()
    say("Stopped. All data is kept for the next start.")
    return 0


def choose_port(place: Place, given: Mapping[str, str]) -> int:
    """The web server's port, or one line about who has it."""
    try:
        port = ports.chosen(given)
    except ValueError as error:
        raise LocalError(str(error)) from error
    web = records.read(place.var / "run", "web")
    if web is not None and web.launcher.alive():
        raise LocalError(
            f"It already runs from this folder (process {web.launcher.pid}): use it, or stop "
            "it with Ctrl-C in its terminal."
        )
    if web is not None:
        records.end(web.process, patience_s=10, group=True)
    if not ports.is_free(port):
        raise LocalError(
            f"Port {port} is taken by another program: choose a free one, "
            f"for example `VERTEREAD_PORT={port + 1} make demo`."
        )
    return port


def worker_command(python: str) -> list[str]:
    return [
        *(python, "-m", "celery", "-A", "studies.celery", "worker"),
        *("--pool", "prefork", "-l", "info"),
        *("--without-gossip", "--without-mingle"),
    ]


def web_command(python: str, port: int) -> list[str]:
    return [
        *(python, "-m", "gunicorn", "-c", "python:studies.serving.pages"),
        *("--bind", f"127.0.0.1:{port}"),
        # Without a proxy one server does both: four threads for pages, two for uploads.
        *("--threads", "6"),
    ]


def _wait_until_healthy(children: Children, port: int) -> None:
    """Wait until every part answers, the worker with its model too."""
    address = f"http://127.0.0.1:{port}/healthz"
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + READY_PATIENCE_S
    said = "no answer"
    while time.monotonic() < deadline:
        children.check()
        try:
            with opener.open(address, timeout=20) as answer:
                said = answer.read(500).decode(errors="replace")
                if json.loads(said)["status"] == "ok":
                    return
        except urllib.error.HTTPError as error:
            said = error.read(500).decode(errors="replace")
        except OSError as error:
            said = str(error)
        time.sleep(0.2)
    raise LocalError(f"VerteRead did not get ready in {READY_PATIENCE_S} s: {said}")


def _say_welcome(place: Place, port: int, seconds: float) -> None:
    path = place.var / "demo-accounts.json"
    accounts = json.loads(path.read_text()) if path.exists() else []
    lines = [
        "",
        f"VerteRead is ready after {seconds:.0f} s:  http://127.0.0.1:{port}",
        "For research, not for diagnosis. Both studies are demonstrations on made-up images.",
        "",
    ]
    if accounts:
        name = max(len(account["username"]) for account in accounts)
        word = max(len(account["password"]) for account in accounts)
        lines += [
            f"  {account['username']:<{name}}  {account['password']:<{word}}  "
            f"{account['role']}: {account['about']}"
            for account in accounts
        ]
        lines += ["", f"The accounts are kept in {_short(path)}."]
    lines += [f"Logs are in {_short(place.var / 'log')}. Ctrl-C stops everything.", ""]
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


def _short(path: Path) -> str:
    return os.path.relpath(path)


def _say_how_far(line: str) -> None:
    sys.stdout.write(f"    {line}\n")
    sys.stdout.flush()


def say(sentence: str) -> None:
    sys.stdout.write(f"==> {sentence}\n")
    sys.stdout.flush()
