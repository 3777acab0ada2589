"""Command line: ``python -m inference COMMAND``."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import NamedTuple

from inference.runtime.torch_needed import INSTALL_TORCH

PROGRAM = "python -m inference"
STOPPED = 130
"""The status of a program that was stopped, as shells have it."""


class Command(NamedTuple):
    """What a command is good for, and the module whose ``main`` runs it when it is asked for."""

    help: str
    module: str


COMMANDS = {
    "predict": Command("find vertebrae and guides on images", "inference.cli.predict"),
    "evaluate": Command("compare with known landmarks", "inference.cli.evaluate"),
    "convert": Command("weights to and from the authors' form", "inference.cli.convert"),
    "bench": Command("time every way to compute", "inference.cli.bench"),
    "phantom": Command("draw synthetic scans with known answers", "inference.cli.phantom"),
    "train": Command("train weights on your scans or phantoms", "inference.cli.train"),
    "ablate": Command("train and compare the paper's baselines", "inference.cli.ablate"),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    name = arguments[0] if arguments else ""
    if name in COMMANDS:
        return _run(name, arguments[1:])
    if name in ("-h", "--help"):
        sys.stdout.write(_usage())
        return 0
    sys.stderr.write(f"{PROGRAM}: there is no command {name!r}\n\n" if name else "")
    sys.stderr.write(_usage())
    return 2


def _run(name: str, arguments: Sequence[str]) -> int:
    """One command; being stopped, and an output that nobody takes, are no errors of ours."""
    try:
        status: int = import_module(COMMANDS[name].module).main(arguments)
        sys.stdout.flush()
    except KeyboardInterrupt:
        sys.stderr.write("\nStopped.\n")
        return STOPPED
    except BrokenPipeError:
        # Python would complain once more when it closes its output at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return STOPPED
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        sys.stderr.write(f"{PROGRAM} {name} needs torch: {INSTALL_TORCH}\n")
        return 1
    except OSError as error:
        sys.stderr.write(f"{PROGRAM} {name}: {error}\n")
        return 1
    return status


def _usage() -> str:
    lines = [f"  {name:<10} {command.help}" for name, command in COMMANDS.items()]
    return "\n".join(
        [
            f"usage: {PROGRAM} COMMAND ...",
            "",
            "Vertebrae, guides and crop check on lateral-spine DXA. Research, not diagnosis.",
            "",
            "commands:",
            *lines,
            "",
            f"{PROGRAM} COMMAND --help says more.",
            "",
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
