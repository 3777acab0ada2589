"""Context processor: whether pages may offer emails."""

from __future__ import annotations

from django.http import HttpRequest

from studies.mail.outbox import mail_enabled


def mail(request: HttpRequest) -> dict[str, bool]:
    """Return ``mail_enabled`` for templates, also for those of django-allauth's pages."""
    return {"mail_enabled": mail_enabled()}
