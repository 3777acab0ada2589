"""`make setup`: the virtual environment and the built viewer, each only when something changed.

Runs with the system's Python before anything is installed, so it imports the standard library
alone. A step leaves its stamp when it has ended well; without one it is done again.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from fcntl import LOCK_EX, LOCK_NB, flock
from importlib.util import find_spec
from pathlib import Path
from typing import TextIO

CLONE = Path(__file__).resolve().parent.parent.parent
VENV = CLONE / ".venv"
FRONTEND = CLONE / "frontend"
LOG = CLONE / "var" / "log" / "install.log"
LOCK = CLONE / "requirements-dev.txt"
PYTHON_WANTED = (3, 11)
NODE_WANTED = 20
NEEDED_MB = 3500
REASONS = {
    "No space left on device": "the disk is full: free some space",
    "ENOSPC": "the disk is full: free some space",
    "DO NOT MATCH THE HASHES": "a package differs from the one that was checked: see README, torch",
    "Hashes are required": "the package index offers another build: see README, torch",
    "No matching distribution": "the package index lacks a package: see README, torch",
    "ConnectionError": "the package index cannot be reached: check the network",
    "NewConnectionError": "the package index cannot be reached: check the network",
    "ENOTFOUND": "the package index cannot be reached: check the network",
    "in sync": "package.json and package-lock.json differ: run `npm install` in frontend/",
    "EACCES": "a file belongs to another account: start as the owner of this folder",
    "Permission denied": "a file belongs to another account: start as the owner of this folder",
}


class SetupError(Exception):
    """What stops the setup, in one line that says what to do."""


def main() -> int:
    try:
        check_tools()
        LOG.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not os.access(CLONE, os.W_OK):
            raise SetupError(f"{CLONE} cannot be written: start as the account that owns it.")
        with LOG.with_name("install.lock").open("w") as lock:
            wait_for_other_setup(lock)
            install_python_packages()
            build_frontend()
    except SetupError as error:
        sys.stderr.write(f"VerteRead: {error}\n")
        return 1
    except PermissionError as error:
        sys.stderr.write(f"VerteRead: {error.filename} belongs to another account.\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("VerteRead: setup was stopped; `make setup` goes on with it.\n")
        return 130
    return 0


def check_tools() -> None:
    if sys.version_info[:2] != PYTHON_WANTED:
        raise SetupError("Python 3.11 is needed (the pinned packages are built for it).")
    if find_spec("ensurepip") is None or find_spec("venv") is None:
        raise SetupError("Python's venv is missing: apt-get install python3.11-venv")
    if not (FRONTEND / "package.json").exists():
        return
    node = shutil.which("node")
    if node is None:
        raise SetupError("Node 20 is missing: install Node.js 20 or newer, with npm.")
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    major = re.match(r"v(\d+)\.", said)
    if major is None or int(major.group(1)) < NODE_WANTED:
        raise SetupError(f"Node {said.strip()} is too old: install Node.js 20 or newer.")
    if shutil.which("npm") is None:
        raise SetupError("npm is missing: install npm beside Node.js.")


def wait_for_other_setup(lock: TextIO) -> None:
    """One setup at a time; the steps inherit the lock, should they outlive a killed setup."""
    os.set_inheritable(lock.fileno(), True)
    try:
        flock(lock, LOCK_EX | LOCK_NB)
    except BlockingIOError:
        say("Another setup is at work in this folder: waiting for it")
        flock(lock, LOCK_EX)


def install_python_packages() -> None:
    python = VENV / "bin" / "python"
    stamp = VENV / "verteread-installed"
    unfinished = VENV / "verteread-unfinished"
    wanted = digest([LOCK], extra=sys.version)
    if is_current(stamp, wanted) and has_packages(python, "django", "torch"):
        return
    check_disk(NEEDED_MB)
    if VENV.exists() and (unfinished.exists() or not has_packages(python, "pip")):
        say("Removing a half-finished .venv")
        shutil.rmtree(VENV)
    if not VENV.exists():
        say("Making the virtual environment .venv")
        run([sys.executable, "-m", "venv", str(VENV)], "The virtual environment was not made")
    unfinished.touch()
    total = len(re.findall(r"^[a-z0-9][\w.-]*(\[.*\])?==", LOCK.read_text(), re.MULTILINE))
    say(f"Installing {total} pinned Python packages (one to three minutes)")
    pip = [str(python), "-m", "pip", "install", "--disable-pip-version-check"]
    command = [*pip, "--no-input", "--require-hashes", "-r", str(LOCK)]
    run(command, "The Python packages were not installed", progress=PipProgress(total))
    unfinished.unlink()
    stamp.write_text(wanted)


def build_frontend() -> None:
    if not (FRONTEND / "package.json").exists():
        return
    packages = FRONTEND / "node_modules" / ".verteread-installed"
    wanted = digest([FRONTEND / "package-lock.json"])
    if not is_current(packages, wanted):
        say("Installing the viewer's build tools (npm ci)")
        command = ["npm", "ci", "--no-audit", "--no-fund", "--prefix", str(FRONTEND)]
        run(command, "The viewer's build tools were not installed")
        packages.write_text(wanted)
    built = FRONTEND / "node_modules" / ".verteread-built"
    leave_out = {"node_modules", "dist", "coverage"}
    sources = sorted(
        path
        for top in FRONTEND.iterdir()
        if top.name not in leave_out
        for path in ([top] if top.is_file() else top.rglob("*"))
        if path.is_file()
    )
    wanted = digest(sources)
    if not is_current(built, wanted) or not any(FRONTEND.glob("dist/*.js")):
        say("Building the viewer")
        run(["npm", "run", "--prefix", str(FRONTEND), "build"], "The viewer was not built")
        built.write_text(wanted)


class PipProgress:
    """Says how far pip is, every twenty packages."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.done = 0

    def __call__(self, line: str) -> None:
        if line.startswith("Collecting "):
            self.done += 1
            if self.done % 20 == 0 or self.done == self.total:
                say(f"    {self.done} of {self.total} fetched")
        elif line.startswith("Installing collected packages"):
            say(f"    unpacking {self.total} packages")


def run(command: list[str], failure: str, *, progress: Callable[[str], None] | None = None) -> None:
    """Run a step with its output in the log; its failure says the reason in one line."""
    began = time.monotonic()
    said: list[str] = []
    with LOG.open("a") as log:
        log.write(f"$ {json.dumps(command)}\n")
        with subprocess.Popen(
            command,
            cwd=CLONE,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            close_fds=False,
        ) as step:
            for line in step.stdout or []:
                log.write(line)
                said.append(line)
                if progress:
                    progress(line)
        log.write(f"exit status {step.returncode} after {time.monotonic() - began:.0f} s\n")
    if step.returncode == 0:
        return
    text = "".join(said)
    reasons = [advice for sign, advice in REASONS.items() if sign in text]
    errors = [
        line.strip() for line in said if re.match(r"(ERROR|npm error|error)\b.*\s\w+\s", line)
    ]
    last = next((line.strip() for line in reversed(said) if line.strip()), "no word")
    if step.returncode < 0:
        last = f"it was killed (signal {-step.returncode}); is there enough memory?"
    raise SetupError(f"{failure}: {(reasons or errors or [last])[0]} (all of it: {LOG})")


def check_disk(needed_mb: int) -> None:
    free_mb = shutil.disk_usage(CLONE).free // 2**20
    if free_mb < needed_mb:
        raise SetupError(
            f"The disk that holds {CLONE} has {free_mb} MB free, the installation needs "
            f"{needed_mb} MB: free some space."
        )


def digest(paths: Iterable[Path], *, extra: str = "") -> str:
    total = hashlib.sha256(extra.encode())
    for path in paths:
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        total.update(f"{path.relative_to(CLONE)} {content}\n".encode())
    return total.hexdigest()


def is_current(stamp: Path, wanted: str) -> bool:
    return stamp.is_file() and stamp.read_text() == wanted


def has_packages(python: Path, *names: str) -> bool:
    """Whether that Python starts and finds the packages."""
    if not python.exists():
        return False
    code = f"from importlib.util import find_spec as find; assert all(map(find, {list(names)}))"
    trial = subprocess.run([str(python), "-c", code], stderr=subprocess.DEVNULL, check=False)
    return trial.returncode == 0


def say(sentence: str) -> None:
    sys.stdout.write(f"==> {sentence}\n" if not sentence.startswith(" ") else f"{sentence}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
