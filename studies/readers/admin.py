"""Administration of accounts, sites and memberships, with every change in the audit trail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest

from studies.audit.admin import ListedFiltersAdmin
from studies.audit.record import record
from studies.protocol.models import Site, Study
from studies.readers.models import Membership, User

if TYPE_CHECKING:
    BaseUserAdmin = UserAdmin[User]
else:
    BaseUserAdmin = UserAdmin

admin.site.site_header = "VerteRead administration"
admin.site.site_title = "VerteRead"
# The administration uses the same sign-in page, on which attempts are limited.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]


# Roles are memberships of studies; Django's groups are not used.
admin.site.unregister(Group)
# VerteRead stores an account's e-mail address on the account, not in allauth's table.
admin.site.unregister(EmailAddress)


class Audited(ListedFiltersAdmin):
    """Record changes in the audit trail: which fields changed, never their values."""

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        self._record("added", request, obj, message)
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        self._record("changed", request, obj, message)
        return super().log_change(request, obj, message)

    def log_deletions(self, request: HttpRequest, queryset: QuerySet[Any]) -> Any:
        for obj in queryset:
            self._record("deleted", request, obj, "")
        return super().log_deletions(request, queryset)

    def _record(self, verb: str, request: HttpRequest, obj: Any, message: Any) -> None:
        action, study = f"administrator.{verb}_{obj._meta.model_name}", getattr(obj, "study", None)
        record(action, actor=request.user, study=study, subject=str(obj)[:80], change=message)


@admin.register(User)
class AccountAdmin(Audited, BaseUserAdmin):
    """Accounts, with the right to create studies and the time zone."""

    fieldsets = (
        *(UserAdmin.fieldsets or ()),
        ("VerteRead", {"fields": ("may_create_studies", "time_zone", "confirmed_email")}),
    )
    add_fieldsets = (
        *UserAdmin.add_fieldsets,
        ("VerteRead", {"fields": ("may_create_studies", "time_zone")}),
    )
    list_display = ("username", "email", "first_name", "last_name", "may_create_studies")
    readonly_fields = ("last_login", "date_joined", "confirmed_email")


@admin.register(Site)
class SiteAdmin(Audited):
    """Only for correcting a name. Coordinators add and remove the sites of their studies."""

    list_display = ("code", "name", "study")
    list_filter = ("study",)
    # Exports identify a site by its code, so it cannot change.
    readonly_fields = ("study", "code")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        unlocked = obj is None or not obj.study.locked
        return unlocked and super().has_change_permission(request, obj)


@admin.register(Study)
class StudyAdmin(ListedFiltersAdmin):
    """A read-only list. Coordinators create and design studies."""

    list_display = ("name", "state", "created_at", "opened_at", "locked_at")
    # With the key and the date shift, pseudonyms and dates could be reversed.
    exclude = ("key", "date_shift_days")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Membership)
class MembershipAdmin(Audited):
    """Only for deactivating and reactivating other people. Invitations assign roles."""

    list_display = ("label", "user", "study", "role", "site", "active")
    list_filter = ("study", "role")
    readonly_fields = ("user", "study", "role", "site", "label")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # Otherwise an administrator could reactivate a membership that a coordinator has ended.
        own_membership = obj is not None and obj.user_id == request.user.pk
        return not own_membership and super().has_change_permission(request, obj)
