"""Creating a study, and until when its design and sites can be changed."""

import importlib

import pytest
from django.core.exceptions import ValidationError

from studies.errors import Conflict, NotAllowed
from studies.protocol.design import add_site, change_study, remove_site
from studies.readers.forms import StudyForm
from studies.readers.members import create_study_with_coordinator
from studies.readers.models import Membership
from studies.sessions.study_lifecycle import lock_study
from tests.make import make_site, make_user

pytestmark = pytest.mark.django_db
BOTH = ["unguided", "guided"]


def test_creator_coordinates_the_new_study(cast):
    assert Membership.objects.get(user=cast.coordinator, study=cast.study).role == "coordinator"


def test_account_without_the_right_creates_no_study(db):
    with pytest.raises(NotAllowed):
        create_study_with_coordinator(by=make_user("otto"), arms=BOTH, name="My study")


def test_two_studies_of_one_name_get_two_addresses(cast):
    again = create_study_with_coordinator(by=cast.coordinator, arms=BOTH, name=cast.study.name)
    assert (cast.study.slug, again.slug) == ("guides-trial", "guides-trial-2")


def test_study_called_new_does_not_hide_the_page_of_that_address(cast):
    assert create_study_with_coordinator(by=cast.coordinator, arms=BOTH, name="New").slug == "new-2"


@pytest.mark.parametrize(
    "design", [{"moderate_from": 6, "high_from": 6}, {"readers_per_case": 0}, {"high_from": 25}]
)
def test_invalid_design_is_rejected(cast, design):
    with pytest.raises(ValidationError):
        change_study(study=cast.study, actor=cast.coordinator, arms=BOTH, **design)


def test_design_is_frozen_once_cases_are_assigned_but_the_name_is_not(cast):
    cast.assign_cases()
    renamed = {"name": "Better name", "reason": "Shorter"}
    change_study(study=cast.study, actor=cast.coordinator, arms=BOTH, **renamed)
    with pytest.raises(Conflict, match="Cases have been assigned"):
        change_study(study=cast.study, actor=cast.coordinator, arms=BOTH, washout_days=0)
    with pytest.raises(Conflict, match="Cases have been assigned"):
        change_study(study=cast.study, actor=cast.coordinator, arms=BOTH, primary_interval="delta")
    with pytest.raises(Conflict, match="Cases have been assigned"):
        change_study(study=cast.study, actor=cast.coordinator, arms=["guided"])


def test_new_study_gets_the_expanded_interval_and_a_form_without_it_keeps_the_present_one(cast):
    assert cast.study.primary_interval == "expanded"
    cast.study.primary_interval = "bca"
    cast.study.save()
    form = StudyForm({"name": "Older form", "arms": BOTH}, instance=cast.study)
    form.is_valid()
    assert form.cleaned_data["primary_interval"] == "bca"


def test_studies_from_before_the_option_keep_the_delta_method():
    migration = importlib.import_module("studies.protocol.migrations.0022_primary_interval")
    added, altered = migration.Migration.operations
    assert (added.field.default, altered.field.default) == ("delta", "expanded")


@pytest.mark.parametrize(
    "arms",
    [["measured", "guided"], ["guided measured", "measured"], ["guided", "guided corrected"]],
)
def test_study_pairs_any_two_kinds_of_arm(cast, arms):
    change_study(study=cast.study, actor=cast.coordinator, arms=arms)
    stored = {arm.code: (arm.guides, arm.measured) for arm in cast.study.arms.all()}
    kinds = {"measured": (False, True), "guided": (True, False), "guided measured": (True, True)}
    kinds["guided corrected"] = (True, False)
    assert stored == {arm: kinds[arm] for arm in arms}


def test_site_with_members_cannot_be_removed(cast):
    with pytest.raises(Conflict, match="has members or cases"):
        remove_site(site=cast.site, actor=cast.coordinator)


def test_site_code_is_unique(cast):
    with pytest.raises(ValidationError):
        add_site(study=cast.study, actor=cast.coordinator, code="A", name="Again")


def test_sites_of_a_locked_study_cannot_be_changed(cast):
    empty = make_site(cast.study, "EMPTY")
    cast.assign_cases()
    lock_study(study=cast.study, by=cast.coordinator)
    with pytest.raises(Conflict, match="The study is locked"):
        add_site(study=cast.study, actor=cast.coordinator, code="C", name="Late")
    with pytest.raises(Conflict, match="The study is locked"):
        remove_site(site=empty, actor=cast.coordinator)
    assert set(cast.study.sites.values_list("code", flat=True)) == {"A", "B", "EMPTY"}
