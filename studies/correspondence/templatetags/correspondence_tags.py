"""Template tag of the study's tabs."""

from __future__ import annotations

from django import template

from studies.correspondence.inbox import count_unread
from studies.readers.models import Membership

register = template.Library()


@register.simple_tag
def unread_threads(membership: Membership) -> int:
    """Return the number of threads with unread messages, which every page of a study shows."""
    return count_unread(membership) if isinstance(membership, Membership) else 0
