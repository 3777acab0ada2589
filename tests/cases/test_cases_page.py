"""The list of cases as a coordinator sees it before the cases are assigned."""

from __future__ import annotations

import pytest

from studies.cases.models import Case, Upload
from studies.sessions.study_lifecycle import lock_study
from tests.make import make_case

pytestmark = pytest.mark.django_db


def listed(cast, client_of, **filters):
    answer = client_of(cast.coordinator).get(f"/studies/{cast.study.slug}/cases", filters)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize(
    ("verdict", "words"), [("borderline", "aorta near the edge"), ("cropped", "aorta cropped")]
)
def test_cases_whose_aorta_wants_a_look_are_marked_and_can_be_listed_alone(
    cast, client_of, verdict, words
):
    wanted = make_case(cast.study, cast.site, aorta=verdict)
    others = [make_case(cast.study, cast.site, aorta=other) for other in ("ok", "unknown")]
    badge = f"{words}</span>"
    assert listed(cast, client_of).count(badge) == 1
    alone = listed(cast, client_of, state=verdict)
    assert f"<strong>{wanted.label}</strong>" in alone
    assert all(f"<strong>{case.label}</strong>" not in alone for case in others)


@pytest.mark.parametrize("verdict", ["borderline", "cropped", "unknown"])
def test_crop_check_holds_no_case(cast, verdict):
    case = make_case(cast.study, cast.site, aorta=verdict)
    assert case in Case.objects.assignable()


def test_case_that_was_excluded_is_not_listed_for_its_aorta(cast, client_of):
    case = make_case(cast.study, cast.site, aorta="borderline", state="excluded")
    assert case.label not in listed(cast, client_of, state="borderline")


def test_locked_study_offers_no_upload(cast, client_of):
    cast.assign_cases(1)
    lock_study(study=cast.study, by=cast.coordinator)
    page = client_of(cast.coordinator).get(f"/studies/{cast.study.slug}/upload").content.decode()
    assert "Images can no longer be added." in page
    assert 'id="upload"' not in page


def test_upload_page_has_the_layout_of_a_list_that_is_still_loading(cast, client_of):
    """Each coordinator lists the files that they uploaded themselves."""
    Upload.objects.create(
        study=cast.study, uploader=cast.site_coordinator, name="a.dcm", status="rejected"
    )
    path = f"/studies/{cast.study.slug}/upload"
    for user, has_uploads in ((cast.site_coordinator, True), (cast.coordinator, False)):
        assert client_of(user).get(path).context["page_data"]["has_uploads"] is has_uploads
