"""Forms for the address of an account, for email preferences and for a forgotten password."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

from studies.mail.models import MAX_ADDRESS_LENGTH
from studies.readers.models import User

if TYPE_CHECKING:
    UserModelForm = forms.ModelForm[User]
else:
    UserModelForm = forms.ModelForm


class AddressForm(forms.Form):
    """A new address, with the password, because emails to the address can reset the password."""

    email = forms.EmailField(label="Email address", max_length=MAX_ADDRESS_LENGTH)
    password = forms.CharField(
        label="Your password",
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_password(self) -> str:
        """Reject a wrong password."""
        password: str = self.cleaned_data["password"]
        if not self.user.check_password(password):
            raise forms.ValidationError("This is not your current password.")
        return password


class MailPreferencesForm(UserModelForm):
    """The kinds of email that a person can switch off."""

    class Meta:
        model = User
        fields = ("wants_period_mails", "wants_reminders", "wants_summaries")


class ResetRequestForm(forms.Form):
    """The address of an account whose password was forgotten."""

    email = forms.EmailField(
        label="Email address", widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )
