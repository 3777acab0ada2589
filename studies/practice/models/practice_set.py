"""The practice set of a study."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from studies.cases.models import Case
from studies.protocol.models import Study


class PracticeCase(models.Model):
    """A case with a reference standard: the phantom of a seed, or a case of the study.

    ``grades`` holds the reference grade of each of the eight cells and never changes. A case that
    was removed from the set keeps its row, because rounds may refer to it.

    ``reference_traces`` are the plaques of a case of the study, as in a measured reading; None if
    the reference standard consists of grades alone. Those of a phantom follow from its seed.
    """

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="practice_cases")
    number = models.PositiveIntegerField()
    seed = models.PositiveBigIntegerField(null=True, blank=True)
    case = models.OneToOneField(
        Case, null=True, blank=True, on_delete=models.PROTECT, related_name="practice_case"
    )
    grades = models.JSONField()
    source = models.CharField(max_length=120)
    # [{"wall": "anterior", "points": [[x, y], ...]}, ...] in image pixels.
    reference_traces = models.JSONField(null=True, blank=True)
    active = models.BooleanField(default=True)
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["study", "number"], name="practice_number_once"),
            models.UniqueConstraint(fields=["study", "seed"], name="practice_seed_once"),
            models.CheckConstraint(
                name="practice_phantom_or_case",
                condition=Q(seed__isnull=True, case__isnull=False)
                | Q(seed__isnull=False, case__isnull=True),
            ),
            models.CheckConstraint(
                name="practice_traces_of_case",
                condition=Q(reference_traces__isnull=True) | Q(case__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"practice case {self.number} of {self.study}"
