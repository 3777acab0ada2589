from typing import Any

from allauth.account.adapter import DefaultAccountAdapter


class InvitedOnly(DefaultAccountAdapter):
    """Accounts are made by an administrator or by an invitation, never by signing up."""

    def is_open_for_signup(self, request: Any) -> bool:
        return False
