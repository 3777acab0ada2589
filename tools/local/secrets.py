"""The random secrets of a checkout, generated once and readable only by their owner."""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from tools.local.workspace import LocalError

# Random bytes of the secret key and of the three passwords, in the order of the fields below.
LENGTHS = (50, 24, 24, 24)


@dataclass(frozen=True)
class Secrets:
    """Django's secret key, and the passwords of the servers."""

    secret_key: str
    database: str
    database_superuser: str
    broker: str


def load_secrets(folder: Path) -> Secrets:
    """Return the secrets in ``folder/secrets.json``; the first call generates them (mode 0600).

    Raises
    ------
    LocalError
        If the file is damaged.
    """
    path = folder / "secrets.json"
    if not path.exists():
        new = Secrets(*(secrets.token_urlsafe(length) for length in LENGTHS))
        unfinished = folder / "secrets.json.new"
        unfinished.unlink(missing_ok=True)
        # Created with its final mode, so that no other account can ever open it.
        handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            json.dump(asdict(new), file)
            file.flush()
            os.fsync(handle)
        unfinished.rename(path)
    try:
        return Secrets(**json.loads(path.read_text()))
    except (ValueError, TypeError):
        raise LocalError(
            f"{path} is damaged. It contains the passwords of the database in the same folder. "
            "Restore the file from a copy, or delete the whole folder to start without data."
        ) from None
