import pytest
from django.core.exceptions import ValidationError

from studies.errors import Conflict, NotAllowed
from studies.protocol.design import add_site, change_study, remove_site
from studies.readers.models import Membership
from studies.readers.study_creation import create_study_with_coordinator
from studies.sessions.study_lifecycle import lock_study
from tests.make import make_site, make_user

pytestmark = pytest.mark.django_db
BOTH = ["unguided", "guided"]


def test_founder_coordinates_the_new_study(cast):
    assert Membership.objects.get(user=cast.coordinator, study=cast.study).role == "coordinator"


def test_account_without_the_right_makes_no_study(db):
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
def test_impossible_design_is_refused(cast, design):
    with pytest.raises(ValidationError):
        change_study(study=cast.study, actor=cast.coordinator, arms=BOTH, **design)


def test_design_is_frozen_once_lists_are_dealt_but_the_name_is_not(cast):
    cast.deal()
    change_study(study=cast.study, actor=cast.coordinator, arms=BOTH, name="Better name")
    with pytest.raises(Conflict, match="Lists are dealt"):
        change_study(study=cast.study, actor=cast.coordinator, arms=BOTH, washout_days=0)
    with pytest.raises(Conflict, match="Lists are dealt"):
        change_study(study=cast.study, actor=cast.coordinator, arms=["guided"])


def test_site_with_people_stays(cast):
    with pytest.raises(Conflict, match="has people or cases"):
        remove_site(site=cast.site, actor=cast.coordinator)


def test_site_code_stands_once(cast):
    with pytest.raises(ValidationError):
        add_site(study=cast.study, actor=cast.coordinator, code="A", name="Again")


def test_sites_of_a_locked_study_stay(cast):
    empty = make_site(cast.study, "EMPTY")
    cast.deal()
    lock_study(study=cast.study, by=cast.coordinator)
    with pytest.raises(Conflict, match="The study is locked"):
        add_site(study=cast.study, actor=cast.coordinator, code="C", name="Late")
    with pytest.raises(Conflict, match="The study is locked"):
        remove_site(site=empty, actor=cast.coordinator)
    assert set(cast.study.sites.values_list("code", flat=True)) == {"A", "B", "EMPTY"}
