"""Settings from environment variables; a bad value stops the start with a message."""

from studies.environment.mail import mail_server
from studies.environment.values import (
    base_url,
    check_required,
    choice,
    database,
    dev_server,
    encryption_keys,
    folder,
    object_storage,
    secret_key,
    switch,
    text,
    vite,
    whole_number,
    words,
)

__all__ = [
    "base_url",
    "check_required",
    "choice",
    "database",
    "dev_server",
    "encryption_keys",
    "folder",
    "mail_server",
    "object_storage",
    "secret_key",
    "switch",
    "text",
    "vite",
    "whole_number",
    "words",
]
