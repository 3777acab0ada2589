"""The environment variables that VerteRead's processes read, for servers on this machine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from fcntl import LOCK_EX, LOCK_UN, flock

from tools.local.broker import Broker
from tools.local.data_folder import Place
from tools.local.postgres import Postgres
from tools.local.secrets import Secrets, load


@contextmanager
def servers(place: Place, given: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Start what `given` does not point elsewhere and yield the whole environment.

    Variables that are set already win over those made here.
    """
    secrets = load(place.var)
    made = _settings(place, secrets)
    with ExitStack() as running, (place.var / "run" / "lock").open("w") as lock:
        flock(lock, LOCK_EX)
        if not given.get("DATABASE_URL"):
            database = Postgres(place, secrets)
            running.callback(database.stop)
            database.start()
            made["DATABASE_URL"] = database.url
        if not given.get("CELERY_BROKER_URL"):
            broker = Broker(place, secrets)
            running.callback(broker.stop)
            broker.start()
            made["CELERY_BROKER_URL"] = broker.url
        flock(lock, LOCK_UN)
        yield {**made, **{name: value for name, value in given.items() if value}}


def _settings(place: Place, secrets: Secrets) -> dict[str, str]:
    return {
        "VERTEREAD_SECRET_KEY": secrets.secret_key,
        "VERTEREAD_DEBUG": "0",
        "VERTEREAD_DEMONSTRATION": "1",
        "VERTEREAD_HTTPS": "0",
        "VERTEREAD_ALLOWED_HOSTS": "localhost,127.0.0.1",
        "VERTEREAD_TRUSTED_PROXIES": "0",
        "VERTEREAD_STORAGE": str(place.var / "storage"),
        "VERTEREAD_SPOOL": str(place.var / "spool"),
    }
