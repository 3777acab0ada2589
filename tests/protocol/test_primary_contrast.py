"""The primary contrast of a study with three or more arms, named before cases are assigned."""

from __future__ import annotations

import importlib

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from studies.errors import StudyError
from studies.protocol.design import change_study
from studies.protocol.models import Study
from studies.readers.forms import StudyForm
from studies.reports.document.summary.study import expected_comparison
from studies.reports.summaries.study import summarise_study
from studies.sessions.assignment.readiness import list_requirements
from tests.make import Cast
from tests.protocol.test_designs import THREE, form_data

pytestmark = pytest.mark.django_db


def contrast_of(study: Study) -> tuple[str, str] | None:
    study.refresh_from_db()
    return study.primary_contrast


def test_most_minus_least_assistance_is_stored_unless_the_protocol_names_another(cast):
    study = change_study(study=cast.study, actor=cast.coordinator, arms=THREE)
    assert contrast_of(study) == ("measured", "unguided")
    named = {"primary_arm": "guided", "comparator_arm": "unguided"}
    study = change_study(study=study, actor=cast.coordinator, arms=THREE, **named)
    assert contrast_of(study) == ("guided", "unguided")
    # Another change keeps it, and two arms need none.
    study = change_study(study=study, actor=cast.coordinator, arms=THREE, washout_days=7)
    assert contrast_of(study) == ("guided", "unguided")
    study = change_study(study=study, actor=cast.coordinator, arms=THREE[:2])
    assert contrast_of(study) is None


def test_corrected_guides_count_as_more_assistance_than_those_of_the_network(cast):
    arms = ["guided corrected", "unguided", "guided"]
    study = change_study(study=cast.study, actor=cast.coordinator, arms=arms)
    assert contrast_of(study) == ("guided corrected", "unguided")


@pytest.mark.parametrize(
    ("contrast", "message"),
    [
        (("guided", ""), "compares two different arms"),
        (("guided", "guided"), "compares two different arms"),
        (("guided measured", "unguided"), "has no arm “Guided, measured”"),
    ],
)
def test_contrast_that_is_not_one_of_the_study_is_refused(cast, contrast, message):
    named = dict(zip(("primary_arm", "comparator_arm"), contrast, strict=True))
    errors = StudyForm(form_data(arms=THREE, **named)).errors
    assert message in errors["primary_arm"][0]
    with pytest.raises(ValidationError, match=message):
        change_study(study=cast.study, actor=cast.coordinator, arms=THREE, **named)


def test_form_proposes_the_default_and_stores_the_selected_contrast(client_of, cast):
    client = client_of(cast.coordinator)
    address = f"/studies/{cast.study.slug}/setup"
    page = client.get(address).content.decode()
    assert "arm with most assistance (default)" in page
    data = form_data(arms=THREE, primary_arm="guided", comparator_arm="measured")
    assert client.post(address, data, format="multipart").status_code == 302
    assert contrast_of(cast.study) == ("guided", "measured")
    overview = client.get(f"/studies/{cast.study.slug}/").content.decode()
    assert "guided minus measured" in overview


def test_contrast_is_stated_before_assignment_and_cannot_be_changed_afterwards():
    cast = Cast(arms=THREE, primary_arm="guided", comparator_arm="unguided")
    texts = [requirement.text for requirement in list_requirements(cast.study)]
    assert "Primary contrast: guided minus unguided." in texts
    cast.assign_cases(1)
    with pytest.raises(StudyError, match="Cases have been assigned"):
        change_study(
            study=cast.study, actor=cast.coordinator, arms=THREE,
            primary_arm="measured", comparator_arm="unguided",
        )  # fmt: skip


def test_report_compares_the_arms_that_the_protocol_names():
    cast = Cast(arms=THREE, primary_arm="guided", comparator_arm="unguided")
    summary = summarise_study(cast.study, snapshot_at=cast.study.created_at, data_hash="")
    assert expected_comparison(summary) == ("guided", "unguided")


def test_contrast_of_one_arm_is_impossible_in_the_database(cast):
    with pytest.raises(IntegrityError), transaction.atomic():
        Study.objects.filter(pk=cast.study.pk).update(primary_arm="guided")


def test_studies_from_before_keep_the_contrast_of_their_reports(cast):
    study = change_study(study=cast.study, actor=cast.coordinator, arms=THREE)
    Study.objects.filter(pk=study.pk).update(primary_arm="", comparator_arm="")
    migration = importlib.import_module("studies.protocol.migrations.0020_primary_contrast")
    migration.name_contrasts(apps, None)
    assert contrast_of(study) == ("measured", "unguided")
    assert contrast_of(cast.outside_study) is None
