from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.forms import UserCreationForm

from studies.protocol.design import DESIGN_FIELDS, FIELDS
from studies.protocol.models import Arm, Site, Study
from studies.readers.models import Invitation, Role, User


class StudyForm(forms.ModelForm):
    arms = forms.MultipleChoiceField(
        choices=Arm.Code.choices,
        initial=list(Arm.Code.values),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "A study needs at least one arm."},
    )

    class Meta:
        model = Study
        fields = FIELDS
        widgets = {"description": forms.Textarea(attrs={"rows": 2})}
        help_texts = {
            "name": "Readers see it.",
            "readers_per_case": "The same readers read a case in every arm.",
            "washout_days": "Between a reader's last case of the first pass and the second pass.",
            "seed": "All random draws of this study start from it; the report prints it.",
            "primary_outcome": "What the answer of the study is about.",
            "primary_weights": "Weights of Cohen's kappa for that outcome.",
        }
        error_messages = {"name": {"required": "Give the study a name."}}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["arms"].initial = [arm.code for arm in self.instance.arms.all()]
            if self.instance.reading_lists.exists():
                for name in ("arms", *DESIGN_FIELDS):
                    self.fields[name].disabled = True


class SiteForm(forms.ModelForm):
    class Meta:
        model = Site
        fields = ("code", "name")


class InvitationForm(forms.ModelForm):
    role = forms.ChoiceField(choices=Role.choices, initial=Role.READER)

    class Meta:
        model = Invitation
        fields = ("role", "site", "note")

    def __init__(self, study: Study, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        site: Any = self.fields["site"]
        site.queryset = Site.objects.filter(study=study)
        site.empty_label = "the whole study"
        site.help_text = "A reader needs one; a coordinator with a site looks after it alone."

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("role") == Role.READER and data.get("site") is None:
            self.add_error("site", "A reader needs a site.")
        return data


class AccountForm(UserCreationForm):
    """The account of somebody who follows an invitation."""

    class Meta:
        model = User
        fields = ("username", "first_name", "last_name", "email", "time_zone")
