from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format

from studies.protocol.models import Study
from studies.sessions.models import Reading


class _Readings(forms.ModelChoiceField):
    def label_from_instance(self, reading: Reading) -> str:
        submitted = date_format(timezone.localtime(reading.submitted_at), "DATETIME_FORMAT")
        reader = reading.reading_list.reader.label
        return f"{reader}: {reading.case.label}, {reading.arm}, {submitted}"


MOST_CHOICES = 50


class ReopenForm(forms.Form):
    """One of a study's submitted readings, and why its reader gets it back.

    Any submitted reading can be sent; offered are the latest that match ``words``, which are part
    of the label of a case or a reader.
    """

    reading = _Readings(queryset=Reading.objects.none(), empty_label="Choose a reading")
    reason = forms.CharField(
        max_length=500, help_text="It stands in the report, among the readings that were reopened."
    )

    def __init__(self, study: Study, words: str, data: Any = None) -> None:
        super().__init__(data)
        submitted = (
            Reading.objects.filter(reading_list__study=study)
            .submitted()
            .select_related("reading_list__reader", "case")
        )
        offered = submitted.filter(
            Q(case__label__icontains=words) | Q(reading_list__reader__label__icontains=words)
        ).order_by("-submitted_at", "pk")[: MOST_CHOICES + 1]
        field = self.fields["reading"]
        field.queryset = submitted
        label = field.label_from_instance
        rows = list(offered)
        self.more = len(rows) > MOST_CHOICES
        field.choices = [
            ("", field.empty_label if rows else "No submitted reading matches"),
            *((reading.pk, label(reading)) for reading in rows[:MOST_CHOICES]),
        ]
