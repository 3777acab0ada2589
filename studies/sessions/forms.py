"""The form with which a coordinator reopens a submitted reading."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format

from studies.protocol.models import Study
from studies.sessions.models import Reading

if TYPE_CHECKING:
    ReadingChoiceField = forms.ModelChoiceField[Reading]
else:
    ReadingChoiceField = forms.ModelChoiceField

# A study has thousands of submitted readings; a longer list would slow every poll of the page.
MAX_CHOICES = 50

Numbers = Callable[[Sequence[Reading]], Mapping[UUID, int]]
"""Returns the number of each reading in its reader's count, as in "24 of 50"."""


class SubmittedReadingField(ReadingChoiceField):
    """A choice of readings, labelled with reader, shared name, case, arm and submission."""

    def label_from_instance(self, reading: Reading, number: int | None = None) -> str:
        """Return the text of one choice, with the time in the coordinator's time zone.

        ``number`` is the reading's number in its reader's count, if the reader sees no name.
        """
        submitted = date_format(timezone.localtime(reading.submitted_at), "DATETIME_FORMAT")
        reader = reading.reading_list.reader.label
        name = reading.name if number is None else f"number {number}, {reading.name}"
        return f"{reader}: {name} ({reading.case.label}, {reading.arm}), {submitted}"


class ReopenForm(forms.Form):
    """One of a study's submitted readings, and the reason why it is reopened.

    Every submitted reading is valid input. Listed are the latest ones whose case label or reader
    label contains ``search``. Where refreshers are mixed in, readers see no names, so each choice
    has the number that the reader saw.
    """

    reading = SubmittedReadingField(queryset=Reading.objects.none(), empty_label="Select a reading")
    reason = forms.CharField(
        max_length=500,
        help_text=(
            "The reader sees this reason, and the report lists it. Do not quote scores, results of "
            "other readers or details of the case."
        ),
    )

    def __init__(
        self, study: Study, search: str, numbers: Numbers, data: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(data)
        submitted = (
            Reading.objects.filter(reading_list__study=study)
            .submitted()
            .select_related("reading_list__reader", "case")
        )
        matches = submitted.filter(
            Q(case__label__icontains=search) | Q(reading_list__reader__label__icontains=search)
        ).order_by("-submitted_at", "pk")[: MAX_CHOICES + 1]
        # One more than is listed, to detect that there are more.
        rows = list(matches)
        self.more = len(rows) > MAX_CHOICES
        rows = rows[:MAX_CHOICES]
        shown = numbers(rows) if study.refresher_interval is not None else {}
        field = self.fields["reading"]
        assert isinstance(field, SubmittedReadingField)
        # Readings that are not listed stay valid, so a new submission does not invalidate the form.
        field.queryset = submitted
        field.choices = [
            ("", field.empty_label if rows else "No submitted reading matches"),
            *((row.pk, field.label_from_instance(row, shown.get(row.pk))) for row in rows),
        ]
