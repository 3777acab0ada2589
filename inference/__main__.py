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
"""Exit status of an interrupted program, as shells report it (128 + SIGINT)."""


class Command(NamedTuple):
    """Help text of a command, and the module whose ``main`` runs it, imported only when needed."""

    help: str
    module: str


COMMANDS = {
    "predict": Command("detect vertebrae and draw guides on images", "inference.cli.predict"),
    "evaluate": Command("compare results with a reference standard", "inference.cli.evaluate"),
    "calibrate": Command(
        "calibrate and evaluate the probabilities of level labels", "inference.cli.calibrate"
    ),
    "correction": Command(
        "fit and judge the correction of corners by the shape of the column",
        "inference.cli.correction",
    ),
    "convert": Command("convert weights to or from the authors' format", "inference.cli.convert"),
    "bench": Command("compare the speed of all runtimes and precisions", "inference.cli.bench"),
    "phantom": Command("generate synthetic scans with known landmarks", "inference.cli.phantom"),
    "train": Command("train weights on your scans or on phantoms", "inference.cli.train"),
    "ablate": Command("train and compare the paper's baseline networks", "inference.cli.ablate"),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return the exit status."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    name = arguments[0] if arguments else ""
    if name in COMMANDS:
        return _run(name, arguments[1:])
    if name in ("-h", "--help"):
        sys.stdout.write(_usage())
        return 0
    sys.stderr.write(f"{PROGRAM}: unknown command {name!r}\n\n" if name else "")
    sys.stderr.write(_usage())
    return 2


def _run(name: str, arguments: Sequence[str]) -> int:
    """Run a command; an interruption or a closed output is not reported as an error."""
    try:
        status: int = import_module(COMMANDS[name].module).main(arguments)
        sys.stdout.flush()
    except KeyboardInterrupt:
        sys.stderr.write("\nStopped.\n")
        return STOPPED
    except BrokenPipeError:
        # Otherwise Python reports a second error when it flushes its output at exit.
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
            "Vertebrae, guides and crop check for lateral-spine DXA. Not for diagnosis.",
            "",
            "commands:",
            *lines,
            "",
            f"{PROGRAM} COMMAND --help describes a command.",
            "",
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
