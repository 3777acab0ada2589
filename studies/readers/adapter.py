from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.internal import ratelimit

from studies.audit.record import record
from studies.readers.models import User

ACCOUNT_AND_ADDRESS = "login_failed_account_and_address"


class InviteOnlyAdapter(DefaultAccountAdapter):
    """Accounts are made by an administrator or by an invitation, never by signing up.

    Who signed in, or could not, stands in the audit trail; a name that no account has does not,
    for people type passwords there.
    """

    def is_open_for_signup(self, request: Any) -> bool:
        return False

    def post_login(self, request: Any, user: User, **kwargs: Any) -> Any:
        record("account.signed_in", actor=user)
        return super().post_login(request, user, **kwargs)

    def pre_authenticate(self, request: Any, **credentials: Any) -> None:
        """Limit guesses by account and address together, then by either alone."""
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
        # Given back, with the others, when the password was right.
        self._login_failed_rl_usage.usage += usage.usage

    def authentication_failed(self, request: Any, **credentials: Any) -> None:
        super().authentication_failed(request, **credentials)
        meant = User.objects.filter(username__iexact=credentials.get("username") or "").first()
        record("account.sign_in_failed", subject=meant.username[:80] if meant else "")

    def set_password(self, user: User, password: str) -> None:
        super().set_password(user, password)
        record("account.password_changed", actor=user)
