"""Versions of the software, and the model in use."""

from __future__ import annotations

import platform
from dataclasses import dataclass

import django
from django.db import connection

from studies import __version__
from studies.registry.models import ModelActivation, RegisteredModel


@dataclass(frozen=True, slots=True)
class Versions:
    """What is installed; ``model`` is None until the worker has registered one."""

    verteread: str
    django: str
    python: str
    postgresql: str
    model: RegisteredModel | None


def read_versions() -> Versions:
    """Return the versions of this process and of the database it is connected to."""
    activation = ModelActivation.objects.select_related("model").first()
    # Not `installed_model`, which may register it: a page changes nothing.
    installed = RegisteredModel.objects.ready().filter(origin=RegisteredModel.Origin.INSTALLED)
    major, minor = divmod(int(connection.pg_version), 10000)  # type: ignore[attr-defined]
    return Versions(
        verteread=__version__,
        django=django.get_version(),
        python=platform.python_version(),
        postgresql=f"{major}.{minor}",
        model=activation.model if activation else installed.order_by("-added_at").first(),
    )
