"""A real SMTP server on a free port, whose answers a test chooses."""

from __future__ import annotations

import asyncio
import email
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

ACCOUNT = {"username": "verteread", "password": "a secret of the test"}


@dataclass
class Inbox:
    """What the server received, and how it answers; an answer is a line of SMTP."""

    messages: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    authenticated: list[bool] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    recipient_answer: str = "250 OK"
    data_answer: str = "250 OK"
    silent: bool = False

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any
    ) -> str:
        if self.recipient_answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.recipient_answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        while self.silent:
            await asyncio.sleep(0.05)
        if self.data_answer.startswith("250"):
            content = envelope.content
            assert isinstance(content, bytes)
            message = email.message_from_bytes(content, policy=default)
            assert isinstance(message, EmailMessage)
            self.messages.append(message)
            self.recipients.extend(envelope.rcpt_tos)
            self.authenticated.append(session.authenticated)
            self.encrypted.append(session.ssl is not None)
        return self.data_answer


def free_port() -> int:
    """Return a port on which nothing listens."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port: int = trial.getsockname()[1]
    return port


@contextmanager
def smtp_server(**options: Any) -> Iterator[tuple[Inbox, int]]:
    """Run a server; yield its inbox and port. ``options`` are those of aiosmtpd's SMTP."""
    inbox, port = Inbox(), free_port()
    controller = Controller(inbox, hostname="127.0.0.1", port=port, ready_timeout=60, **options)
    controller.start()
    try:
        yield inbox, port
    finally:
        inbox.silent = False
        controller.stop()


def check_password(
    server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
) -> AuthResult:
    """Accept the account of the tests only."""
    expected = LoginPassword(ACCOUNT["username"].encode(), ACCOUNT["password"].encode())
    # Not handled: the server then answers with the code 535 itself.
    return AuthResult(success=data == expected, handled=False)


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """Create a certificate for 127.0.0.1, signed by itself; return it with its key."""
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    command += ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    command += ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    return certificate, key


def body(message: EmailMessage, kind: str) -> str:
    """Return the plain text or the HTML of a message."""
    part = message.get_body((kind,))
    assert isinstance(part, EmailMessage)
    text: str = part.get_content()
    return text
