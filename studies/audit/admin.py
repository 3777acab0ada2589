from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from studies.audit.models import Event


@admin.register(Event)
class EventAdmin(admin.ModelAdmin):
    list_display = ("at", "actor", "action", "study", "subject")
    list_filter = ("action",)
    search_fields = ("study", "subject")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
