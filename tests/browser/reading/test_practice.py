"""A reader's way in a real browser: instructions, failed certification, passed, first case."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect

from studies.practice.certification import set_certification
from studies.practice.instructions.versions import save_instructions
from studies.practice.phantoms import practice_phantom
from studies.practice.practice_set import add_phantoms
from studies.readers.models import User
from studies.sessions.study_lifecycle import assign_cases, open_study
from tests.browser.people import new_page, save_screenshot
from tests.make import PASSWORD, make_case, make_reader, make_site, make_study

Grades = dict[str, int]
INSTRUCTIONS = "# Before you start\n\nScore **all** eight cells."
ARM_TEXTS = {"guided": "The guides may be wrong.", "unguided": "There are no guides."}


@dataclass(frozen=True)
class PracticeStudy:
    """A study that requires a certification; ``grades`` are found by the size of the image."""

    slug: str
    grades: dict[tuple[int, int], Grades]


@pytest.fixture
def practice_study(server: str) -> PracticeStudy:
    clara = User.objects.get(username="clara")
    study = make_study(clara)
    site = make_site(study)
    for name in ("rita", "rolf"):
        make_reader(study, site, name)
    for _ in range(2):
        make_case(study, site)
    save_instructions(study=study, by=clara, text=INSTRUCTIONS, arm_texts=ARM_TEXTS)
    practice_set = add_phantoms(study=study, by=clara, number=2)
    set_certification(
        study=study, by=clara, required=True, measure="kappa", threshold=0.7, cases=2, attempts=2
    )
    assign_cases(study=study, by=clara)
    open_study(study=study, by=clara)
    grades = {}
    for case in practice_set:
        image = practice_phantom(case.seed).image
        grades[image["width"], image["height"]] = case.grades
    assert len(grades) == 2
    return PracticeStudy(study.slug, grades)


@pytest.mark.slow
def test_reader_reads_the_instructions_fails_passes_and_reads_the_first_case(
    server: str, practice_study: PracticeStudy, browser: Browser
) -> None:
    page = sign_in(new_page(browser, server), "rita")
    expect(page.get_by_text("This study requires certification.")).to_be_visible()
    page.get_by_role("button", name="Go to certification").click()
    expect(page.get_by_text("You have 2 of 2 attempts left.")).to_be_visible()
    save_screenshot(page, "practice-reader")

    page.get_by_role("button", name="Start certification").click()
    acknowledge_instructions(page)
    for number in (1, 2):
        score_case(page, practice_study, number, wrong=True)
        feedback = page.locator(".feedback")
        expect(feedback).to_contain_text("cells agree with the reference grades")
        expect(feedback.locator("td.differs").first).to_contain_text("reference")
        save_screenshot(page, f"practice-feedback-{number}")
        page.keyboard.press("Control+Enter")
    expect(page.locator(".status-screen")).to_contain_text("Not passed.")
    save_screenshot(page, "practice-result")

    page.get_by_role("button", name="Go to practice").click()
    expect(page.get_by_text("You have 1 of 2 attempts left.")).to_be_visible()
    page.get_by_role("button", name="Start certification").click()
    for number in (1, 2):
        score_case(page, practice_study, number, wrong=False)
        feedback = page.locator(".feedback")
        expect(feedback).to_contain_text("All 8 cells agree")
        if number == 1:
            check_plaques(page)
        feedback.locator("button.primary").click()
    expect(page.locator(".status-screen")).to_contain_text("Passed.")

    page.goto("/")
    page.get_by_role("button", name="Start reading").click()
    # The instructions of the same arm were acknowledged before the practice.
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading")).to_have_text("Period 1 of 2 begins")
    dialog.get_by_role("button", name="Start period 1").click()
    expect(page.locator(".count")).to_have_text("1 of 4")
    expect(page.locator(".status-screen")).to_be_hidden()
    page.keyboard.press("h")
    expect(dialog).to_be_visible()
    dialog.get_by_role("tab", name="Scoring guide").click()
    expect(dialog.get_by_text("Mimics of aortic calcification")).to_be_visible()
    expect(dialog.locator("img").first).to_have_js_property("complete", True)
    assert dialog.locator("img").first.evaluate("image => image.naturalWidth") == 604
    save_screenshot(page, "practice-guide")
    page.keyboard.press("h")
    expect(dialog).to_have_count(0)

    coordinator = sign_in(new_page(browser, server), "clara")
    coordinator.goto(f"/studies/{practice_study.slug}/progress")
    row = coordinator.locator("#training tr", has_text="R01")
    expect(row).to_contain_text("Study: version 1")
    expect(row).to_contain_text("1 of 2:")
    expect(row).to_contain_text("2 of 2: 1.00, passed")
    save_screenshot(coordinator, "practice-progress")
    for path, name in (("practice/setup", "setup"), ("instructions", "instructions")):
        coordinator.goto(f"/studies/{practice_study.slug}/{path}")
        save_screenshot(coordinator, f"practice-{name}")


def sign_in(page: Page, username: str) -> Page:
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="My studies")).to_be_visible()
    return page


def acknowledge_instructions(page: Page) -> None:
    """Read both parts; the image is not shown, and Escape is no way around."""
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading", name="Please read: Study instructions")).to_be_visible()
    expect(dialog.get_by_role("heading", name="Before you start")).to_be_visible()
    save_screenshot(page, "practice-acknowledge")
    page.keyboard.press("Escape")
    expect(dialog).to_be_visible()
    assert page.locator(".room-viewer canvas:not(.magnifier)").count() == 0
    dialog.get_by_role("button", name="I have read this").click()
    title = re.compile(r"Please read: (Guided|Unguided) arm")
    expect(dialog.get_by_role("heading", name=title)).to_be_visible()
    dialog.get_by_role("button", name="I have read this").click()
    expect(dialog).to_have_count(0)


def score_case(page: Page, study: PracticeStudy, number: int, *, wrong: bool) -> None:
    """Score one practice case as the reference standard does, or far from it, and submit it."""
    expect(page.locator(".count")).to_have_text(f"{number} of 2")
    expect(page.locator(".status-screen")).to_be_hidden()
    expect(page.locator(".pad-cell.filled")).to_have_count(0)
    practice_round = page.url.rsplit("/", 1)[-1]
    image = page.request.get(f"/api/v1/practice/rounds/{practice_round}").json()["current"]["image"]
    grades = study.grades[image["width"], image["height"]]
    for filled in range(1, 9):
        label = page.locator(".pad-cell.current").get_attribute("aria-label") or ""
        grade = grades[label.split(":")[0].replace(" ", "_")]
        page.keyboard.press(str((grade + 2) % 4 if wrong else grade))
        expect(page.locator(".pad-cell.filled")).to_have_count(filled)
    if number == 1 and not wrong:
        save_screenshot(page, "practice-room")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".feedback")).to_be_visible()


def check_plaques(page: Page) -> None:
    """The plaques can be hidden, and a score key changes nothing any more."""
    plaque = page.locator(".viewer .plaque").first
    hide = page.get_by_role("button", name="Hide plaques")
    if hide.count():
        expect(plaque).to_be_attached()
        hide.click()
        expect(page.locator(".viewer .plaque")).to_have_count(0)
        page.get_by_role("button", name="Show plaques").click()
        expect(plaque).to_be_attached()
    page.keyboard.press("3")
    expect(page.locator(".feedback")).to_contain_text("All 8 cells agree")
