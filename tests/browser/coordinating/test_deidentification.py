"""The de-identification review in a browser shows a faint name that a thumbnail hides."""

from __future__ import annotations

import base64
from io import BytesIO
from pathlib import Path

import numpy as np
import PIL.Image
import PIL.ImageDraw
import PIL.ImageFont
import pytest
from playwright.sync_api import Browser, Page, expect
from pydicom import dcmread

from inference.phantom import generate
from inference.phantom.export import write_dicom
from tests.browser.people import Coordinator, new_page

NAME_HEIGHT = 15
FAINT = 3
CANVAS = "figure:has(figcaption:text-is('{}')) canvas"


def phantom_with_a_faint_name(path: Path) -> None:
    """Write a scan with a name 15 px high, 3 grey levels above the background, in a top corner."""
    write_dicom(generate(5), path)
    dataset = dcmread(path)
    pixels = dataset.pixel_array.copy()
    picture = PIL.Image.new("L", pixels.shape[::-1])
    font = PIL.ImageFont.load_default(NAME_HEIGHT)
    PIL.ImageDraw.Draw(picture).text((12, 10), "DOE JANE 1948", fill=255, font=font)
    written = np.asarray(picture) > 128
    assert written.sum() > 200
    pixels[:40, :200] = 2
    pixels[written] += FAINT
    dataset.PixelData = pixels.tobytes()
    dataset.BurnedInAnnotation = "YES"
    dataset.save_as(path)


def pixels_of(page: Page, name: str) -> np.ndarray:
    """Return the pixels of a canvas, without the page's scaling."""
    picture = page.locator(CANVAS.format(name)).evaluate(
        "canvas => canvas.toDataURL('image/png').split(',')[1]"
    )
    return np.asarray(PIL.Image.open(BytesIO(base64.b64decode(picture))).convert("L")).astype(int)


@pytest.mark.slow
def test_faint_name_is_seen_at_full_size_and_its_image_is_rejected(
    server: str, browser: Browser, tmp_path: Path
) -> None:
    clara = Coordinator(new_page(browser, server))
    clara.sign_in("clara")
    clara.create_study("Review study")
    clara.add_site("A", "North Hospital")
    phantom_with_a_faint_name(tmp_path / "named.dcm")
    write_dicom(generate(6), tmp_path / "clean.dcm")
    clara.upload([tmp_path / "named.dcm"], pending=1, rejected=0)
    clara.upload([tmp_path / "clean.dcm"], pending=2, rejected=0)
    clara.open_review()
    page = clara.page

    page.get_by_role("button", name="C0001", exact=True).click()
    expect(page.locator("h2")).to_contain_text("C0001")
    expect(page.get_by_role("button", name="Release image")).to_be_enabled()
    for name in ("Top edge", "Left edge", "Whole image"):
        corner = pixels_of(page, name)[10:30, 12:90]
        assert corner.max() - corner.min() > 60, name
    box = page.locator(CANVAS.format("Whole image")).bounding_box()
    shown = pixels_of(page, "Whole image")
    assert box is not None
    assert (round(box["height"]), round(box["width"])) == shown.shape

    for key in ("r", "x", "Enter"):
        page.locator("h2").press(key)
    expect(page.get_by_role("button", name="Release image")).to_be_visible()

    page.get_by_role("button", name="Reject image").click()
    page.get_by_label("Reason").fill("shows a name")
    page.locator("dialog").get_by_role("button", name="Reject image").click()
    expect(page.get_by_text("C0001 rejected. Its image was deleted.")).to_be_visible()
    expect(page.get_by_text("1 pending, 0 released and not yet assigned")).to_be_visible()

    expect(page.locator("h2")).to_contain_text("C0002")
    release(page)
    page.get_by_role("button", name="Undo", exact=True).first.click()
    expect(page.get_by_text("The release of C0002 was undone.")).to_be_visible()
    release(page)
    expect(page.get_by_role("heading", name="Review complete")).to_be_visible()
    page.reload()
    expect(page.get_by_role("button", name="Undo the release of C0002")).to_be_visible()


def release(page: Page) -> None:
    button = page.get_by_role("button", name="Release image")
    expect(button).to_be_enabled()
    button.click()
    expect(page.get_by_text("C0002 released.")).to_be_visible()
