"""``python -m tools.setup``: what `make` needs before it can run anything.

``demo`` installs what runs the platform on this machine, ``develop`` also what tests, checks and
training need, each into ``.venv`` and with the built viewer. ``torch`` installs torch alone, into
the environment of the interpreter that runs it, as the worker's image does.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path
from typing import TextIO

from tools.local import ports
from tools.setup.packages import DEMO, DEVELOP, VENV, Level, check_python, install_packages
from tools.setup.steps import CLONE, LOG, SetupError, say
from tools.setup.torch_build import install_torch
from tools.setup.viewer import build_viewer

LEVELS = {"demo": DEMO, "develop": DEVELOP}


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.setup", description=__doc__)
    parser.add_argument("what", choices=[*LEVELS, "torch"])
    what = parser.parse_args(arguments).what
    try:
        if what == "torch":
            install_torch(Path(sys.executable), DEMO)
        else:
            if what == "demo":
                check_port(os.environ)
            set_up(LEVELS[what])
    except SetupError as error:
        sys.stderr.write(f"VerteRead: {error}\n")
        return 1
    except PermissionError as error:
        sys.stderr.write(f"VerteRead: {error.filename} belongs to another account.\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("VerteRead: setup was stopped; run the same command to continue.\n")
        return 130
    return 0


def check_port(given: Mapping[str, str]) -> None:
    """Raise SetupError for a port that the demonstration would refuse after the installation."""
    try:
        port = ports.chosen(given)
    except ValueError as error:
        raise SetupError(str(error)) from error
    # Once it is installed, the demonstration may be what has the port; it says so itself.
    if not VENV.exists() and not ports.is_free(port):
        raise SetupError(
            f"Port {port} is taken by another program: choose a free one, "
            f"for example `VERTEREAD_PORT={port + 1} make demo`."
        )


def set_up(level: Level) -> None:
    check_python()
    if not os.access(CLONE, os.W_OK):
        raise SetupError(f"{CLONE} cannot be written: start as the account that owns it.")
    LOG.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with LOG.with_name("install.lock").open("w") as lock:
        wait_for_other_setup(lock)
        install_packages(level)
        install_torch(VENV / "bin" / "python", level)
        build_viewer()


def wait_for_other_setup(lock: TextIO) -> None:
    """Allow one setup at a time; steps inherit the lock, should they outlive a killed setup."""
    os.set_inheritable(lock.fileno(), True)
    try:
        flock(lock, LOCK_EX | LOCK_NB)
    except BlockingIOError:
        say("Another setup is running in this folder: waiting for it")
        flock(lock, LOCK_EX)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
