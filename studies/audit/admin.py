"""Read-only view of the audit trail for administrators."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.http import HttpRequest

from studies.audit.models import Event

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
else:
    # Generic in the stubs only.
    ModelAdmin = admin.ModelAdmin


class ListedFiltersAdmin(ModelAdmin):
    """Allows no filters in an address except those of `list_filter`.

    Django accepts every field of a model in an address, such as ``?key__startswith=a``, by which
    a hidden field can be read one character at a time.
    """

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """Return whether an address may filter by this lookup."""
        if request is None:
            return False
        # The lookups that Django's own filter links use; any other could read fields by trial, such
        # as a study's key by its first characters.
        endings = ("", "__exact", "__isnull", "__id__exact")
        filters = [name for name in self.get_list_filter(request) if isinstance(name, str)]
        return lookup in {f"{name}{ending}" for name in filters for ending in endings}


@admin.register(Event)
class EventAdmin(ListedFiltersAdmin):
    """List of events that can be searched and filtered but not changed."""

    list_display = ("at", "actor", "action", "study", "subject")
    list_filter = ("action",)
    search_fields = ("study", "subject")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
