"""A study of phantoms, and its reading room in the browser."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
from numpy.typing import NDArray
from playwright.sync_api import Page, expect

from studies.protocol.models import Study
from studies.readers.models import User
from studies.sessions.study_lifecycle import assign_cases, open_study
from tests.browser.images import make_phantom_case
from tests.browser.people import pass_announcement
from tests.browser.reading.test_unsent import save_status
from tests.make import acknowledge_first_period, make_reader, make_site, make_study

CASES = 2
PHANTOMS = 3
PAINTED = """() => new Promise((done) => {
    requestAnimationFrame(() => requestAnimationFrame(done));
})"""
IN_VIEW = """(element) => {
    const box = element.getBoundingClientRect();
    const [x, y] = [box.left + Math.min(20, box.width / 2), box.top + box.height / 2];
    const inside = box.top >= 0 && box.bottom <= innerHeight && box.right <= innerWidth;
    return inside && element.contains(document.elementFromPoint(x, y));
}"""
Pixels = NDArray[np.uint8]


def open_phantom_study(folder: Path, *, cases: int = CASES, **design: Any) -> Study:
    """Return an open study of phantoms with two readers, created before the browser runs."""
    clara = User.objects.get(username="clara")
    study = make_study(clara, washout_days=0, **design)
    site = make_site(study)
    for name in ("rita", "rolf"):
        make_reader(study, site, name)
    # Neighbours differ; generating a phantom takes longer than reading it.
    for number in range(cases):
        make_phantom_case(study, site, folder, 4700 + number % PHANTOMS, "ge_idxa")
    assign_cases(study=study, by=clara)
    acknowledge_first_period(study)
    return open_study(study=study, by=clara)


def wait_until(page: Page, condition: str) -> None:
    """Wait for a condition in the page, whose CSP forbids the way of wait_for_function."""
    for _ in range(200):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(50)
    raise AssertionError(condition)


@dataclass
class Room:
    """The reading room of one reader; ``views`` lists the view states that were sent."""

    page: Page
    study: Study
    views: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("request", self._note_view)

    def enter(self) -> None:
        self.page.goto(f"/studies/{self.study.slug}/read")
        self.wait_for_image()

    def wait_for_image(self) -> None:
        pass_announcement(self.page)
        expect(self.page.locator(".status-screen")).to_be_hidden()
        expect(self.page.locator(".pad-cell.filled")).to_have_count(0)
        expect(save_status(self.page)).to_have_text("Saved")

    @property
    def arm(self) -> str:
        return self.page.locator(".progress-row .badge").inner_text().lower()

    def case_code(self) -> str:
        """Return a code of the case, made from its pixels; readers get no other."""
        api = "/api/v1"
        current = self.page.request.get(f"{api}/studies/{self.study.slug}/reading").json()
        pixels = self.page.request.get(f"{api}/readings/{current['current']['id']}/pixels")
        return hashlib.sha256(pixels.body()).hexdigest()

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def image(self) -> Pixels:
        """Return what the image pane shows."""
        self.page.evaluate(PAINTED)
        shot = self.page.locator(".image-pane").screenshot(animations="disabled")
        return np.asarray(PIL.Image.open(io.BytesIO(shot)).convert("RGB"))

    def submit(self) -> None:
        expect(self.page.locator(".pad-cell.filled")).to_have_count(8)
        self.press("Control+Enter")

    def _note_view(self, request: Any) -> None:
        if request.url.endswith("/time") and "view" in request.post_data_json:
            self.views.append(request.post_data_json["view"])
