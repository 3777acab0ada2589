"""The demonstration creates its accounts and never changes any other account."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from studies.demonstration.management.commands import seed_demonstration
from studies.protocol.models import Study
from studies.readers.models import User
from tests.make import PASSWORD, make_user

BASE = Path(__file__).resolve().parents[2]
PROGRAM = (
    "import django; django.setup(); from django.conf import settings;"
    "print('studies.demonstration' in settings.INSTALLED_APPS)"
)


@pytest.fixture
def seed(db: None, tmp_path: Path, monkeypatch: Any) -> Any:
    """Run the command without its studies, which take minutes."""
    file, studies = tmp_path / "demo-accounts.json", []
    monkeypatch.setattr(seed_demonstration, "ACCOUNTS_FILE", file)
    monkeypatch.setattr(
        seed_demonstration, "create_finished_study", lambda **_: studies.append("finished")
    )
    monkeypatch.setattr(seed_demonstration, "create_open_study", lambda **_: studies.append("open"))

    def run() -> list[dict[str, str]]:
        call_command("seed_demonstration")
        return json.loads(file.read_text())

    run.file, run.studies = file, studies
    return run


def fingerprint(user: User) -> tuple[Any, ...]:
    user.refresh_from_db()
    return (
        user.password,
        user.is_staff,
        user.is_superuser,
        user.first_name,
        user.may_create_studies,
    )


def run_manage(*arguments: str, demonstration: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=BASE,
        env={
            **os.environ,
            "VERTEREAD_DEMONSTRATION": demonstration,
            "DJANGO_SETTINGS_MODULE": "studies.settings",
        },
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("username", ["admin", "clara", "stan", "simulated-2"])
def test_other_account_is_never_changed(seed, username):
    user = make_user(username, first_name="Agnes")
    before = fingerprint(user)
    with pytest.raises(CommandError, match=f"did not create: {username}. Nothing was changed."):
        seed()
    assert fingerprint(user) == before
    assert user.check_password(PASSWORD)
    assert not Study.objects.exists() and not seed.studies


def test_refusal_creates_no_other_account_and_no_file(seed):
    make_user("clara")
    with pytest.raises(CommandError):
        seed()
    assert list(User.objects.values_list("username", flat=True)) == ["clara"]
    assert not seed.file.exists()


def test_accounts_work_with_the_passwords_of_the_file(seed):
    entries = seed()
    assert [entry["username"] for entry in entries] == [
        "admin",
        "clara",
        "rita",
        "rolf",
        "stan",
        "adele",
    ]
    for entry in entries:
        user = User.objects.get(username=entry["username"])
        assert user.check_password(entry["password"])
        assert user.is_superuser == (entry["username"] == "admin")
    assert seed.file.stat().st_mode & 0o777 == 0o600
    assert seed.studies == ["finished", "open"]


def test_second_run_keeps_accounts_and_passwords(seed):
    first = seed()
    before = [fingerprint(user) for user in User.objects.order_by("pk")]
    assert seed() == first
    assert [fingerprint(user) for user in User.objects.order_by("pk")] == before


def test_accounts_get_new_passwords_when_the_file_is_lost(seed):
    first = seed()
    seed.file.unlink()
    second = seed()
    assert {entry["password"] for entry in first}.isdisjoint(entry["password"] for entry in second)
    assert User.objects.get(username="clara").check_password(second[1]["password"])


def test_accounts_of_an_older_version_are_recognised_by_their_password(seed):
    user = make_user("clara")
    others = ("admin", "rita", "rolf", "stan")
    entries = [{"username": "clara", "password": PASSWORD}]
    for name in others:
        make_user(name)
        entries.append({"username": name, "password": PASSWORD})
    seed.file.write_text(json.dumps(entries))
    before = fingerprint(user)
    seed()
    assert fingerprint(user) == before


def test_disabled_demonstration_is_rejected_with_a_message():
    done = run_manage("manage.py", "seed_demonstration", demonstration="0")
    assert done.returncode == 1
    assert "the demonstration is disabled here" in done.stderr
    assert "VERTEREAD_DEMONSTRATION=1" in done.stderr


@pytest.mark.parametrize(("value", "installed"), [("", "False"), ("0", "False"), ("1", "True")])
def test_demonstration_is_installed_only_where_it_is_enabled(value, installed):
    done = run_manage("-c", PROGRAM, demonstration=value)
    assert done.stdout.strip() == installed, done.stderr
