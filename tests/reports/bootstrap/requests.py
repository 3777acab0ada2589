"""Asking for bootstrap intervals through the API, and the page that shows them."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from tests.make import Cast


def request_intervals(client: Any, cast: Cast, **filters: str) -> Any:
    url = f"/api/v1/studies/{cast.study.slug}/agreement/bootstrap"
    query = "&".join(f"{name}={value}" for name, value in filters.items())
    return client.post(f"{url}?{query}")


def agreement_page(client: Any, cast: Cast, **filters: str) -> str:
    return client.get(reverse("agreement", args=[cast.study.slug]), filters).content.decode()
