"""`python -m tools.local` as a process: signals, output and exit status."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tools.local import __main__

Eventually = Callable[[Callable[[], object]], None]
LAUNCHER = [sys.executable, "-m", "tools.local", "run", "--throwaway", "--"]


def outer_environment() -> dict[str, str]:
    """Return the environment without the variables set for this test run."""
    set_by_run = ("DATABASE_URL", "CELERY_BROKER_URL", "VERTEREAD_")
    return {name: value for name, value in os.environ.items() if not name.startswith(set_by_run)}


def command_lines_with(word: str) -> list[str]:
    """Return the command lines of running processes that contain a word."""
    lines = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if word in line:
            lines.append(line)
    return lines


def test_command_gets_servers_and_its_exit_status_is_returned(checkout: Path) -> None:
    code = (
        "import os, psycopg2, redis, sys;"
        "psycopg2.connect(os.environ['DATABASE_URL']).close();"
        "redis.from_url(os.environ['CELERY_BROKER_URL']).ping(); sys.exit(7)"
    )
    command = [*LAUNCHER, sys.executable, "-c", code]
    done = subprocess.run(
        command, cwd=checkout, env=outer_environment(), stdin=subprocess.DEVNULL, check=False
    )
    assert done.returncode == 7


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_interrupt_leaves_no_process_and_no_folder(
    checkout: Path, tmp_path: Path, eventually: Eventually, number: signal.Signals
) -> None:
    report = tmp_path / "report.json"
    code = (
        "import json, os, pathlib, subprocess, sys, time;"
        "grandchild = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']);"
        "path = pathlib.Path(sys.argv[1]); new = path.with_suffix('.new');"
        "new.write_text(json.dumps([os.getpid(), grandchild.pid, os.environ['VERTEREAD_SPOOL']]));"
        "new.rename(path); time.sleep(600)"
    )
    launcher = subprocess.Popen(
        [*LAUNCHER, sys.executable, "-c", code, str(report)],
        cwd=checkout,
        env=outer_environment(),
        stdin=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        eventually(report.exists)
        child, grandchild, spool = json.loads(report.read_text())
        folder = str(Path(spool).parent)
        assert command_lines_with(f"{folder}/postgres")
        assert command_lines_with(f"{folder}/valkey")
    finally:
        launcher.send_signal(number)
        launcher.wait(timeout=120)
    eventually(lambda: not command_lines_with(folder))
    for pid in (child, grandchild):
        eventually(lambda pid=pid: not _alive(pid))
    assert not Path(folder).exists()


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def test_missing_command_is_reported_in_one_line(checkout: Path) -> None:
    done = subprocess.run(
        [*LAUNCHER, "no-such-command"],
        cwd=checkout,
        env=outer_environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == "VerteRead: The command no-such-command does not exist.\n"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_foreign_folder_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / "var").chmod(0o500)
    monkeypatch.setattr(__main__, "CHECKOUT", tmp_path)
    assert __main__.main(["run", "--", "true"]) == 1
    assert "another account" in capsys.readouterr().err
    (tmp_path / "var").chmod(0o700)


def test_other_systems_are_sent_to_the_containers(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert __main__.main(["run", "--", "true"]) == 1
    assert "on Linux only" in " ".join(capsys.readouterr().err.split())


def test_launcher_needs_no_django(checkout: Path) -> None:
    code = (
        "import sys, tools.local.__main__, tools.setup.__main__;"
        "sys.exit('django' in sys.modules or 'celery' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=checkout, check=False).returncode == 0


def test_variables_of_the_caller_override_those_of_the_launcher(checkout: Path) -> None:
    environment = outer_environment() | {
        "DATABASE_URL": "postgres://a:b@127.0.0.1:1/c",
        "CELERY_BROKER_URL": "redis://127.0.0.1:1/0",
    }
    start = time.monotonic()
    code = "import os; print(os.environ['DATABASE_URL'], os.environ['VERTEREAD_DEBUG'])"
    done = subprocess.run(
        [*LAUNCHER, sys.executable, "-c", code],
        cwd=checkout,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "postgres://a:b@127.0.0.1:1/c 0\n"
    assert time.monotonic() - start < 60
