"""Run VerteRead's servers on this machine: ``python -m tools.local``."""

from __future__ import annotations

import argparse
import errno
import os
import sys
from contextlib import nullcontext
from pathlib import Path

from tools.local.demo import DemoProcesses, run_platform
from tools.local.dev import DevelopmentProcesses
from tools.local.environment import running_servers
from tools.local.processes import Interrupt, Stopped, run_in_foreground
from tools.local.workspace import LocalError, find_workspace, temporary_workspace

CHECKOUT = Path(__file__).resolve().parent.parent.parent


def main(arguments: list[str]) -> int:
    """Run the command line and return its exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.local", description="Run VerteRead's servers on this machine."
    )
    commands = parser.add_subparsers(dest="action", required=True)
    run = commands.add_parser("run", help="run a command with the servers it needs")
    run.add_argument(
        "--throwaway",
        action="store_true",
        help="use fast, empty servers and delete them afterwards",
    )
    run.add_argument("command", nargs=argparse.REMAINDER, metavar="-- COMMAND")
    commands.add_parser("demo", help="run the demonstration until Ctrl-C")
    commands.add_parser("dev", help="run the demonstration and reload code when it changes")
    options = parser.parse_args(arguments)
    if sys.platform != "linux":
        sys.stderr.write(
            "VerteRead: `make demo`, `make dev` and `make test` can start their servers on Linux "
            'only. On other systems, use the containers (README, section "Deploy it").\n'
        )
        return 1
    # manage.py and relative paths are below the checkout.
    os.chdir(CHECKOUT)
    # Before anything starts, so that Ctrl-C always stops what was started.
    interrupt = Interrupt()
    try:
        if options.action in ("demo", "dev"):
            processes = (
                DemoProcesses() if options.action == "demo" else DevelopmentProcesses(CHECKOUT)
            )
            return run_platform(find_workspace(CHECKOUT), os.environ, interrupt, processes)
        command = options.command[1:] if options.command[:1] == ["--"] else options.command
        if not command:
            run.error("a command is required after --")
        workspace_of_run = (
            temporary_workspace(CHECKOUT)
            if options.throwaway
            else nullcontext(find_workspace(CHECKOUT))
        )
        with workspace_of_run as workspace, running_servers(workspace, os.environ) as environment:
            interrupt.check()
            return run_in_foreground(command, environment, interrupt)
    except Stopped:
        # Exit status of a program stopped by SIGINT, as in shells.
        return 130
    except LocalError as error:
        sys.stderr.write(f"VerteRead: {error}\n")
        return 1
    except PermissionError as error:
        sys.stderr.write(
            f"VerteRead: {error.filename} belongs to another account. Use that account.\n"
        )
        return 1
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        sys.stderr.write("VerteRead: the disk is full. Free some space and start again.\n")
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
