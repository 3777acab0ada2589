"""Forms for a study's design and sites, for invitations and for new accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth.forms import UserCreationForm
from django.db import models

from studies.mail.models import MAX_ADDRESS_LENGTH
from studies.mail.outbox import mail_enabled
from studies.protocol.design import DESIGN_FIELDS, FIELDS, check_arms, complete_contrast
from studies.protocol.models import Arm, Site, Study
from studies.readers.amendment_forms import amendment_reason
from studies.readers.models import Invitation, Role, User, check_time_zone

if TYPE_CHECKING:
    StudyModelForm = forms.ModelForm[Study]
    SiteModelForm = forms.ModelForm[Site]
    InvitationModelForm = forms.ModelForm[Invitation]
    NewUserForm = UserCreationForm[User]
else:
    StudyModelForm = SiteModelForm = InvitationModelForm = forms.ModelForm
    NewUserForm = UserCreationForm


# A form that was opened before these fields existed leaves them as they are.
OPTIONAL = (
    *("scores", "primary_interval", "hidden_repeats", "hidden_repeat_share"),
    *("repeat_after_readings", "repeat_after_days"),
    "adjudicator_scores",
)
NUMBER_OR_SHARE = "Enter either a number or a share of hidden repeats, and 0 for the other one."
# Labels of the empty choices of the primary contrast.
CONTRAST_DEFAULTS = {
    "primary_arm": "arm with most assistance",
    "comparator_arm": "arm with least assistance",
}
# Labels of the empty choice of a site in an invitation.
SELECT_SITE, WHOLE_STUDY = "Select a site", "Whole study"


class StudyForm(StudyModelForm):
    """The design of a study. Its fields are disabled once cases have been assigned."""

    arms = forms.MultipleChoiceField(
        choices=Arm.Code.choices,
        initial=[Arm.Code.UNGUIDED, Arm.Code.GUIDED],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Select at least one arm."},
    )

    class Meta:
        model = Study
        fields = FIELDS
        widgets = {"description": forms.Textarea(attrs={"rows": 2})}
        help_texts = {
            "name": "Shown to readers.",
            "readers_per_case": (
                "In a crossover and in a sequential study, a case is read by the same readers in "
                "every arm. In parallel groups, this is the number of readers of a case in each "
                "group."
            ),
            "washout_days": (
                "From a reader's last submission in one period to the start of the next."
            ),
            "hidden_repeats": (
                "Cases that each reader reads a second time in each arm, without being told, to "
                "measure intrareader agreement. 0: none."
            ),
            "hidden_repeat_share": (
                "Instead of a number: percentage of the cases of each reader and arm, rounded up. "
                "Later batches add repeats so that the share stays the same, if they have at least "
                "as many cases per reader as the minimum distance in readings."
            ),
            "repeat_after_readings": (
                "If readings can be revised, each leaves the list of earlier readings once this "
                "many others have been opened after it, so that the list reveals no repeat."
            ),
            "repeat_after_days": (
                "Readers who are faster have to pause in the middle of the period. 0: no pause."
            ),
            "stratified": (
                "Balances the cases of each scanner, imaging site and, where a reference standard "
                "exists, AAC group over the readers and over the halves of each reading list."
            ),
            "scores": (
                "AAC-8 is scored after the eight cells, once per wall, in every arm: the length of "
                "all plaques, in units of the mean boundary-to-boundary height of L1 to L4."
            ),
            "seed": "Determines assignment and bootstrap samples. It is printed in the report.",
            "view_between_cases": "How an image opens in the reading room.",
            "revision_rule": (
                "Every value is kept and exported. A reading cannot be revised once the reader has "
                "opened the same case again."
            ),
            "anterior_side": "For display only; files and landmarks do not change.",
            "break_after_minutes": (
                "Minutes of active reading without a pause of at least 5 minutes. 0: no reminder."
            ),
            "minimum_image_px": (
                "Height of the part of the window that shows the image; a wide image may be "
                "smaller. Below this height, readers cannot score until they enlarge the window. "
                "0: no minimum."
            ),
            "display_check": (
                "Readers type low-contrast letters at the start of each reading session."
            ),
            "display_contrast": (
                "Smallest difference from black and from white at which readers must read all "
                "letters. Applies only if the study has a display check."
            ),
            "adjudicator_scores": (
                "Applies if cases are adjudicated after the lock. Scores are named A, B and so on, "
                "in a random order for each case."
            ),
            "primary_outcome": "The outcome for which the report states the main result.",
            "primary_weights": "Weights of Cohen's kappa for the primary outcome.",
            "primary_interval": (
                "Confidence interval of the main result. With 20 to 40 patients, the expanded "
                "percentile bootstrap covers the true difference most reliably. The report states "
                "a second interval beside it."
            ),
            "primary_arm": (
                "With three or more arms, the contrast that the protocol names as the primary one. "
                "If both are left empty, the arm with most assistance minus the one with least. "
                "The p-values of the other contrasts are adjusted by Holm's method."
            ),
        }
        error_messages = {"name": {"required": "Enter a name for the study."}}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The default of the seed is random, so there is nothing to state.
        for field in Study._meta.fields:
            if field.name in DESIGN_FIELDS and field.name != "seed":
                _state_default(self.fields[field.name], field)
        for name, label in CONTRAST_DEFAULTS.items():
            contrast = self.fields[name]
            assert isinstance(contrast, forms.ChoiceField)
            contrast.choices = [("", f"{label} (default)"), *Arm.Code.choices]
        # An empty field switches the reminder off.
        self.fields["break_after_minutes"].required = False
        # Without a design, the number of arms decides.
        for name in ("design", *OPTIONAL):
            self.fields[name].required = False
        if self.instance.pk:
            self.fields["arms"].initial = [arm.code for arm in self.instance.arms.all()]
            if self.instance.reading_lists.exists():
                # Django ignores the submitted value of a disabled field, so the design is safe.
                for name in ("arms", *DESIGN_FIELDS):
                    self.fields[name].disabled = True
                if not self.instance.locked:
                    self.fields["reason"] = amendment_reason()
            if self.instance.locked:
                for name in ("name", "description"):
                    self.fields[name].disabled = True

    def clean(self) -> dict[str, Any]:
        """Complete fields that were not submitted; reject arms that do not fit the design."""
        data = super().clean() or {}
        for name in OPTIONAL:
            if data.get(name) in ("", None) and name not in self.errors:
                data[name] = getattr(self.instance, name)
        if data.get("hidden_repeats") and data.get("hidden_repeat_share"):
            self.add_error("hidden_repeat_share", NUMBER_OR_SHARE)
        if data.get("arms") and data.get("design") and not self.fields["arms"].disabled:
            try:
                check_arms(data["design"], data["arms"])
            except forms.ValidationError as error:
                self.add_error("arms", error)
            else:
                self._complete_contrast(data)
        return data

    def _complete_contrast(self, data: dict[str, Any]) -> None:
        """Set the primary contrast that is stored with the selected arms."""
        try:
            data.update(complete_contrast(data["arms"], data))
        except forms.ValidationError as error:
            self.add_error(None, error)

    def clean_break_after_minutes(self) -> int:
        """Return 0 for an empty field."""
        return self.cleaned_data["break_after_minutes"] or 0


def _state_default(field: forms.Field, model_field: models.Field[Any, Any]) -> None:
    """Mark the default among the choices of a field, or add it to the help of a number."""
    default = model_field.get_default()
    if isinstance(field, forms.ChoiceField):
        field.choices = [
            (value, f"{label} (default)" if value == default else label)
            for value, label in model_field.flatchoices
        ]
    elif not isinstance(field, forms.BooleanField):
        field.help_text = f"{field.help_text} Default:\u00a0{default}.".strip()


class SiteForm(SiteModelForm):
    """Code and name of a site, and the reason for adding it once cases are assigned."""

    class Meta:
        model = Site
        fields = ("code", "name")

    def __init__(self, *args: Any, assigned: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if assigned:
            self.fields["reason"] = amendment_reason()


class InvitationForm(InvitationModelForm):
    """Role, site and note of an invitation."""

    role = forms.ChoiceField(
        choices=Role.choices,
        initial=Role.READER,
        # The script of the page then changes the label of the empty site.
        widget=forms.Select(attrs={"data-site-role": ""}),
    )
    address = forms.EmailField(
        label="Email address",
        required=False,
        max_length=MAX_ADDRESS_LENGTH,
        help_text="Optional. The link is sent to this address and also shown here.",
    )

    class Meta:
        model = Invitation
        fields = ("role", "site", "note")

    def __init__(self, study: Study, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        site = self.fields["site"]
        assert isinstance(site, forms.ModelChoiceField)
        # Sites of other studies are neither listed nor valid.
        site.queryset = Site.objects.filter(study=study)
        role = self["role"].value()
        site.empty_label = SELECT_SITE if role == Role.READER else WHOLE_STUDY
        site.widget.attrs |= {"data-reader-label": SELECT_SITE, "data-other-label": WHOLE_STUDY}
        site.help_text = (
            "Required for readers. A coordinator with a site has access to that site only, "
            "and without a site to the whole study."
        )
        if not mail_enabled():
            del self.fields["address"]

    def clean(self) -> dict[str, Any]:
        """Reject a reader without a site."""
        data = super().clean() or {}
        if data.get("role") == Role.READER and data.get("site") is None:
            self.add_error("site", "A reader needs a site. Select one.")
        return data


class ReminderForm(StudyModelForm):
    """After how many idle days readers are reminded by email, and how often."""

    class Meta:
        model = Study
        fields = ("reminder_after_days", "reminder_limit")
        help_texts = {
            "reminder_after_days": (
                "Days without reading, although there are cases to read. 0: no reminders."
            ),
            "reminder_limit": "In a row, until the reader reads again.",
        }


class TimeZoneForm(forms.Form):
    """The time zone in which a person is shown dates and times."""

    time_zone = forms.CharField(
        max_length=50,
        validators=[check_time_zone],
        widget=forms.TextInput(attrs={"list": "time-zones", "autocomplete": "off"}),
        help_text="For example, Europe/Berlin or Australia/Perth.",
    )


class AccountForm(NewUserForm):
    """The new account of a person who follows an invitation."""

    class Meta:
        model = User
        fields = ("username", "first_name", "last_name", "email", "time_zone")
