"""The form of a reader's profile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

from studies.readers.models import ReaderProfile
from studies.readers.profiles.changes import FIELDS

if TYPE_CHECKING:
    ProfileModelForm = forms.ModelForm[ReaderProfile]
else:
    ProfileModelForm = forms.ModelForm


class ReaderProfileForm(ProfileModelForm):
    """Profession and experience of a reader; every answer is voluntary."""

    class Meta:
        model = ReaderProfile
        fields = FIELDS
        help_texts = {
            "years": "With DXA or spine images, in whole years. Leave empty to give no answer.",
            "aac_readings": "Approximate number before this study. Leave empty to give no answer.",
            "named": (
                "Reports then list your name, profession and experience, but not which scores are "
                "yours. Without your consent, you are described together with at least two other "
                "readers, or not at all. You can withdraw your consent for future reports."
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        profession = self.fields["profession"]
        assert isinstance(profession, forms.ChoiceField)
        profession.choices = [("", "no answer"), *ReaderProfile.Profession.choices]

    def clean_named(self) -> bool:
        """Reject consent of a person whose account has no name to print."""
        named: Any = self.cleaned_data["named"]
        if named and not self.instance.user.get_full_name():
            raise forms.ValidationError(
                "Your account has no full name that reports could print. Ask the administrator to "
                "enter it, or clear this box."
            )
        return bool(named)
