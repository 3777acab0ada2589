"""The pages of coordinators open in Firefox without an error, and their main actions work."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from inference.phantom import generate
from inference.phantom.export import write_dicom
from studies.cases.models import Case
from studies.protocol.models import Site, Study
from studies.readers.models import User
from studies.sessions.study_lifecycle import assign_cases, lock_study, open_study
from tests.browser.firefox.room import sign_in
from tests.browser.firefox.tab import Tab, element
from tests.browser.images import make_phantom_case
from tests.make import make_case, make_reader, make_site, make_study
from tests.reports.submitted_study import submit_everything

pytestmark = pytest.mark.slow

PAGES = [
    *("", "setup", "people", "cases", "assignment", "progress", "progress/R01", "practice/setup"),
    *("instructions", "models", "agreement/pairs/kappa", "precision", "downloads"),
]


@pytest.fixture
def study(server: str, tmp_path: Path) -> Study:
    """A study that is not open yet, with one phantom and two readers."""
    study = make_study(User.objects.get(username="clara"), washout_days=0)
    site = make_site(study)
    for name in ("rita", "rolf"):
        make_reader(study, site, name)
    make_phantom_case(study, site, tmp_path, 4700, "ge_idxa")
    return study


def test_upload_page_sends_a_selected_file(study: Study, tab: Tab, tmp_path: Path) -> None:
    path = tmp_path / "phantom.dcm"
    write_dicom(generate(4711, partial=0.0, odd_count=0.0), path)
    sign_in(tab, "clara")
    tab.goto(f"/studies/{study.slug}/upload")
    tab.wait_for(f"{element('#files')} !== null")
    tab.choose_files("#files", path)
    tab.wait_for_text("#upload", "1 pending review")
    tab.save_screenshot("upload")
    tab.goto(f"/studies/{study.slug}/deidentification")
    tab.wait_for(f"{element('#deidentification canvas')} !== null")
    tab.wait_for(f"{element('#deidentification button.primary')}?.disabled === false")
    tab.save_screenshot("deidentification")


def test_landmark_review_moves_a_corner_that_is_dragged(study: Study, tab: Tab) -> None:
    case = Case.objects.get()
    sign_in(tab, "clara")
    tab.goto(f"/cases/{case.pk}")
    tab.wait_for(f"{element('button.correct:not(:disabled)')} !== null")
    tab.click("button.correct:not(:disabled)")
    corner = '[aria-label="L3 inferior anterior"]'
    # The image is fitted once it has arrived.
    tab.wait_for(f"{element(corner)}?.getBoundingClientRect().bottom < innerHeight")
    tab.wait_for_paint()
    x, y = tab.centre(corner)
    tab.drag((x, y), (x + 8, y + 6))
    tab.save_screenshot("landmarks")
    after = tab.centre(corner)
    assert after == pytest.approx((x + 8, y + 6), abs=1.5)
    tab.click(".correction button.primary")
    tab.wait_for_text("main", "Saved as version 3")


def test_agreement_page_and_the_other_pages_of_a_study_open(study: Study, tab: Tab) -> None:
    clara = User.objects.get(username="clara")
    for _ in range(8):
        make_case(study, Site.objects.get())
    assign_cases(study=study, by=clara)
    open_study(study=study, by=clara)
    submit_everything(SimpleNamespace(study=study))
    lock_study(study=study, by=clara)
    sign_in(tab, "clara")
    tab.goto(f"/studies/{study.slug}/agreement")
    tab.wait_for("[...document.images].every((image) => image.complete && image.naturalWidth > 0)")
    assert tab.count("img") > 0
    tab.save_screenshot("agreement")
    for page in PAGES:
        tab.goto(f"/studies/{study.slug}/{page}")
        assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth"), page
        tab.save_screenshot(f"page-{page.replace('/', '-') or 'overview'}")
