"""The encrypted linkage list."""

from __future__ import annotations

from django.db import models

from studies.cases.models.cases import Case


class LinkageEntry(models.Model):
    """The identifiers of the file that a case was made from, encrypted.

    The key is in the environment, so that neither the database nor a backup of it reveals them.
    """

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="linkage_entry")
    identifiers = models.BinaryField(editable=False)
    stored_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["case"]

    def __str__(self) -> str:
        return f"linkage of {self.case}"
