"""Accounts of the installation: create, deactivate, reactivate, and password reset links."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import Any

from django.contrib.auth.password_validation import password_changed
from django.db import IntegrityError, transaction
from django.utils import timezone

from studies.audit.record import record
from studies.errors import Conflict, NotFound
from studies.readers.access import administrators
from studies.readers.models import PasswordReset, User

# The page and the documentation state this period.
RESET_VALID_FOR = timedelta(hours=24)


class ResetLinkNotValid(NotFound):
    """The link was used or replaced, has expired, or never existed."""

    title = "Reset link no longer valid"


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
    _withdraw_reset_links(user)
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
        raise Conflict("own_account", "Change your own password on the page of your profile.")
    # Sign-in sessions depend on the stored password, so this ends all of them.
    user.set_unusable_password()
    user.save(update_fields=["password"])
    _withdraw_reset_links(user)
    # 192 random bits: the token alone protects the link.
    token = secrets.token_urlsafe(24)
    PasswordReset.objects.create(
        user=user,
        token_hash=_hash(token),
        created_by=by,
        expires_at=timezone.now() + RESET_VALID_FOR,
    )
    record("account.reset_link_created", actor=by, subject=user.username[:80])
    return token


def find_reset(token: str) -> PasswordReset:
    """Return the usable reset link with this token. Raises ResetLinkNotValid."""
    resets = PasswordReset.objects.select_related("user").filter(
        token_hash=_hash(token),
        used_at=None,
        withdrawn_at=None,
        expires_at__gt=timezone.now(),
        user__is_active=True,
    )
    reset = resets.first()
    if reset is None:
        raise ResetLinkNotValid(
            "This link has been used or replaced, or has expired. Ask the administrator for a new "
            "one."
        )
    return reset


@transaction.atomic
def reset_password(*, token: str, password: str) -> User:
    """Set the password of the link's account and mark the link as used."""
    # The row lock makes a second request wait, so that the link works once.
    PasswordReset.objects.select_for_update().filter(token_hash=_hash(token)).first()
    reset = find_reset(token)
    user = User.objects.select_for_update().get(pk=reset.user_id)
    user.set_password(password)
    user.save(update_fields=["password"])
    password_changed(password, user)
    reset.used_at = timezone.now()
    reset.save(update_fields=["used_at"])
    record("account.password_reset", actor=user)
    return user


def _withdraw_reset_links(user: User) -> None:
    unused = PasswordReset.objects.filter(user=user, used_at=None, withdrawn_at=None)
    unused.update(withdrawn_at=timezone.now())


def _hash(token: str) -> str:
    # A fast hash is safe here, because the token is random; passwords need a slow one.
    return hashlib.sha256(token.encode()).hexdigest()
