"""Import what a process needs while everything outside its lock file is refused.

Run as ``python -m tests.locked_imports LOCK [--without COMMAND] [--module MODULE]...`` in a fresh
interpreter. It stands for an image in which only that lock file is installed.
"""

from __future__ import annotations

import importlib
import os
import re
import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.metadata import packages_distributions
from pathlib import Path
from types import ModuleType

PINNED = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==", re.MULTILINE)
COMMANDS_OF_DJANGO = {
    "migrate": "django.core",
    "check": "django.core",
    "collectstatic": "django.contrib.staticfiles",
    "createsuperuser": "django.contrib.auth",
}
LOADED_BY_SETUPTOOLS = {"_distutils_hack"}
"""Its .pth file loads this at the start of every interpreter of the virtual environment."""


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def locked_distributions(lock: Path) -> set[str]:
    return {canonical(name) for name in PINNED.findall(lock.read_text())}


def modules_outside(lock: Path) -> set[str]:
    """Return the installed top-level modules that no distribution in the lock file provides."""
    locked = locked_distributions(lock)
    return {
        module
        for module, distributions in packages_distributions().items()
        if not locked & {canonical(name) for name in distributions}
    }


class Refusal(MetaPathFinder):
    """Make the modules look as if they were not installed."""

    def __init__(self, modules: set[str]) -> None:
        self.modules = modules

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname.partition(".")[0] in self.modules:
            raise ModuleNotFoundError(
                f"No module named {fullname!r} in the lock file", name=fullname
            )
        return None


def load_project(without: set[str]) -> None:
    """Load settings, URLs, migrations and commands as the processes of an image do."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "studies.settings"
    os.environ.setdefault("DATABASE_URL", "postgres://user:none@127.0.0.1:1/none")
    os.environ.setdefault("CELERY_BROKER_URL", "redis://127.0.0.1:1/0")
    django = importlib.import_module("django")
    django.setup()
    for module in ("studies.celery", "studies.wsgi", "studies.urls"):
        importlib.import_module(module)
    importlib.import_module("django.db.migrations.loader").MigrationLoader(None)
    management = importlib.import_module("django.core.management")
    project = {
        name: app
        for name, app in management.get_commands().items()
        if app.startswith("studies.") and name not in without
    }
    for name, app in {**COMMANDS_OF_DJANGO, **project}.items():
        management.load_command_class(app, name)


def main() -> None:
    parser = ArgumentParser()
    parser.add_argument("lock", type=Path)
    parser.add_argument("--without", action="append", default=[])
    parser.add_argument("--module", action="append", default=[])
    options = parser.parse_args()
    refused = modules_outside(options.lock) - LOADED_BY_SETUPTOOLS
    loaded = refused & set(sys.modules)
    if loaded:
        raise SystemExit(f"loaded before the check began: {sorted(loaded)}")
    sys.meta_path.insert(0, Refusal(refused))
    load_project(set(options.without))
    for module in options.module:
        importlib.import_module(module)


if __name__ == "__main__":
    main()
