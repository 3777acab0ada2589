"""Sign-in rules of django-allauth: accounts by invitation only, limited attempts, audit events."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.internal import ratelimit

from studies.audit.record import record
from studies.readers.models import User

ACCOUNT_AND_ADDRESS = "login_failed_account_and_address"


class InviteOnlyAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Accounts are created by an administrator or through an invitation, never by signing up.

    Successful and failed sign-ins are recorded in the audit trail. A username without an account
    is not recorded, because people type passwords into that field by mistake.
    """

    def is_open_for_signup(self, request: Any) -> bool:
        return False

    def post_login(self, request: Any, user: User, **kwargs: Any) -> Any:
        record("account.signed_in", actor=user)
        return super().post_login(request, user, **kwargs)

    def pre_authenticate(self, request: Any, **credentials: Any) -> None:
        """Limit attempts by account and address together, then by each alone.

        The combined limit stops one address from locking the owner of an account out.
        """
        # Together first: five wrong passwords from one address must not lock the owner out at
        # another.
        account = self._get_login_attempts_cache_key(request, **credentials)
        usage = ratelimit.consume(
            request,
            app="allauth.account",
            action=ACCOUNT_AND_ADDRESS,
            key=f"{account}|{ratelimit.get_ip(request)}",
        )
        if usage is None:
            raise self.validation_error("too_many_login_attempts")
        super().pre_authenticate(request, **credentials)
        # allauth releases these attempts, with the others, when the password was right.
        self._login_failed_rl_usage.usage += usage.usage

    def authentication_failed(self, request: Any, **credentials: Any) -> None:
        super().authentication_failed(request, **credentials)
        account = User.objects.filter(username__iexact=credentials.get("username") or "").first()
        # The name stored with the account, not the text that was typed.
        record("account.sign_in_failed", subject=account.username[:80] if account else "")

    def set_password(self, user: User, password: str) -> None:
        super().set_password(user, password)
        record("account.password_changed", actor=user)
