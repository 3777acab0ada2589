"""Accounts of the installation: create, deactivate, reactivate, and password reset links."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from django.contrib.auth.password_validation import password_changed
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from studies.audit.record import record
from studies.errors import Conflict, NotFound
from studies.mail.links import hash_token
from studies.mail.outbox import OF_ACCOUNT, cancel_mails_to
from studies.readers.access import administrators
from studies.readers.models import PasswordReset, User

# The page and the documentation state this period.
RESET_VALID_FOR = timedelta(hours=24)


class ResetNotValid(NotFound):
    """The link was used or replaced, has expired, or never existed."""

    title = "Link no longer valid"


@transaction.atomic
def add_account(*, by: User, **fields: Any) -> tuple[User, str]:
    """Create an account without a password; return it with the token of its first reset link."""
    user = User(**fields)
    user.set_unusable_password()
    user.full_clean(exclude=["password"])
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError as error:
        raise Conflict("username_taken", "This username has just been taken.") from error
    record("account.created", actor=by, subject=user.username[:80])
    return user, create_reset_link(user=user, by=by)


@transaction.atomic
def deactivate_account(*, user: User, by: User) -> User:
    """Deactivate an account: the person can no longer sign in and is signed out everywhere.

    Raises Conflict for one's own account and for the last administrator.
    """
    # All administrators are locked, so that two of them cannot deactivate each other at once.
    active = list(administrators().select_for_update().order_by("pk"))
    user = User.objects.select_for_update().get(pk=user.pk)
    if user in active and len(active) == 1:
        raise Conflict(
            "last_administrator",
            "This is the last administrator. Make someone else an administrator first.",
        )
    if user.pk == by.pk:
        raise Conflict(
            "own_account", "You cannot deactivate your own account. Ask another administrator."
        )
    if not user.is_active:
        return user
    user.is_active = False
    user.save(update_fields=["is_active"])
    user.password_resets.all().delete()
    cancel_mails_to(
        address=user.confirmed_email, kinds=OF_ACCOUNT, reason="The account was deactivated."
    )
    record("account.deactivated", actor=by, subject=user.username[:80])
    return user


@transaction.atomic
def reactivate_account(*, user: User, by: User) -> User:
    """Reactivate an account. Memberships that a coordinator deactivated stay inactive."""
    user = User.objects.select_for_update().get(pk=user.pk)
    if user.is_active:
        return user
    user.is_active = True
    user.save(update_fields=["is_active"])
    record("account.reactivated", actor=by, subject=user.username[:80])
    return user


@transaction.atomic
def create_reset_link(*, user: User, by: User) -> str:
    """Return the token of a new reset link, which is shown once and never stored.

    The old password and earlier links stop working, and the person is signed out everywhere.
    Raises Conflict for an inactive account and for one's own.
    """
    user = User.objects.select_for_update().get(pk=user.pk)
    if not user.is_active:
        raise Conflict("inactive", "This account is inactive. Reactivate it first.")
    if user.pk == by.pk:
        raise Conflict("own_account", "Change your own password on your profile page.")
    # Sign-in sessions depend on the stored password, so this ends all of them.
    user.set_unusable_password()
    user.save(update_fields=["password"])
    user.password_resets.all().delete()
    # 192 random bits: the token alone protects the link.
    token = secrets.token_urlsafe(24)
    add_reset(user=user, token=token, valid_for=RESET_VALID_FOR)
    record("account.reset_link_created", actor=by, subject=user.username[:80])
    return token


def add_reset(*, user: User | None, token: str, valid_for: timedelta) -> PasswordReset:
    """Store the hash of a reset link's token; without an account, the row is a decoy."""
    return PasswordReset.objects.create(
        user=user,
        token_hash=hash_token(token),
        password_state=(user or User()).get_session_auth_hash(),
        expires_at=timezone.now() + valid_for,
    )


def find_reset_user(token: str) -> User:
    """Return the account whose password the link may set. Raises ResetNotValid."""
    reset = (
        PasswordReset.objects.select_related("user")
        .filter(token_hash=hash_token(token), expires_at__gt=timezone.now(), user__is_active=True)
        .first()
    )
    user = reset.user if reset is not None else None
    if (
        reset is None
        or user is None
        or not constant_time_compare(reset.password_state, user.get_session_auth_hash())
    ):
        raise ResetNotValid(
            "This link has been used or replaced, or has expired. Request a new one on the sign-in "
            "page, or ask an administrator for one."
        )
    return user


@transaction.atomic
def reset_password(*, token: str, password: str) -> User:
    """Set a new password. The change ends every session of the account and every other link."""
    # The row lock makes a second request wait, so that the link works once.
    User.objects.select_for_update().get(pk=find_reset_user(token).pk)
    user = find_reset_user(token)
    user.set_password(password)
    user.save(update_fields=["password"])
    password_changed(password, user)
    user.password_resets.all().delete()
    record("account.password_reset", actor=user)
    return user
