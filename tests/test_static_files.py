"""Static files as the image of the web process collects them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command


@pytest.fixture(params=[0o022, 0o077])
def umask(request: Any) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


def test_other_accounts_can_read_what_is_collected(umask, settings, tmp_path):
    settings.STATIC_ROOT = tmp_path / "collected"
    settings.STORAGES = dict(settings.STORAGES)
    call_command("collectstatic", interactive=False, verbosity=0)
    paths = [settings.STATIC_ROOT, *Path(settings.STATIC_ROOT).rglob("*")]
    assert any(path.suffix == ".css" for path in paths)
    modes = {(path.is_dir(), path.stat().st_mode & 0o777) for path in paths}
    assert modes == {(True, 0o755), (False, 0o644)}
