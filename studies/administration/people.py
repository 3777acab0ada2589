"""The accounts of the installation as administrators see them."""

from __future__ import annotations

from typing import Any, Final

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q

from studies.readers.models import User

PEOPLE_PER_PAGE: Final = 50
MAX_SEARCH: Final = 100


def account_page(search: str, number: str) -> Page[Any]:
    """Return one page of the accounts whose name or address contains the text."""
    accounts = User.objects.annotate(
        studies=Count("memberships", filter=Q(memberships__active=True))
    ).order_by("username")
    # PostgreSQL does not accept null characters in text.
    text = search.replace("\0", "").strip()[:MAX_SEARCH]
    for word in text.split():
        accounts = accounts.filter(
            Q(username__icontains=word)
            | Q(first_name__icontains=word)
            | Q(last_name__icontains=word)
            | Q(email__icontains=word)
        )
    return Paginator(accounts, PEOPLE_PER_PAGE).get_page(number)
