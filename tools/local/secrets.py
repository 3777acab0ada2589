"""The random secrets of one clone: made once, kept where only their owner reads them."""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from tools.local.data_folder import LocalError


@dataclass(frozen=True)
class Secrets:
    """What the servers and Django ask for."""

    secret_key: str
    database: str
    database_superuser: str
    broker: str


def load(folder: Path) -> Secrets:
    """The secrets of ``folder/secrets.json``, made there (mode 0600) at the first call."""
    path = folder / "secrets.json"
    if not path.exists():
        made = Secrets(*(secrets.token_urlsafe(length) for length in (50, 24, 24, 24)))
        unfinished = folder / "secrets.json.new"
        unfinished.unlink(missing_ok=True)
        handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            json.dump(asdict(made), file)
            file.flush()
            os.fsync(handle)
        unfinished.rename(path)
    try:
        return Secrets(**json.loads(path.read_text()))
    except (ValueError, TypeError):
        raise LocalError(
            f"{path} is damaged. It holds the passwords of the database beside it: "
            "bring it back from a copy, or remove the whole folder to start with nothing."
        ) from None
