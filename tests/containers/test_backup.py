"""Backup and restore as docs/deployment.md describes them for Compose with the volume."""

from __future__ import annotations

import pytest

from tests.containers.engine import OURS
from tests.containers.stack import Stack
from tests.containers.study import ReadStudy
from tests.containers.test_story import wait_until_healthy

DUMP = ["pg_dump", "-U", "verteread", "--format=custom", "verteread"]
RESTORE = ["pg_restore", "-U", "verteread", "--clean", "--if-exists", "-d", "verteread"]
PACK = ["tar", "-C", "/data/storage", "-cf", "-", "."]
UNPACK = ["tar", "-C", "/data/storage", "-xf", "-"]


def test_backup_is_restored_to_an_empty_installation(stack: Stack, study: ReadStudy) -> None:
    if stack.in_bucket:
        pytest.skip("the bucket is copied with the tools of its platform")
    dump = stack.read_from("database", *DUMP)
    files = stack.read_from("web", *PACK)
    stack.remove()

    stack.start()
    for service in OURS:
        stack.stop(service)
    stack.write_to_new("web", *UNPACK, content=files)
    stack.write_to("database", *RESTORE, content=dump)
    for service in OURS:
        stack.start_again(service)
    wait_until_healthy(stack)
    study.assert_unchanged()
    study.assert_new_upload_is_analysed()
