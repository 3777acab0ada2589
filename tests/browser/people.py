"""Actions of coordinators and readers in the browser."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Error, Page, expect

from tests.browser.conftest import TIMEOUT_MS
from tests.browser.slow import slow_down
from tests.make import PASSWORD

Scores = dict[str, int]
Lines = list[list[float]]


def new_page(browser: Browser, address: str, **options: Any) -> Page:
    """Return a sign-in page in a separate browser context for one person."""
    context = browser.new_context(
        base_url=address, viewport={"width": 1366, "height": 768}, accept_downloads=True, **options
    )
    context.set_default_timeout(TIMEOUT_MS)
    context.set_default_navigation_timeout(TIMEOUT_MS)
    expect.set_options(timeout=TIMEOUT_MS)
    slow_down(context)
    page = context.new_page()
    _open_when_up(page, "/accounts/login/")
    return page


def _open_when_up(page: Page, path: str) -> None:
    deadline = time.monotonic() + TIMEOUT_MS / 1000
    while True:
        try:
            page.goto(path)
            return
        except Error:
            assert time.monotonic() < deadline, "the web server did not start"
            time.sleep(0.3)


def pass_announcement(page: Page) -> None:
    """Wait for a case in the reading room, and acknowledge a change of period if announced."""
    start = page.get_by_role("button", name=re.compile(r"^(Start|Continue) period \d$"))
    shown = page.locator(".status-screen[hidden]")
    expect(start.or_(shown).first).to_be_attached()
    if start.count():
        start.click()
        expect(start).to_have_count(0)


def save_screenshot(page: Page, name: str) -> None:
    """Save a screenshot if VERTEREAD_SCREENSHOTS names a folder for it."""
    folder = os.environ.get("VERTEREAD_SCREENSHOTS")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png")


def drawn_guides(page: Page) -> Lines:
    """Return the 13 lines on the image of the page, in image pixels rounded to six digits."""
    lines = page.locator(".guide-line")
    expect(lines).to_have_count(13)
    points: list[str] = lines.evaluate_all("all => all.map(e => e.getAttribute('points'))")
    return [
        [round(float(number), 6) for number in line.replace(",", " ").split()] for line in points
    ]


class Coordinator:
    """A coordinator with a study."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.slug = ""

    def sign_in(self, username: str) -> None:
        self.page.get_by_label("Username").fill(username)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in").click()
        expect(self.page.get_by_role("heading", name="My studies")).to_be_visible()

    def create_study(self, name: str, *, more_arms: Sequence[str] = ()) -> None:
        """Create a study of the arms unguided and guided, and others by their codes."""
        self.page.goto("/studies/new")
        self.page.locator("[name=name]").fill(name)
        for arm in more_arms:
            self.page.locator(f"[name=arms][value='{arm}']").check()
        self.page.locator("[name=washout_days]").fill("0")
        self.page.locator("[name=readers_per_case]").fill("2")
        self.page.get_by_role("button", name="Create study").click()
        self.page.wait_for_url("**/setup")
        self.slug = self.page.url.split("/")[-2]

    def add_site(self, code: str, name: str) -> None:
        sites = self.page.locator("#sites")
        sites.locator("[name=code]").fill(code)
        sites.locator("[name=name]").fill(name)
        sites.get_by_role("button", name="Add site").click()
        expect(self.page.locator("#sites table")).to_contain_text(name)

    def invite_reader(self, site: str) -> str:
        """Create an invitation and return its link."""
        self.page.goto(f"/studies/{self.slug}/people")
        self.page.locator("[name=role]").select_option("reader")
        self.page.locator("[name=site]").select_option(label=site)
        self.page.get_by_role("button", name="Create invitation link").click()
        return self.page.get_by_label("Invitation link").input_value()

    def upload(self, files: list[Path], *, pending: int, rejected: int) -> None:
        self.page.goto(f"/studies/{self.slug}/upload")
        self.page.locator("#files").set_input_files(files)
        text = f"0 added, {pending} pending review, 0 already in the study, {rejected} not added"
        expect(self.page.locator("#upload")).to_contain_text(text)

    def open_review(self) -> None:
        self.page.goto(f"/studies/{self.slug}/deidentification")
        expect(self.page.get_by_role("button", name="Release image")).to_be_enabled()

    def release_pending(self, count: int) -> None:
        """Review each image at full size and release it."""
        self.open_review()
        for left in range(count - 1, -1, -1):
            button = self.page.get_by_role("button", name="Release image")
            expect(button).to_be_enabled()
            button.click()
            text = {0: "No images are pending.", 1: "1 image is pending."}
            expect(self.page.locator("#deidentification")).to_contain_text(
                text.get(left, f"{left} images are pending.")
            )

    def wait_for_analysis(self) -> list[dict[str, Any]]:
        deadline = time.monotonic() + TIMEOUT_MS / 1000
        while True:
            answer = self.page.request.get(f"/api/v1/studies/{self.slug}/cases").json()
            cases: list[dict[str, Any]] = answer["results"]
            if all(case["state"] not in {"received", "analysing"} for case in cases):
                return cases
            assert time.monotonic() < deadline, f"not analysed: {cases}"
            time.sleep(0.5)

    def accept_level_labels(self, cases: list[dict[str, Any]]) -> None:
        for case in cases:
            if case["level_uncertainty"] is not None and not case["level_uncertainty"]["accepted"]:
                self.page.goto(f"/cases/{case['id']}")
                button = self.page.get_by_role("button", name="Accept level labels")
                button.click()
                expect(button).to_have_count(0)

    def case(self, case_id: str) -> dict[str, Any]:
        case: dict[str, Any] = self.page.request.get(f"/api/v1/cases/{case_id}").json()
        return case

    def start_correction(self, case_id: str) -> None:
        self.page.goto(f"/cases/{case_id}")
        self.page.get_by_role("button", name="Correct corners").click()
        expect(self.page.get_by_role("button", name="Save", exact=True)).to_be_disabled()

    def drag_corner(self, name: str, dx: float, dy: float) -> None:
        box = self.page.get_by_role("button", name=name).bounding_box()
        assert box is not None
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        self.page.mouse.move(x + dx, y + dy, steps=4)
        self.page.mouse.up()

    def confirm_corners(self, case_id: str) -> None:
        self.page.goto(f"/cases/{case_id}")
        self._click_and_confirm("Confirm corners")
        expect(self.page.get_by_text("Saved and recorded in the audit trail.")).to_be_visible()

    def drawn_guides(self) -> Lines:
        return drawn_guides(self.page)

    def save_corners(self, *, version: int) -> None:
        self.page.get_by_role("button", name="Save", exact=True).click()
        expect(self.page.get_by_text(f"Saved as version {version}")).to_be_visible()

    def assign_and_open(self) -> None:
        self.page.goto(f"/studies/{self.slug}/assignment")
        self._click_and_confirm("Assign cases")
        self.page.get_by_role("button", name="Open study").click()
        expect(self.page.locator(".page-head .badge")).to_have_text(re.compile("open", re.I))

    def lock(self) -> None:
        self.page.goto(f"/studies/{self.slug}/assignment")
        self._click_and_confirm("Lock study")
        expect(self.page.locator(".page-head .badge")).to_have_text(re.compile("locked", re.I))

    def download_report(self, folder: Path) -> bytes:
        self.page.goto(f"/studies/{self.slug}/downloads")
        self.page.get_by_role("button", name="Create report").click()
        link = self.page.get_by_role("link", name=re.compile(r"Report of .*PDF"))
        with self.page.expect_download() as download:
            link.click()
        path = folder / "report.pdf"
        download.value.save_as(path)
        return path.read_bytes()

    def download(self, name: str) -> bytes:
        return self.page.request.get(f"/studies/{self.slug}/downloads/{name}").body()

    def _click_and_confirm(self, name: str) -> None:
        self.page.get_by_role("button", name=name).click()
        self.page.get_by_role("dialog").get_by_role("button", name=name).click()


class Reader:
    """A reader who joins by invitation.

    ``guide_requests`` lists the guides that were fetched, and ``guides`` the lines that were drawn
    in each guided arm.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self.guide_requests: list[str] = []
        self.guides: dict[str, list[Lines]] = {}
        page.on("request", self._note_guides)

    def join(self, link: str, username: str) -> None:
        self.page.goto(link)
        self.page.locator("[name=username]").fill(username)
        self.page.locator("[name=first_name]").fill(username.title())
        for field in ("password1", "password2"):
            self.page.locator(f"[name={field}]").fill(PASSWORD)
        self.page.get_by_role("button", name="Create account and join").click()
        expect(self.page.get_by_role("heading", name="My studies")).to_be_visible()

    def start(self) -> None:
        self.page.goto("/")
        self.page.get_by_role("button", name=re.compile("(Start|Continue) reading")).click()

    def read_one(self, number: int, scores: list[int]) -> tuple[str, Scores]:
        """Score one image with nine keystrokes; return the arm and the score of each cell."""
        page = self.page
        pass_announcement(page)
        expect(page.locator(".count")).to_have_text(re.compile(rf"^{number} of \d+$"))
        expect(page.locator(".status-screen")).to_be_hidden()
        expect(page.locator(".pad-cell.filled")).to_have_count(0)
        arm = page.locator(".progress-row .badge").inner_text().lower()
        if arm.startswith("guided"):
            self.guides.setdefault(arm, []).append(drawn_guides(page))
        else:
            expect(page.locator(".guide-line")).to_have_count(0)
        scored: Scores = {}
        for filled, score in enumerate(scores, start=1):
            label = page.locator(".pad-cell.current").get_attribute("aria-label") or ""
            scored[label.split(":")[0]] = score
            page.keyboard.press(str(score))
            expect(page.locator(".pad-cell.filled")).to_have_count(filled)
        expect(page.locator(".save-status")).to_have_text("Saved")
        page.keyboard.press("Control+Enter")
        return arm, scored

    def expect_all_read(self) -> None:
        expect(self.page.get_by_role("heading", name="All cases read")).to_be_visible()

    def _note_guides(self, request: Any) -> None:
        if request.url.endswith("/guides"):
            self.guide_requests.append(request.url)
