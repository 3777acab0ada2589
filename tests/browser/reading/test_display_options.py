"""Display options of a study, and the size of the lower spine."""

from __future__ import annotations

import os
from itertools import pairwise
from pathlib import Path

import numpy as np
import PIL.Image
import pytest
from playwright.sync_api import Browser, expect

from inference.image import read_image
from studies.protocol.models import Study
from studies.readers.models import User
from studies.sessions.study_lifecycle import assign_cases, open_study
from tests.browser.images import add_landmarks, give_image
from tests.browser.people import new_page, save_screenshot
from tests.browser.reading.phantom_room import Pixels, Room, open_phantom_study
from tests.browser.reading.test_unsent import sign_in
from tests.make import make_case, make_reader, make_site, make_study

LEVEL_HEIGHT_PX = 80


@pytest.fixture
def left_study(server: str, tmp_path: Path) -> Study:
    return open_phantom_study(
        tmp_path, arms=["guided"], anterior_side="left", view_between_cases="keep"
    )


@pytest.fixture
def real_study(server: str) -> Study:
    """An open guided study of one real scan, with the landmarks of the bundled network."""
    from inference.pipeline import analyze
    from inference.predictor import Predictor

    files = Path(os.environ["VERTEREAD_REAL_DATA"]).rglob("*.dcm")
    image = read_image(max(files, key=lambda path: path.stat().st_size))
    results = analyze(image, Predictor.load()).to_dict()
    clara = User.objects.get(username="clara")
    study = make_study(clara, arms=["guided"])
    site = make_site(study)
    for name in ("rita", "rolf"):
        make_reader(study, site, name)
    case = make_case(study, site)
    give_image(case, image)
    add_landmarks(case, results["landmarks"], results["guides"], results["anterior"])
    assign_cases(study=study, by=clara)
    return open_study(study=study, by=clara)


def enter(browser: Browser, server: str, study: Study) -> Room:
    page = new_page(browser, server)
    sign_in(page, "rita")
    room = Room(page, study)
    room.enter()
    return room


def likeness(shown: Pixels, stored: Pixels) -> float:
    """Return the correlation of an image on the screen with stored pixels."""
    size = (shown.shape[1], shown.shape[0])
    resized = np.asarray(PIL.Image.fromarray(stored).resize(size, PIL.Image.Resampling.BOX))
    return float(np.corrcoef(shown.ravel(), resized.ravel())[0, 1])


@pytest.mark.slow
def test_study_shows_anterior_on_the_left_and_keeps_the_view(
    left_study: Study, browser: Browser, server: str
) -> None:
    room = enter(browser, server, left_study)
    page = room.page
    expect(page.locator(".side-mark")).to_have_text(["A", "P"])
    expect(page.locator(".pad-column")).to_have_text(["Anterior", "Posterior"])
    first = page.locator(".pad-cell.current")
    expect(first).to_have_attribute("aria-label", "L1 anterior: no score")
    for points in page.locator(".guide-line").evaluate_all(
        "lines => lines.map((line) => line.getAttribute('points'))"
    ):
        posterior, anterior = (float(point.split(",")[0]) for point in points.split(" "))
        assert anterior < posterior

    api = f"/api/v1/studies/{left_study.slug}/reading"
    reading = page.request.get(api).json()["current"]
    assert reading["image"]["anterior"] == "right"
    width, height = reading["image"]["width"], reading["image"]["height"]
    body = page.request.get(f"/api/v1/readings/{reading['id']}/pixels").body()
    stored = np.frombuffer(body, np.uint8).reshape(height, width)
    room.press("g")
    pane = room.image()[..., 0]
    aspect = reading["image"]["spacing_mm"][0] / reading["image"]["spacing_mm"][1]
    columns = round(pane.shape[0] * width / (height * aspect))
    left = (pane.shape[1] - columns) // 2
    shown = pane[:, left : left + columns]
    assert likeness(shown, stored[:, ::-1]) > 0.95
    assert likeness(shown, stored) < 0.8
    room.press("g")
    save_screenshot(page, "anterior-left")

    room.press("l", "i", *"00000000")
    room.submit()
    room.wait_for_image()
    expect(page.locator(".count")).to_have_text("2 of 2")
    lower = page.get_by_role("button", name="Show lower spine")
    expect(lower).to_have_attribute("aria-pressed", "true")


@pytest.mark.skipif("VERTEREAD_REAL_DATA" not in os.environ, reason="needs a real scan")
def test_levels_of_a_real_scan_are_large_in_the_lower_spine_view(
    real_study: Study, browser: Browser, server: str
) -> None:
    room = enter(browser, server, real_study)
    room.press("l")
    room.image()
    boxes = room.page.locator(".guide-line:not(.third)").evaluate_all(
        """lines => lines.map((line) => {
            const [posterior] = line.getAttribute('points').split(' ');
            const [x, y] = posterior.split(',').map(Number);
            const at = new DOMPoint(x, y).matrixTransform(line.getScreenCTM());
            return [at.x, at.y];
        })"""
    )
    heights = [
        float(np.hypot(lower[0] - upper[0], lower[1] - upper[1]))
        for upper, lower in pairwise(boxes)
    ]
    print("heights of L1 to L4 in px:", [round(height) for height in heights])  # noqa: T201
    assert len(heights) == 4
    assert min(heights) >= LEVEL_HEIGHT_PX
    pane = room.page.locator(".image-pane").bounding_box()
    assert pane is not None
    assert all(pane["y"] <= y <= pane["y"] + pane["height"] for _, y in boxes)
