from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.mail.mail_settings import use_server
from tests.mail.smtp_server import Inbox, smtp_server


@pytest.fixture
def inbox(settings: Any) -> Iterator[Inbox]:
    """Run a mail server, which the settings name, and return what it receives."""
    with smtp_server() as (inbox, port):
        use_server(settings, port)
        yield inbox
