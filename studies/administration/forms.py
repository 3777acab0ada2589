"""The form for a new account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms

from studies.readers.models import User

if TYPE_CHECKING:
    AccountModelForm = forms.ModelForm[User]
else:
    AccountModelForm = forms.ModelForm


class NewAccountForm(AccountModelForm):
    """An account without a password: the person sets one with a reset link."""

    class Meta:
        model = User
        fields = ("username", "first_name", "last_name", "email", "may_create_studies")
        labels = {"may_create_studies": "May create studies"}
