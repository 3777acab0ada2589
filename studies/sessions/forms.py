from __future__ import annotations

from django import forms
from django.utils import timezone
from django.utils.formats import date_format

from studies.protocol.models import Study
from studies.sessions.models import Reading


class _Readings(forms.ModelChoiceField):
    def label_from_instance(self, reading: Reading) -> str:
        submitted = date_format(timezone.localtime(reading.submitted_at), "DATETIME_FORMAT")
        reader = reading.reading_list.reader.label
        return f"{reader}: {reading.case.label}, {reading.arm}, {submitted}"


class ReopenForm(forms.Form):
    """One of a study's submitted readings, and why its reader gets it back."""

    reading = _Readings(queryset=Reading.objects.none(), empty_label="Choose a reading")
    reason = forms.CharField(
        max_length=500, help_text="It stands in the report, among the readings that were reopened."
    )

    def __init__(self, study: Study, *given: object) -> None:
        super().__init__(*given)
        self.fields["reading"].queryset = (
            Reading.objects.filter(reading_list__study=study)
            .submitted()
            .select_related("reading_list__reader", "case")
            .order_by("reading_list__reader__label", "-submitted_at")
        )
