from __future__ import annotations

from typing import Any

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.http import HttpRequest

from studies.audit.record import record
from studies.protocol.models import Site, Study
from studies.readers.models import Membership, User

admin.site.site_header = "VerteRead administration"
admin.site.site_title = "VerteRead"
# The one throttled sign-in page serves the administration too.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]


@admin.register(User)
class AccountAdmin(UserAdmin):
    fieldsets = (
        *(UserAdmin.fieldsets or ()),
        ("VerteRead", {"fields": ("may_create_studies", "time_zone")}),
    )
    add_fieldsets = (
        *UserAdmin.add_fieldsets,
        ("VerteRead", {"fields": ("may_create_studies", "time_zone")}),
    )
    list_display = ("username", "email", "first_name", "last_name", "may_create_studies")


@admin.register(Site)
class SiteAdmin(admin.ModelAdmin):
    list_display = ("code", "name", "study")
    list_filter = ("study",)


@admin.register(Study)
class StudyAdmin(admin.ModelAdmin):
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
class MembershipAdmin(admin.ModelAdmin):
    """Only for taking somebody out of a study or back in; roles are given by invitations."""

    list_display = ("label", "user", "study", "role", "site", "active")
    list_filter = ("study", "role")
    readonly_fields = ("user", "study", "role", "site", "label")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Membership, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        action = "member.taken_back" if obj.active else "member.taken_out"
        record(action, actor=request.user, study=obj.study, subject=obj.label)
