from __future__ import annotations

from typing import Any

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

admin.site.site_header = "VerteRead administration"
admin.site.site_title = "VerteRead"
# The one throttled sign-in page serves the administration too.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]


admin.site.unregister(Group)
# E-mail addresses of allauth are not used: an account's address is a field of the account.
admin.site.unregister(EmailAddress)


class Audited(ListedFiltersAdmin):
    """What is done here stands in the audit trail too: which fields, never what they hold."""

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

    def _record(self, what: str, request: HttpRequest, obj: Any, message: Any) -> None:
        action, study = f"administrator.{what}_{obj._meta.model_name}", getattr(obj, "study", None)
        record(action, actor=request.user, study=study, subject=str(obj)[:80], change=message)


@admin.register(User)
class AccountAdmin(Audited, UserAdmin):
    fieldsets = (
        *(UserAdmin.fieldsets or ()),
        ("VerteRead", {"fields": ("may_create_studies", "time_zone")}),
    )
    add_fieldsets = (
        *UserAdmin.add_fieldsets,
        ("VerteRead", {"fields": ("may_create_studies", "time_zone")}),
    )
    list_display = ("username", "email", "first_name", "last_name", "may_create_studies")
    readonly_fields = ("last_login", "date_joined")


@admin.register(Site)
class SiteAdmin(Audited):
    """Only for correcting a name; coordinators add and remove the sites of their studies."""

    list_display = ("code", "name", "study")
    list_filter = ("study",)
    readonly_fields = ("study", "code")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        open_study = obj is None or not obj.study.locked
        return open_study and super().has_change_permission(request, obj)


@admin.register(Study)
class StudyAdmin(ListedFiltersAdmin):
    """Studies are designed by their coordinators; here they are only listed."""

    list_display = ("name", "state", "created_at", "opened_at", "locked_at")
    exclude = ("key", "date_shift_days")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Membership)
class MembershipAdmin(Audited):
    """Only for deactivating a member or reactivating one, never oneself; invitations give roles."""

    list_display = ("label", "user", "study", "role", "site", "active")
    list_filter = ("study", "role")
    readonly_fields = ("user", "study", "role", "site", "label")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        own = obj is not None and obj.user_id == request.user.pk
        return not own and super().has_change_permission(request, obj)
