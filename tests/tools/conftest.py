"""A checkout in which nothing is really installed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.setup import packages, steps, torch_build, viewer

LOCKS = ("local", "dev", "torch", "torch-cpu", "node")


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty checkout with locks of two packages and no viewer."""
    for lock in LOCKS:
        text = "django==5.2.17 \\\n  --hash=x\ntorch==2.13.0\n"
        (tmp_path / f"requirements-{lock}.txt").write_text(text)
    for module in (steps, packages, torch_build, viewer):
        monkeypatch.setattr(module, "CHECKOUT", tmp_path)
    for module in (packages, viewer):
        monkeypatch.setattr(module, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(viewer, "FRONTEND", tmp_path / "frontend")
    monkeypatch.setattr(viewer, "SHIMS", tmp_path / ".venv" / "node")
    monkeypatch.setattr(viewer, "NODE_LOCK", tmp_path / "requirements-node.txt")
    monkeypatch.setattr(torch_build, "PUBLIC_LOCK", tmp_path / "requirements-torch.txt")
    monkeypatch.setattr(torch_build, "CPU_LOCK", tmp_path / "requirements-torch-cpu.txt")
    monkeypatch.setattr(steps, "LOG", tmp_path / "var" / "log" / "install.log")
    monkeypatch.setattr(packages, "has_packages", lambda python, *names: python.exists())
    monkeypatch.setattr(packages, "is_same_python", lambda python: True)
    return tmp_path


@pytest.fixture
def commands(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The commands that the setup runs, none of which does anything but make .venv."""
    ran: list[list[str]] = []

    def pretend(command: list[str], failure: str, **options: object) -> None:
        ran.append(command)
        python = checkout / ".venv" / "bin" / "python"
        python.parent.mkdir(parents=True, exist_ok=True)
        python.touch()

    for module in (packages, torch_build, viewer):
        monkeypatch.setattr(module, "run", pretend)
    return ran
