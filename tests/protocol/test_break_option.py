"""The option of the design after how much reading readers are reminded to take a break."""

from __future__ import annotations

import pytest

from studies.errors import Conflict
from studies.protocol.design import change_study
from studies.readers.forms import StudyForm
from tests.protocol.test_parallel_creation import STUDY

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("entered", [{}, {"break_after_minutes": ""}])
def test_empty_field_switches_the_reminder_off(entered):
    form = StudyForm({**STUDY, **entered})
    assert form.is_valid(), form.errors
    assert form.cleaned_data["break_after_minutes"] == 0


def test_minutes_are_stored_within_eight_hours():
    assert StudyForm({**STUDY, "break_after_minutes": "45"}).is_valid()
    for wrong in ("481", "-1", "a"):
        assert "break_after_minutes" in StudyForm({**STUDY, "break_after_minutes": wrong}).errors


def test_option_is_fixed_with_the_design_once_cases_are_assigned(cast):
    cast.assign_cases(1)
    with pytest.raises(Conflict, match="design"):
        change_study(
            study=cast.study,
            actor=cast.coordinator,
            arms=["unguided", "guided"],
            break_after_minutes=30,
        )
