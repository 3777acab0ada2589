"""``python -m tools.local``: VerteRead's servers on one machine, without installing anything."""

from __future__ import annotations

import argparse
import errno
import os
import sys
from contextlib import nullcontext
from pathlib import Path

from tools.local.data_folder import LocalError, find_place, throwaway_place
from tools.local.demo import Served, run_demo
from tools.local.dev import Development
from tools.local.environment import servers
from tools.local.processes import Interrupt, Stopped, run_in_foreground

CLONE = Path(__file__).resolve().parent.parent.parent


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.local", description=__doc__)
    commands = parser.add_subparsers(dest="action", required=True)
    run = commands.add_parser("run", help="run a command with the servers it needs")
    run.add_argument(
        "--throwaway", action="store_true", help="fresh servers, quick and gone afterwards"
    )
    run.add_argument("command", nargs=argparse.REMAINDER, metavar="-- COMMAND")
    commands.add_parser("demo", help="run the demonstration until Ctrl-C")
    commands.add_parser("dev", help="the same, reloading code as it changes")
    chosen = parser.parse_args(arguments)
    if sys.platform != "linux":
        sys.stderr.write(
            "VerteRead: the servers of `make demo` and `make test` are started on Linux only. "
            "On other systems use the containers: see README, Deploy it.\n"
        )
        return 1
    os.chdir(CLONE)
    interrupt = Interrupt()
    try:
        if chosen.action in ("demo", "dev"):
            processes = Served() if chosen.action == "demo" else Development(CLONE)
            return run_demo(find_place(CLONE), os.environ, interrupt, processes)
        command = chosen.command[1:] if chosen.command[:1] == ["--"] else chosen.command
        if not command:
            run.error("say which command to run, after --")
        place_of_run = (
            throwaway_place(CLONE) if chosen.throwaway else nullcontext(find_place(CLONE))
        )
        with place_of_run as place, servers(place, os.environ) as environment:
            interrupt.check()
            return run_in_foreground(command, environment, interrupt)
    except Stopped:
        return 130
    except LocalError as error:
        sys.stderr.write(f"VerteRead: {error}\n")
        return 1
    except PermissionError as error:
        sys.stderr.write(f"VerteRead: {error.filename} belongs to another account: start as it.\n")
        return 1
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        sys.stderr.write("VerteRead: the disk is full: free some space and start again.\n")
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
