from __future__ import annotations

from django import forms
from django.utils import timezone

from studies.protocol.models import Study
from studies.sessions.models import Reading


class _Readings(forms.ModelChoiceField):
    def label_from_instance(self, reading: Reading) -> str:
        submitted = timezone.localtime(reading.submitted_at)
        return (
            f"{reading.reading_list.reader.label}: {reading.case.label}, {reading.arm}, "
            f"{submitted:%d %b %Y %H:%M}"
        )


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
