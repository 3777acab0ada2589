"""The form of a study's design."""

from __future__ import annotations

import pytest

from studies.readers.forms import StudyForm

pytestmark = pytest.mark.django_db


def test_form_states_the_default_of_every_option():
    form = StudyForm()
    assert ("never", "never (default)") in form.fields["revision_rule"].choices
    assert ("", "as acquired (default)") in form.fields["anterior_side"].choices
    assert (8, "8 of 255 grey levels") in form.fields["display_contrast"].choices
    assert form.fields["washout_days"].help_text.endswith("Default:\u00a028.")
    assert "Default" not in form.fields["seed"].help_text


def test_options_are_grouped_under_headings(client, cast):
    client.force_login(cast.coordinator)
    page = client.get("/studies/new").content.decode()
    groups = page.split("<h2>")[1:]
    names = [group.split("</h2>")[0] for group in groups]
    assert names == [
        "Arms and assignment",
        "Scores and analysis",
        "Reading",
        "Display",
        "Adjudication",
    ]
    fields = ("seed", "scores", "revision_rule", "display_check", "adjudicator_scores")
    for group, field in zip(groups, fields, strict=True):
        assert f'name="{field}"' in group
