"""Forms of the pages of models."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import QuerySet

from studies.fine_tuning.candidates import StudyCandidates
from studies.protocol.amendments import MAX_REASON, AmendmentDetails
from studies.protocol.models import Study
from studies.registry.models import RegisteredModel

if TYPE_CHECKING:
    ModelChoiceField = forms.ModelChoiceField[RegisteredModel]
else:
    # Generic in the stubs only.
    ModelChoiceField = forms.ModelChoiceField


class ModelChoice(ModelChoiceField):
    """A choice of models, which can have the same name."""

    def label_from_instance(self, obj: RegisteredModel) -> str:
        return f"{obj.name} ({obj.short_checksum}, {obj.get_origin_display()})"


class SelectModelForm(forms.Form):
    """The amendment with which a study changes its fixed model; empty before that."""

    number = forms.IntegerField(label="Number of the amendment", min_value=1, max_value=999)
    dated = forms.DateField(
        label="Date of the amendment", widget=forms.DateInput(attrs={"type": "date"})
    )
    reason = forms.CharField(
        label="Reason for the amendment",
        max_length=MAX_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, fixed: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        if not fixed:
            self.fields.clear()

    @property
    def details(self) -> AmendmentDetails | None:
        """The amendment; None if the study needs none."""
        return AmendmentDetails(**self.cleaned_data) if self.fields else None


class FineTuningForm(forms.Form):
    """A new run: its name, initial weights, studies, cases that are left out, and consent."""

    name = forms.CharField(label="Name of the new model", max_length=80)
    start = ModelChoice(label="Initial weights", queryset=RegisteredModel.objects.none())
    more_studies = forms.MultipleChoiceField(
        label="Also use corrected cases from",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    left_out = forms.CharField(
        label="Cases to leave out",
        required=False,
        max_length=4000,
        help_text="Case numbers, separated by commas, such as C0012. With several studies, put the "
        "short name of the study before each number, as in trial/C0012; otherwise the case with "
        "this number is left out of all of them.",
    )
    consent = forms.CharField(
        label="Basis for using the images",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="For example, a consent form or ethics approval that covers training software.",
    )
    confirmed = forms.BooleanField(
        label="I confirm that the images may be used to train a model that other studies can use."
    )

    def __init__(
        self,
        data: Any = None,
        *,
        candidates: Sequence[StudyCandidates],
        study: Study,
        models: QuerySet[RegisteredModel],
        current: RegisteredModel | None,
    ) -> None:
        super().__init__(data, initial={"start": current})
        self._study = study
        self._studies = {one.study.slug: one.study for one in candidates}
        self.this_study = next((one for one in candidates if one.study == study), None)
        self._field("start").queryset = models
        self._field("more_studies").choices = [
            (one.study.slug, f"{one.study.name}: {_counted(one.cases)}")
            for one in candidates
            if one.cases and one.study != study
        ]
        if not self._field("more_studies").choices:
            del self.fields["more_studies"]

    def _field(self, name: str) -> Any:
        return self.fields[name]

    def fields_of_run(self) -> dict[str, Any]:
        """Return the arguments of `studies.fine_tuning.runs.request_fine_tuning`."""
        fields = self.cleaned_data
        labels = [label.strip() for label in fields["left_out"].split(",")]
        more = [self._studies[slug] for slug in fields.get("more_studies", [])]
        return {
            "name": fields["name"],
            "start": fields["start"],
            "studies": [self._study, *more],
            "consent": fields["consent"],
            "left_out": [label for label in labels if label],
        }


def _counted(cases: int) -> str:
    return "1 corrected case" if cases == 1 else f"{cases} corrected cases"
