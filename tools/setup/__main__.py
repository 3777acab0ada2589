"""Prepare a checkout: ``python -m tools.setup``, which `make` runs first.

``demo`` installs the packages that run the platform on this machine, ``develop`` also those for
tests, checks and training. Both use ``.venv`` and build the viewer. ``torch`` only installs torch,
in the environment of the running interpreter, for the worker's image.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path
from typing import TextIO

from tools import ports
from tools.setup.packages import DEMO, DEVELOP, VENV, Level, check_python, install_packages
from tools.setup.steps import CHECKOUT, LOG, SetupError, print_step
from tools.setup.torch_build import install_torch
from tools.setup.viewer import build_viewer

LEVELS = {"demo": DEMO, "develop": DEVELOP}


def main(arguments: list[str]) -> int:
    """Run the command line and return its exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.setup", description=__doc__)
    parser.add_argument("target", choices=[*LEVELS, "torch"])
    target = parser.parse_args(arguments).target
    try:
        if target == "torch":
            install_torch(Path(sys.executable), DEMO)
        else:
            if target == "demo":
                check_port(os.environ)
            set_up(LEVELS[target])
    except SetupError as error:
        sys.stderr.write(f"VerteRead: {error}\n")
        return 1
    except PermissionError as error:
        sys.stderr.write(
            f"VerteRead: {error.filename} belongs to another account. Use that account.\n"
        )
        return 1
    except KeyboardInterrupt:
        sys.stderr.write(
            "VerteRead: the setup was interrupted. Run the same command to continue.\n"
        )
        return 130
    return 0


def check_port(environment: Mapping[str, str]) -> None:
    """Raise SetupError if VERTEREAD_PORT is invalid or in use, before anything is installed."""
    try:
        port = ports.port_setting(environment)
    except ValueError as error:
        raise SetupError(str(error)) from error
    # After the installation, the demonstration itself may use the port; the launcher reports that.
    if not VENV.exists() and not ports.is_free(port):
        raise SetupError(
            f"Another program uses port {port}. Choose another port, for example "
            f"`VERTEREAD_PORT={port + 1} make demo`."
        )


def set_up(level: Level) -> None:
    """Install packages, torch and viewer, as far as they are not up to date."""
    check_python()
    if not os.access(CHECKOUT, os.W_OK):
        raise SetupError(f"{CHECKOUT} cannot be written. Use the account that owns it.")
    LOG.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with LOG.with_name("install.lock").open("w") as lock:
        wait_for_other_setup(lock)
        install_packages(level)
        install_torch(VENV / "bin" / "python", level)
        build_viewer()


def wait_for_other_setup(lock: TextIO) -> None:
    """Lock the checkout. Child processes inherit the lock in case they outlive a killed setup."""
    # Python marks files as not inheritable by default.
    os.set_inheritable(lock.fileno(), True)
    try:
        flock(lock, LOCK_EX | LOCK_NB)
    except BlockingIOError:
        print_step("Waiting for another setup in this folder")
        flock(lock, LOCK_EX)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
