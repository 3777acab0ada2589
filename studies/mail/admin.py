"""Read-only list of outgoing emails for administrators: states and errors, not the texts."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from studies.audit.admin import ListedFiltersAdmin
from studies.mail.models import OutgoingMail


@admin.register(OutgoingMail)
class OutgoingMailAdmin(ListedFiltersAdmin):
    """Shows whether emails were sent. Texts are left out: administrators belong to no study."""

    list_display = ("created_at", "kind", "address", "state", "attempts", "last_error")
    list_filter = ("state", "kind")
    search_fields = ("address",)
    list_per_page = 50
    # Counting all rows for each page would be slow, and the number is of no use.
    show_full_result_count = False
    fields = (
        *("kind", "address", "state", "attempts", "last_error"),
        *("created_at", "not_before", "expires_at", "finished_at"),
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
