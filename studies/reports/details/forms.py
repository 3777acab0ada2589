"""The form of the report details."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

from studies.reports.details.versions import FIELDS
from studies.reports.models import ReportDetails

if TYPE_CHECKING:
    DetailsModelForm = forms.ModelForm[ReportDetails]
else:
    DetailsModelForm = forms.ModelForm

LABELS = {
    "authors": "Authors",
    "funding": "Funding and competing interests",
    "registration": "Registration",
    "ethics": "Ethics approval",
    "rationale": "Rationale",
    "subject_population": "Subject population",
    "subject_sampling": "Sampling of subjects",
    "reader_population": "Reader population",
    "reader_sampling": "Sampling of readers",
    "sample_size": "Sample size",
}
HELP_TEXTS = {
    "authors": "Names, affiliations and contributions.",
    "funding": "Sources of funding and their role; competing interests of the authors.",
    "registration": "Registry and number of the study, and where the protocol can be found.",
    "ethics": "Committee, decision and number; consent of the subjects.",
    "rationale": "What is known about agreement in this setting, and why the study was needed.",
    "subject_population": "For whom the results are meant, for example women over 70.",
    "subject_sampling": "How the subjects were selected, when, and from which source.",
    "reader_population": "For whom the results are meant, for example radiographers.",
    "reader_sampling": "How the readers were selected and invited.",
    "sample_size": "Why this number of subjects, readers and repeated readings.",
}


class DetailsForm(DetailsModelForm):
    """Texts that only the coordinator can state, and the version that they replace."""

    version = forms.IntegerField(min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)

    class Meta:
        model = ReportDetails
        fields = FIELDS
        labels = LABELS
        help_texts = HELP_TEXTS
        widgets = {name: forms.Textarea(attrs={"rows": 3}) for name in FIELDS}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["version"].error_messages = dict.fromkeys(
            ("required", "invalid", "min_value", "max_value"),
            "The form is incomplete. Reload the page.",
        )

    @property
    def texts(self) -> dict[str, str]:
        """The valid texts by field, with line breaks as browsers and systems agree on."""
        return {name: self.cleaned_data[name].replace("\r\n", "\n") for name in FIELDS}
