"""Forms for amendments of a study's protocol."""

from __future__ import annotations

from django import forms

from studies.protocol.amendments import MAX_REASON


def amendment_reason() -> forms.CharField:
    """Return the field for the reason of a change that is an amendment of the protocol."""
    return forms.CharField(
        label="Reason for the change",
        required=False,
        max_length=MAX_REASON,
        help_text=(
            "Cases have been assigned, so this change is recorded as an amendment of the protocol, "
            "which the report lists."
        ),
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class AmendmentForm(forms.Form):
    """An amendment that the coordinator describes; VerteRead numbers it."""

    # The browser expects the date in this format, whatever the language of the page.
    dated = forms.DateField(
        label="Date", widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
    change = forms.CharField(label="What changes", max_length=200)
    reason = forms.CharField(max_length=MAX_REASON, widget=forms.Textarea(attrs={"rows": 2}))
