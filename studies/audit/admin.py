from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from studies.audit.models import Event


class ListedFiltersAdmin(admin.ModelAdmin):
    """Filters a list by `list_filter` alone.

    Django accepts every field of a model in an address, such as ``?key__startswith=a``, which
    reads a hidden field one character at a time.
    """

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        endings = ("", "__exact", "__isnull", "__id__exact")
        filters = [name for name in self.get_list_filter(request) if isinstance(name, str)]
        return lookup in {f"{name}{ending}" for name in filters for ending in endings}


@admin.register(Event)
class EventAdmin(ListedFiltersAdmin):
    list_display = ("at", "actor", "action", "study", "subject")
    list_filter = ("action",)
    search_fields = ("study", "subject")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
