"""A process that was stopped inside a transaction does not hold its locks for good."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from studies.cases.landmarks import export
from studies.cases.landmarks.export import export_landmarks
from studies.protocol.models import Study
from tests.make import make_case

BASE = Path(__file__).resolve().parents[2]
HOLD = """
import django
django.setup()
from django.db import transaction
from studies.protocol.models import Study
with transaction.atomic():
    Study.objects.select_for_update().get(pk={pk})
    print("locked", flush=True)
    input()
"""


@pytest.mark.parametrize("seconds", [1])
def test_lock_of_a_stopped_process_is_released(transactional_db, cast: Any, seconds: int) -> None:
    database = connection.settings_dict
    address = f"{database['USER']}:{database['PASSWORD']}@{database['HOST']}:{database['PORT']}"
    environment = os.environ | {
        "DATABASE_URL": f"postgres://{address}/{database['NAME']}",
        "DJANGO_SETTINGS_MODULE": "studies.settings",
        "VERTEREAD_IDLE_TRANSACTION_S": str(seconds),
    }
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD.format(pk=cast.study.pk)],
        cwd=BASE,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"locked\n"
        holder.send_signal(signal.SIGSTOP)
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = '120s'")
            Study.objects.filter(pk=cast.study.pk).update(description="saved")
            cursor.execute("RESET statement_timeout")
        assert Study.objects.get(pk=cast.study.pk).description == "saved"
    finally:
        with contextlib.suppress(ProcessLookupError):
            holder.kill()
        holder.wait()


def test_session_of_every_process_has_the_limit(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SHOW idle_in_transaction_session_timeout")
        assert cursor.fetchone() == ("3min",)


def test_landmarks_are_not_exported_inside_a_transaction(
    transactional_db: None, cast: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The session of an export that writes for long is idle and would be ended."""
    make_case(cast.study, cast.site)
    inside = []
    monkeypatch.setattr(
        export,
        "_write_image",
        lambda *_: inside.append(connection.in_atomic_block),
    )
    export_landmarks(study=cast.study, folder=tmp_path / "out", formats=["coco"])
    assert inside == [False]
