"""Asking for bootstrap intervals through the API, and the page that shows them."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from tests.make import Cast


def ask(client: Any, cast: Cast, **choice: str) -> Any:
    url = f"/api/v1/studies/{cast.study.slug}/agreement/bootstrap"
    query = "&".join(f"{name}={value}" for name, value in choice.items())
    return client.post(f"{url}?{query}")


def shown(client: Any, cast: Cast, **choice: str) -> str:
    return client.get(reverse("agreement", args=[cast.study.slug]), choice).content.decode()
