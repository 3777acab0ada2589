"""One stack per kind of storage, with a study that must survive every test.

Run by `make test-containers` on images that were built before; see docs/deployment.md.
"""

from __future__ import annotations

import os
import secrets
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.containers.client import get
from tests.containers.people import PASSWORD
from tests.containers.stack import Stack, wait_until
from tests.containers.study import ReadStudy, read_study

URL = os.environ.get("VERTEREAD_TEST_URL", "https://localhost:8443").rstrip("/")
IMAGES = ("VERTEREAD_IMAGES", "VERTEREAD_VERSION")
ADMINISTRATOR = "adele"


@pytest.fixture(autouse=True)
def _own_folders() -> None:
    """Override the fixture of tests/conftest.py: this process stores no files."""


@pytest.fixture(scope="session", params=["volume", "s3"])
def stack(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stack]:
    """Start all services, with images in a volume or a bucket, and add an administrator."""
    values = {name: os.environ[name] for name in IMAGES if os.environ.get(name)}
    overlay = None
    if request.param == "s3":
        overlay = Path(__file__).with_name("compose.s3.yaml")
        values |= bucket_settings()
    stack = Stack(
        url=URL, folder=tmp_path_factory.mktemp(request.param), overlay=overlay, values=values
    )
    try:
        stack.start()
        wait_until(lambda: get(f"{URL}/healthz").status == 200, "healthy")
        add_administrator(stack)
        yield stack
    finally:
        print(stack.logs())  # noqa: T201
        stack.remove()


@pytest.fixture(scope="session")
def study(stack: Stack) -> ReadStudy:
    return read_study(stack, administrator=ADMINISTRATOR)


def bucket_settings() -> dict[str, str]:
    weed = shutil.which("weed", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    assert weed, "SeaweedFS is missing; run make setup"
    return {
        "WEED": weed,
        "VERTEREAD_S3_BUCKET": "verteread",
        "VERTEREAD_S3_ENDPOINT": "http://object-storage:8333",
        "VERTEREAD_S3_REGION": "us-east-1",
        "VERTEREAD_S3_ACCESS_KEY": secrets.token_hex(10),
        "VERTEREAD_S3_SECRET_KEY": secrets.token_hex(20),
    }


def add_administrator(stack: Stack) -> None:
    command = ["python", "manage.py", "createsuperuser", "--no-input", "--username", ADMINISTRATOR]
    email = ["--email", "adele@example.org"]
    stack.execute("web", "env", f"DJANGO_SUPERUSER_PASSWORD={PASSWORD}", *command, *email)
