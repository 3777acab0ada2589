"""The form that selects what a copy of a study contains."""

from __future__ import annotations

from typing import Any

from django import forms

from studies.conduct.copying.copies import COORDINATOR_PARTS, Part, People
from studies.protocol.models import Study
from studies.readers.models import Membership, Role

NAME_LENGTH = Study._meta.get_field("name").max_length or 0
PART_TEXTS = {
    Part.INSTRUCTIONS: "Current texts with their pictures, as version 1.",
    Part.DISPLAY: (
        "View of the next case, anterior side, break reminder, minimum image height and display "
        "check. Otherwise, the defaults."
    ),
    Part.SITES: "Codes and names.",
    Part.PRACTICE: (
        "Phantoms, and the rules of certification and refreshers. Cases of the study are left out."
    ),
    Part.DETAILS: (
        "Rationale, sampling, registration, ethics, authors and funding. Check them afterwards."
    ),
}


class CopyForm(forms.Form):
    """Name and parts of a copy; people, instructions and practice set only for coordinators."""

    name = forms.CharField(label="Name of the new study", max_length=NAME_LENGTH)
    parts = forms.MultipleChoiceField(
        choices=Part.choices,
        required=False,
        initial=[Part.INSTRUCTIONS, Part.DISPLAY, Part.SITES, Part.PRACTICE],
        widget=forms.CheckboxSelectMultiple,
    )
    people = forms.ChoiceField(
        choices=People.choices, initial=People.NONE, required=False, widget=forms.RadioSelect
    )

    def __init__(self, membership: Membership, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].initial = f"Copy of {membership.study.name}"[:NAME_LENGTH]
        self.offered = list(Part)
        if membership.role != Role.COORDINATOR:
            del self.fields["people"]
            self.offered = [part for part in Part if part not in COORDINATOR_PARTS]
            self.fields["parts"] = forms.MultipleChoiceField(
                choices=[(part.value, part.label) for part in self.offered],
                required=False,
                initial=[Part.DISPLAY, Part.SITES],
                widget=forms.CheckboxSelectMultiple,
            )

    @property
    def described_parts(self) -> list[tuple[str, str, str, bool]]:
        """Return the value, label and contents of each part, and whether it is selected."""
        selected = self["parts"].value() or []
        return [
            (part.value, part.label, PART_TEXTS[part], part in selected) for part in self.offered
        ]

    @property
    def values(self) -> dict[str, Any]:
        """Return the arguments of `copy_study`."""
        data = self.cleaned_data
        return {
            "name": data["name"],
            "parts": [Part(value) for value in data["parts"]],
            "people": People(data.get("people") or People.NONE),
        }
