"""Forms with which a coordinator sets up instructions, practice set and certification."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

from studies.analytics.scale import CELL_SCORES, CELLS, LEVELS, WALLS
from studies.cases.models import Case
from studies.practice.instructions.versions import MAX_LENGTH
from studies.practice.models import CertificationRules, Instructions
from studies.practice.practice_set import MAX_PHANTOMS_AT_ONCE
from studies.practice.refreshers.rules import MAX_CASES, MAX_INTERVAL, MIN_INTERVAL
from studies.protocol.amendments import has_assigned_cases
from studies.protocol.models import Study
from studies.readers.amendment_forms import amendment_reason

if TYPE_CHECKING:
    RulesModelForm = forms.ModelForm[CertificationRules]
    CaseChoiceField = forms.ModelChoiceField[Case]
else:
    RulesModelForm, CaseChoiceField = forms.ModelForm, forms.ModelChoiceField

DEFAULT_INTERVAL = 50
MAX_LISTED_CASES = 200
DEFAULT_PHANTOMS = 10


class InstructionsForm(forms.Form):
    """The instructions of the whole study and of each arm, in Markdown."""

    text = forms.CharField(
        label="All readers",
        required=False,
        max_length=MAX_LENGTH,
        help_text="Shown before the first case.",
        widget=forms.Textarea(attrs={"rows": 16}),
    )

    def __init__(
        self, study: Study, current: Instructions | None, data: Any = None, **options: Any
    ) -> None:
        initial = {"text": current.text if current else ""}
        texts = current.arm_texts if current else {}
        initial |= {f"arm_{code}": text for code, text in texts.items()}
        super().__init__(data, initial=initial, **options)
        self.arms = list(study.arms.all())
        for arm in self.arms:
            self.fields[f"arm_{arm.code}"] = forms.CharField(
                label=f"{arm} arm",
                required=False,
                max_length=MAX_LENGTH,
                help_text="Shown when this arm begins.",
                widget=forms.Textarea(attrs={"rows": 6}),
            )
        if has_assigned_cases(study):
            self.fields["reason"] = amendment_reason()

    @property
    def arm_fields(self) -> list[Any]:
        """The fields of the arms, for the template."""
        return [self[f"arm_{arm.code}"] for arm in self.arms]

    @property
    def arm_texts(self) -> dict[str, str]:
        """The texts of the arms by code."""
        return {arm.code: self.cleaned_data[f"arm_{arm.code}"] for arm in self.arms}


class PhantomsForm(forms.Form):
    """How many phantoms to add."""

    number = forms.IntegerField(
        label="Number of phantoms",
        min_value=1,
        max_value=MAX_PHANTOMS_AT_ONCE,
        initial=DEFAULT_PHANTOMS,
    )


class PracticeCaseField(CaseChoiceField):
    """A choice of cases, with a note where the study has reference grades already."""

    def label_from_instance(self, case: Any) -> str:
        """Return the text of one choice."""
        known = hasattr(case, "reference_grades")
        return f"{case.label} (has reference grades)" if known else str(case.label)


class PracticeCaseForm(forms.Form):
    """A case of the study for the practice set, with reference grades unless it has them."""

    case = PracticeCaseField(queryset=Case.objects.none(), empty_label="Select a case")
    source = forms.CharField(
        label="Source of the reference grades",
        max_length=120,
        required=False,
        help_text="For example, consensus of two senior readers.",
    )

    def __init__(self, study: Study, data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        field = self.fields["case"]
        assert isinstance(field, PracticeCaseField)
        available = Case.objects.of_study(study).filter(readings=None).assignable()
        field.queryset = available.select_related("reference_grades").order_by("label")
        choices = field.queryset[:MAX_LISTED_CASES]
        field.choices = [
            ("", field.empty_label),
            *((case.pk, field.label_from_instance(case)) for case in choices),
        ]
        for cell in CELLS:
            self.fields[cell] = forms.TypedChoiceField(
                label=cell.replace("_", " "),
                choices=[("", "–"), *((grade, grade) for grade in CELL_SCORES)],
                coerce=int,
                empty_value=None,
                required=False,
            )

    @property
    def rows(self) -> list[tuple[str, list[Any]]]:
        """The fields of each level, for the template."""
        return [(level, [self[f"{level}_{wall}"] for wall in WALLS]) for level in LEVELS]

    @property
    def grades(self) -> dict[str, int] | None:
        """The eight grades; None if none was entered."""
        entered = {cell: self.cleaned_data[cell] for cell in CELLS}
        return None if all(grade is None for grade in entered.values()) else entered

    def clean(self) -> dict[str, Any]:
        """Reject grades of some cells only, and a case without any reference grades."""
        data = super().clean() or {}
        missing = [cell for cell in CELLS if data.get(cell) is None]
        if 0 < len(missing) < len(CELLS):
            self.add_error(None, "Enter all eight reference grades, or none.")
        case = data.get("case")
        if case is not None and missing and not hasattr(case, "reference_grades"):
            self.add_error(None, "This case has no reference grades. Enter all eight.")
        if not missing and not data.get("source"):
            self.add_error("source", "State where the reference grades come from.")
        return data


class RefresherForm(forms.Form):
    """Whether practice cases are mixed into the study readings, and how often."""

    enabled = forms.BooleanField(
        label="Insert practice cases between study readings", required=False
    )
    interval = forms.IntegerField(
        label="After every … study readings",
        min_value=MIN_INTERVAL,
        max_value=MAX_INTERVAL,
        initial=DEFAULT_INTERVAL,
    )
    cases = forms.IntegerField(
        label="Practice cases each time", min_value=1, max_value=MAX_CASES, initial=1
    )
    feedback = forms.BooleanField(
        label="Show the reference grades after each practice case",
        required=False,
        help_text="Readers then learn from these cases, but also know which ones they were.",
    )

    def __init__(self, study: Study, data: Any = None) -> None:
        initial = {
            "enabled": study.refresher_interval is not None,
            "interval": study.refresher_interval or DEFAULT_INTERVAL,
            "cases": study.refresher_cases,
            "feedback": study.refresher_feedback,
        }
        super().__init__(data, initial=initial)

    @property
    def rules(self) -> dict[str, Any]:
        """The arguments of `set_refreshers`."""
        fields = dict(self.cleaned_data)
        enabled = fields.pop("enabled")
        return {**fields, "interval": fields["interval"] if enabled else None}


class CertificationForm(RulesModelForm):
    """Whether readers must be certified, and by which rules."""

    required = forms.BooleanField(
        label="Readers must be certified before their first study case", required=False
    )

    class Meta:
        model = CertificationRules
        fields = ("measure", "threshold", "cases", "attempts")
        help_texts = {"threshold": "From 0 to 1, for example 0.70.", "cases": "At least 2."}

    def __init__(self, study: Study, data: Any = None) -> None:
        rules = CertificationRules.objects.filter(study=study).first()
        initial = {"required": study.certification_required}
        super().__init__(data, instance=rules, initial=initial)
        # The page still shows the rules, which can no longer be changed.
        if study.opened_at is not None:
            for field in self.fields.values():
                field.disabled = True
