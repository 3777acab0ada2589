"""Notes on cases, written while disagreements are reviewed."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import Q

from studies.cases.models import Case
from studies.readers.models import Membership


class ReviewNote(models.Model):
    """A note on a case, by a member who may see the scores; never changed."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="review_notes")
    by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    text = models.CharField(max_length=2000)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["at", "pk"]
        constraints = [models.CheckConstraint(name="review_note_has_text", condition=~Q(text=""))]
        triggers = [
            pgtrigger.Protect(
                name="review_notes_append_only", operation=pgtrigger.Update | pgtrigger.Delete
            )
        ]

    def __str__(self) -> str:
        return f"note on {self.case}"
