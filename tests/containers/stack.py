"""All services of VerteRead in containers, under a separate project name."""

from __future__ import annotations

import re
import secrets
import shlex
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from tests.containers.engine import Compose

DOCKER = Path(__file__).resolve().parents[2] / "docker"
SERVICES = ("database", "broker", "web", "uploads", "worker", "reports", "trainer", "nginx")
PATIENCE_S = 180
RUN = ("run", "--rm", "-T", "--no-deps")


class Stack:
    """The services of compose.yaml with settings for a test."""

    def __init__(self, *, url: str, folder: Path, overlay: Path | None, values: dict[str, str]):
        self.url = url
        make_certificate(folder / "certificates")
        self.settings = {
            **{name: secrets.token_hex(24) for name in ("POSTGRES_PASSWORD", "BROKER_PASSWORD")},
            "VERTEREAD_SECRET_KEY": secrets.token_hex(32),
            "VERTEREAD_ALLOWED_HOSTS": str(urlsplit(url).hostname),
            "VERTEREAD_BASE_URL": url,
            "CERTIFICATES": str(folder / "certificates"),
            "HTTPS_PORT": str(urlsplit(url).port or 443),
            "HTTP_PORT": str(free_port()),
            **values,
        }
        self.plain_url = f"http://{urlsplit(url).hostname}:{self.settings['HTTP_PORT']}"
        env_file = folder / "env"
        env_file.write_text("".join(f"{name}={value}\n" for name, value in self.settings.items()))
        files = [DOCKER / "compose.yaml", *([overlay] if overlay else [])]
        self.compose = Compose(env_file=env_file, files=files)

    @property
    def in_bucket(self) -> bool:
        return "VERTEREAD_S3_BUCKET" in self.settings

    def start(self) -> None:
        self.compose.up()

    def remove(self) -> None:
        self.compose("down", "--volumes", check=False)

    def execute(self, service: str, *command: str, check: bool = True) -> str:
        return self.compose("exec", "-T", service, *command, check=check)

    def migrate(self) -> None:
        """Apply the migrations, as an upgrade does."""
        self.compose(*RUN, "migrate")

    def manage(self, *command: str) -> str:
        """Run a management command in a new container of the web image."""
        return self.compose(*RUN, "migrate", "python", "manage.py", *command)

    def read_from(self, service: str, *command: str) -> bytes:
        return self.compose.binary("exec", "-T", service, *command)

    def write_to(self, service: str, *command: str, content: bytes) -> None:
        self.compose.binary("exec", "-T", service, *command, content=content)

    def write_to_new(self, service: str, *command: str, content: bytes) -> None:
        """Write to a new container of a service that is stopped."""
        self.compose.binary(*RUN, service, *command, content=content)

    def restart(self, service: str) -> None:
        self.compose("restart", service)

    def stop(self, service: str) -> None:
        self.compose("stop", service)

    def start_again(self, service: str) -> None:
        self.compose("start", service)

    def kill(self, service: str) -> None:
        """Send SIGKILL, so that the service cannot save anything."""
        self.compose("kill", "-s", "SIGKILL", service)

    def logs(self) -> str:
        return "\n".join(f"--- {service}\n{self._log_of(service)}" for service in SERVICES)

    def _log_of(self, service: str) -> str:
        coloured = self.compose("logs", "--tail", "40", service, check=False)
        return re.sub(r"\x1b\[[0-9;]*m", "", coloured)


def wait_until(condition: Callable[[], bool], expectation: str) -> None:
    """Wait until a condition is true; fail with the expectation after `PATIENCE_S`."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, f"not within {PATIENCE_S} s: {expectation}"
        time.sleep(0.5)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def make_certificate(folder: Path) -> None:
    """Create a self-signed certificate that nginx in its container can read."""
    folder.mkdir()
    names = "-subj /CN=localhost -addext subjectAltName=DNS:localhost"
    files = f"-keyout {folder / 'privkey.pem'} -out {folder / 'fullchain.pem'}"
    command = f"openssl req -x509 -newkey rsa:2048 -nodes -days 2 {names} {files}"
    subprocess.run(shlex.split(command), check=True, capture_output=True)
    for path in (folder.parent, folder, *folder.iterdir()):
        path.chmod(0o755 if path.is_dir() else 0o644)
