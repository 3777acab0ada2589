"""Forms of messages and announcements, with what must not be written in them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django import forms
from django.utils import timezone
from django.utils.formats import date_format

from studies.correspondence.models import MAX_TEXT_LENGTH
from studies.correspondence.subjects import Subject
from studies.protocol.models import Site
from studies.readers.access import accessible_sites
from studies.readers.models import Membership

if TYPE_CHECKING:
    SiteField = forms.ModelChoiceField[Site]
else:
    SiteField = forms.ModelChoiceField

READER_WARNING = "Do not quote scores. Do not enter names or other data of patients."
COORDINATOR_WARNING = (
    "Do not name vertebral levels or grades, and do not say how others have read the case or "
    "whether it is shown again."
)
ANNOUNCEMENT_WARNING = (
    "Do not name cases, vertebral levels, grades or readers. Readers see the text with the date "
    "and your role, not your name. It cannot be changed after publication."
)


class TextForm(forms.Form):
    """A text, and the id by which a repeated request is recognised."""

    message_id = forms.UUIDField(widget=forms.HiddenInput)
    text = forms.CharField(
        max_length=MAX_TEXT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4, "maxlength": MAX_TEXT_LENGTH}),
    )

    def __init__(self, label: str, warning: str, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, initial={"message_id": uuid4()})
        self.fields["text"].label = label
        self.fields["text"].help_text = f"{warning} At most {MAX_TEXT_LENGTH} characters."


class QuestionForm(TextForm):
    """A reader's question about one of the listed readings, or in general."""

    about = forms.UUIDField(
        required=False, error_messages={"invalid": "Select a reading from the list."}
    )
    field_order = ("about", "text")

    def __init__(self, subjects: list[Subject], data: Mapping[str, Any] | None = None) -> None:
        super().__init__("Question", READER_WARNING, data)
        self.fields["about"].widget = forms.Select(
            choices=[("", "No reading in particular"), *(_choice(subject) for subject in subjects)]
        )


class AnnouncementForm(TextForm):
    """An announcement to all readers or to those of a site."""

    site = SiteField(queryset=Site.objects.none(), required=False, label="Readers")
    field_order = ("site", "text")

    def __init__(self, author: Membership, data: Mapping[str, Any] | None = None) -> None:
        super().__init__("Announcement", ANNOUNCEMENT_WARNING, data)
        if author.site_id is not None:
            # A site coordinator has no choice.
            del self.fields["site"]
            return
        site = self.fields["site"]
        assert isinstance(site, forms.ModelChoiceField)
        site.queryset = accessible_sites(author)
        site.empty_label = "All readers of the study"


def _choice(subject: Subject) -> tuple[str, str]:
    opened = date_format(timezone.localtime(subject.opened_at), "DATETIME_FORMAT")
    return str(subject.pk), f"{subject.name.capitalize()}, opened {opened}"
