"""Secret links in emails, which cannot be read from the database.

An email with a secret link stores a random nonce, and its text has a placeholder. The token of the
link is derived from the nonce with the server's secret key: once when the email is created, to
store the token's hash, and again when it is sent. The nonce is erased when the email is finished.
"""

from __future__ import annotations

import base64
import hashlib
import secrets

from django.utils.crypto import salted_hmac

PLACEHOLDER = "SECRET-TOKEN-OF-THE-LINK"
"""Stands for the token in the address of a link; `studies.mail.sending` replaces it."""


def new_nonce() -> str:
    """Return a random nonce of 192 bits."""
    return secrets.token_urlsafe(24)


def derive_token(nonce: str) -> str:
    """Return the token of a secret link: 43 characters that are safe in an address."""
    digest = salted_hmac("studies.mail.links", nonce, algorithm="sha256").digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def hash_token(token: str) -> str:
    """Return what is stored of a secret link."""
    # A fast hash is safe here, because the token is random; passwords need a slow one.
    return hashlib.sha256(token.encode()).hexdigest()
