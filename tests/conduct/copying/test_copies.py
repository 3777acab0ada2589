"""A new draft study from the design and selected parts of another one."""

from __future__ import annotations

import pytest
from django.core.files.base import ContentFile

from studies.audit.models import Event
from studies.cases.models import Case
from studies.conduct.copying.copies import Part, People, copy_study
from studies.errors import NotAllowed, StudyError
from studies.practice.certification import set_certification
from studies.practice.instructions.versions import (
    current_instructions,
    pictures_address,
    save_instructions,
)
from studies.practice.models import CertificationRules, InstructionPicture, PracticeCase
from studies.practice.practice_set import add_case, add_phantoms
from studies.practice.refreshers.rules import set_refreshers
from studies.readers.access import get_membership
from studies.readers.invitations import accept_invitation
from studies.readers.members import set_active
from studies.readers.models import Membership
from studies.reports.details.versions import FIELDS, change_details, current_details
from studies.storage.files import read_stored
from tests.cases.landmarks.corrected_arms import CORRECTED_ARMS
from tests.make import Cast, make_case, make_user

pytestmark = pytest.mark.django_db
DESIGN = {
    "arms": CORRECTED_ARMS,
    "readers_per_case": 1,
    "hidden_repeats": 2,
    "repeat_after_readings": 4,
    "washout_days": 14,
    "high_from": 7,
    "anterior_side": "left",
    "minimum_image_px": 640,
    "description": "Do corrections help?",
}


def copy(cast: Cast, *parts: Part, people: People = People.NONE, by=None):
    by = by or cast.coordinator
    source = get_membership(by, cast.study.slug)
    return copy_study(source=source, by=by, name="Second trial", parts=parts, people=people)


def test_copy_is_a_draft_with_the_design_and_a_new_seed():
    cast = Cast(**DESIGN)
    cast.study.refresh_from_db()
    study = copy(cast).study
    assert (study.name, study.state, study.opened_at) == ("Second trial", "draft", None)
    for name in ("readers_per_case", "hidden_repeats", "washout_days", "high_from", "description"):
        assert getattr(study, name) == DESIGN[name]
    assert {arm.code for arm in study.arms.all()} == set(CORRECTED_ARMS)
    assert study.primary_contrast == cast.study.primary_contrast
    assert study.seed != cast.study.seed and bytes(study.key) != bytes(cast.study.key)
    members = list(study.memberships.values_list("user", "role"))
    assert members == [(cast.coordinator.pk, "coordinator")]
    assert not study.sites.exists() and current_instructions(study) is None


def test_share_of_hidden_repeats_is_copied():
    cast = Cast(**DESIGN | {"hidden_repeats": 0, "hidden_repeat_share": 12})
    study = copy(cast).study
    assert (study.hidden_repeats, study.hidden_repeat_share) == (0, 12)


def test_display_options_are_copied_only_if_selected():
    cast = Cast(**DESIGN)
    without, with_display = copy(cast).study, copy(cast, Part.DISPLAY).study
    assert (without.anterior_side, without.minimum_image_px) == ("", 500)
    assert (with_display.anterior_side, with_display.minimum_image_px) == ("left", 640)


def test_cases_and_readings_are_never_copied(cast):
    cast.assign_cases(2)
    study = copy(cast, *Part, people=People.MEMBERS).study
    assert not Case.objects.filter(study=study).exists()
    assert not study.reading_lists.exists()
    assert {site.code for site in study.sites.all()} == {"A", "B"}


def test_members_keep_role_and_site_but_inactive_ones_stay_behind(cast):
    set_active(membership=cast.other_reader, active=False, by=cast.coordinator)
    study = copy(cast, Part.SITES, people=People.MEMBERS).study
    rows = Membership.objects.filter(study=study).values_list(
        "user__username", "role", "site__code", "label"
    )
    assert set(rows) == {
        ("clara", "coordinator", None, "CO01"),
        ("sita", "coordinator", "A", "CO02"),
        ("rita", "reader", "A", "R01"),
        ("stan", "statistician", None, "S01"),
    }


def test_invitations_name_the_person_and_work_once(cast):
    copied = copy(cast, Part.SITES, people=People.INVITATIONS)
    assert copied.study.memberships.count() == 1
    names = {(entry.name, entry.role, entry.site) for entry in copied.invitations}
    assert ("rita", "Reader", "Hospital A") in names and len(names) == 4
    token = next(entry.token for entry in copied.invitations if entry.name == "rita")
    membership = accept_invitation(token=token, user=cast.reader.user)
    assert (membership.study, membership.site.code) == (copied.study, "A")


def test_people_need_the_sites_that_they_belong_to(cast):
    with pytest.raises(StudyError, match="To copy people, select the sites as well"):
        copy(cast, people=People.MEMBERS)


def test_instructions_are_copied_with_the_pictures_that_they_show(cast):
    pictures = []
    for content in (b"shown", b"not shown"):
        picture = InstructionPicture(
            study=cast.study, width=8, height=8, confirmed_by=cast.coordinator
        )
        picture.file.save("picture.png", ContentFile(content), save=False)
        picture.save()
        pictures.append(picture)
    address = f"{pictures_address(cast.study)}{pictures[0].pk}"
    texts = {"guided": f"![L1]({address})"}
    for text in ("First.", "Read this."):
        save_instructions(study=cast.study, by=cast.coordinator, text=text, arm_texts=texts)
    study = copy(cast, Part.INSTRUCTIONS).study
    copied = current_instructions(study)
    assert (copied.version, copied.text) == (1, "Read this.")
    picture = study.instruction_pictures.get()
    assert copied.arm_texts == {"guided": f"![L1]({pictures_address(study)}{picture.pk})"}
    assert read_stored(picture.file) == b"shown" and picture.file.name != pictures[0].file.name


def test_practice_set_is_copied_without_cases_of_the_study(cast):
    add_phantoms(study=cast.study, by=cast.coordinator, number=3)
    grades = dict(PracticeCase.objects.filter(study=cast.study).first().grades)
    case = make_case(cast.study, cast.site)
    add_case(case=case, by=cast.coordinator, grades=grades, source="panel")
    rules = {"measure": "kappa", "threshold": 0.6, "attempts": 2}
    set_certification(study=cast.study, by=cast.coordinator, required=True, cases=3, **rules)
    set_refreshers(study=cast.study, by=cast.coordinator, interval=10, cases=2)
    cast.study.refresh_from_db()
    study = copy(cast, Part.PRACTICE).study
    seeds = [set(s.practice_cases.values_list("seed", flat=True)) for s in (cast.study, study)]
    assert seeds[1] == seeds[0] - {None}
    assert (study.certification_required, study.refresher_interval) == (True, 10)
    assert CertificationRules.objects.get(study=study).threshold == 0.6
    # Four cases per attempt are more than the three phantoms.
    set_certification(study=cast.study, by=cast.coordinator, required=True, cases=4, **rules)
    cast.study.refresh_from_db()
    other = copy(cast, Part.PRACTICE).study
    assert not other.certification_required
    assert CertificationRules.objects.get(study=other).cases == 4


def test_report_details_are_copied(cast):
    texts = {name: f"text of {name}" for name in FIELDS}
    change_details(study=cast.study, by=cast.coordinator, version=0, texts=texts)
    details = current_details(copy(cast, Part.DETAILS).study)
    assert details.version == 1 and {name: getattr(details, name) for name in FIELDS} == texts


def test_copy_is_recorded_with_its_parts(cast):
    study = copy(cast, Part.SITES, Part.DISPLAY, people=People.MEMBERS).study
    event = Event.objects.get(action="study.copied")
    assert (event.study, event.subject) == (study.slug, cast.study.slug)
    assert event.data["parts"] == ["display options", "sites"]
    assert event.data["people"] == "added as members"
    # The log of the source states it, too.
    in_source = Event.objects.get(action="study.copy_made")
    assert (in_source.study, in_source.data["people"]) == (cast.study.slug, "added as members")


def test_copy_of_a_locked_study_is_a_draft(cast):
    cast.study.state, cast.study.locked_at = "locked", cast.study.created_at
    cast.study.save()
    assert copy(cast, Part.SITES).study.state == "draft"


def test_statistician_copies_the_design_but_not_the_people(cast):
    cast.statistician.may_create_studies = True
    cast.statistician.save()
    study = copy(cast, Part.SITES, by=cast.statistician).study
    assert study.memberships.get().user == cast.statistician
    with pytest.raises(NotAllowed, match="Only a coordinator can copy the people"):
        copy(cast, Part.SITES, people=People.MEMBERS, by=cast.statistician)
    # Statisticians cannot see these in the study, so a copy must not show them either.
    for part in (Part.INSTRUCTIONS, Part.PRACTICE):
        with pytest.raises(NotAllowed, match="instructions or the practice set"):
            copy(cast, Part.SITES, part, by=cast.statistician)


def test_failed_copy_leaves_nothing_behind(cast):
    studies = set(type(cast.study).objects.values_list("pk", flat=True))
    make_user("nobody")
    cast.coordinator.may_create_studies = False
    cast.coordinator.save()
    with pytest.raises(NotAllowed, match="may not create studies"):
        copy(cast, Part.SITES)
    assert set(type(cast.study).objects.values_list("pk", flat=True)) == studies
