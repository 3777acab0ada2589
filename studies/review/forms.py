"""The form that starts a round of adjudication."""

from __future__ import annotations

from typing import Any

from django import forms

from studies.analytics.study.disagreements.selection import SelectionRules
from studies.protocol.models import Study
from studies.review.adjudication.rounds import MAX_CELL_DIFFERENCE, MAX_TOTAL_DIFFERENCE


class RulesForm(forms.Form):
    """Arm and rules that select the cases for adjudication."""

    arm = forms.ChoiceField(
        label="Readings of the arm", help_text="The readings that are compared."
    )
    group_differs = forms.BooleanField(label="The AAC group differs", required=False, initial=True)
    total_differs_by = forms.IntegerField(
        label="The AAC-24 total differs by at least",
        required=False,
        min_value=1,
        max_value=MAX_TOTAL_DIFFERENCE,
        help_text="Points. Leave empty to omit this rule.",
    )
    cell_differs_by = forms.IntegerField(
        label="A cell differs by at least",
        required=False,
        min_value=1,
        max_value=MAX_CELL_DIFFERENCE,
        initial=2,
        help_text="Grades. Leave empty to omit this rule.",
    )
    readability_differs = forms.BooleanField(
        label="A cell is readable for one reader only", required=False, initial=True
    )

    def __init__(self, study: Study, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        arm = self.fields["arm"]
        assert isinstance(arm, forms.ChoiceField)
        arm.choices = [(arm.code, arm.get_code_display()) for arm in study.arms.listed()]

    @property
    def rules(self) -> SelectionRules:
        """Return the rules of a valid form."""
        data = self.cleaned_data
        names = ("group_differs", "total_differs_by", "cell_differs_by", "readability_differs")
        return SelectionRules(**{name: data[name] for name in names})
