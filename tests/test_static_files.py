"""Static files: those that the web image collects, and those that pages name."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.template.loader import render_to_string


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


def test_pages_name_built_files_by_their_content_and_browsers_keep_them(client):
    page = client.get("/accounts/login/").content.decode()
    files = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)
    assert {Path(file).suffix for file in files} == {".css", ".js"}
    for file in files:
        assert re.fullmatch(r"/static/assets/\w+-[\w-]{8}\.(css|js)", file)
        answer = client.get(file)
        assert answer.status_code == 200
        assert "immutable" in answer["Cache-Control"]


def test_files_without_a_hash_are_not_kept_for_ever(client):
    answer = client.get("/static/admin/css/base.css")
    assert answer.status_code == 200
    assert "immutable" not in answer["Cache-Control"]


@pytest.mark.parametrize("name", ["400.html", "403.html", "403_csrf.html", "500.html"])
def test_error_pages_have_the_style_of_the_build(name):
    page = render_to_string(name)
    assert re.search(r'<link [^>]*href="/static/assets/site-[\w-]{8}\.css"', page)


SETTINGS = {"VERTEREAD_DEBUG": "1", "VERTEREAD_VITE_SERVER": "http://127.0.0.1:5173"}
HEAD = (
    "import django; django.setup()\n"
    "from django.conf import settings\n"
    "from django.template.loader import render_to_string\n"
    "print(render_to_string('500.html'))\n"
    "print(settings.CONTENT_SECURITY_POLICY['DIRECTIVES'])\n"
)


def run_with(**variables: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "studies.settings", **variables}
    command = [sys.executable, "-c", HEAD]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_pages_load_sources_from_the_dev_server_that_is_named():
    done = run_with(**SETTINGS)
    assert 'src="http://127.0.0.1:5173/static/src/site.ts"' in done.stdout, done.stderr
    assert "/static/assets/" not in done.stdout
    assert "ws://127.0.0.1:5173" in done.stdout


def test_dev_server_is_refused_without_debug():
    done = run_with(**{**SETTINGS, "VERTEREAD_DEBUG": "0"})
    assert done.returncode != 0
    assert "VERTEREAD_VITE_SERVER needs VERTEREAD_DEBUG=1" in done.stderr


def test_policy_of_a_server_allows_its_own_files_alone(settings):
    directives = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    assert directives["default-src"] == ["'self'"]
    assert "style-src" not in directives
