"""The environment variables of VerteRead's processes, for servers on this machine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from fcntl import LOCK_EX, LOCK_UN, flock

from tools.local.broker import Broker
from tools.local.postgres import Postgres
from tools.local.secrets import Secrets, load_secrets
from tools.local.workspace import Workspace


@contextmanager
def running_servers(
    workspace: Workspace, environment: Mapping[str, str]
) -> Iterator[dict[str, str]]:
    """Start PostgreSQL and the broker, and yield the environment of the other processes.

    A server whose address is in ``environment`` is not started. Variables of ``environment``
    override the settings made here.
    """
    secrets = load_secrets(workspace.var)
    settings = _settings(workspace, secrets)
    with ExitStack() as running, (workspace.var / "run" / "lock").open("w") as lock:
        # Launchers of the same checkout start servers one after another.
        flock(lock, LOCK_EX)
        if not environment.get("DATABASE_URL"):
            database = Postgres(workspace, secrets)
            running.callback(database.stop)
            database.start()
            settings["DATABASE_URL"] = database.url
        if not environment.get("CELERY_BROKER_URL"):
            broker = Broker(workspace, secrets)
            running.callback(broker.stop)
            broker.start()
            settings["CELERY_BROKER_URL"] = broker.url
        flock(lock, LOCK_UN)
        # The person's own variables take precedence over those of the servers started here.
        yield {**settings, **{name: value for name, value in environment.items() if value}}


def _settings(workspace: Workspace, secrets: Secrets) -> dict[str, str]:
    return {
        "VERTEREAD_SECRET_KEY": secrets.secret_key,
        "VERTEREAD_DEBUG": "0",
        "VERTEREAD_DEMONSTRATION": "1",
        "VERTEREAD_HTTPS": "0",
        "VERTEREAD_ALLOWED_HOSTS": "localhost,127.0.0.1",
        "VERTEREAD_TRUSTED_PROXIES": "0",
        "VERTEREAD_STORAGE": str(workspace.var / "storage"),
        "VERTEREAD_SPOOL": str(workspace.var / "spool"),
    }
