"""Encryption of the linkage list with keys from the environment.

The first key encrypts; all keys decrypt, so that a new key can be put in front of an old one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from studies.errors import Conflict


def has_key() -> bool:
    """Return whether the installation can keep linkage lists."""
    return bool(settings.LINKAGE_KEYS)


def encrypt(case: str, identifiers: Mapping[str, str]) -> bytes:
    """Return the identifiers of a case, encrypted.

    The key of the case is encrypted as well, so that an entry cannot be moved to another case.
    """
    return _fernet().encrypt(json.dumps({**identifiers, "case": case}).encode())


def decrypt(case: str, token: bytes) -> dict[str, str] | None:
    """Return the identifiers of a case; None if no key fits or the entry is of another case."""
    try:
        values: dict[str, str] = json.loads(_fernet().decrypt(token))
    except InvalidToken:
        return None
    return values if values.pop("case", "") == case else None


def rotate(token: bytes) -> bytes | None:
    """Return a token encrypted anew with the first key; None if no key fits."""
    try:
        return _fernet().rotate(token)
    except InvalidToken:
        return None


def _fernet() -> MultiFernet:
    if not has_key():
        raise Conflict(
            "no_linkage_key",
            "This installation has no key for linkage lists. Ask the administrator to set "
            "VERTEREAD_LINKAGE_KEY.",
        )
    return MultiFernet([Fernet(key) for key in settings.LINKAGE_KEYS])
