"""The upload page: zip archives are unpacked in the browser, and no file is sent twice."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.people import Coordinator, new_page, save_screenshot
from tests.make import dicom_bytes

SITES = ("North Hospital",)
RAMP = bytes(range(128)) * 80


def coordinator(browser: Browser, address: str, **options: Any) -> Coordinator:
    clara = Coordinator(new_page(browser, address, **options))
    clara.sign_in("clara")
    clara.create_study("Upload study")
    clara.add_site("A", SITES[0])
    clara.page.goto(f"/studies/{clara.slug}/upload")
    return clara


def scan(number: int, **elements: str) -> bytes:
    pixels = RAMP[number:] + RAMP[:number]
    return dicom_bytes(PixelData=pixels, PatientID=f"MRN-{number}", **elements)


def archive_in(folder: Path) -> Path:
    """Three scans, a protected file, a nested archive, and files that macOS adds."""
    path = folder / "scans.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(3):
            archive.writestr(f"day 1/scan {number}.dcm", scan(number))
        archive.writestr("day 1/protected.dcm", scan(3))
        archive.writestr("older.zip", b"not opened")
        archive.writestr("__MACOSX/day 1/._scan 0.dcm", b"junk")
        archive.writestr("DICOMDIR", b"junk")
    data = bytearray(path.read_bytes())
    entry = data.index(b"PK\x01\x02")
    while b"protected" not in data[entry : entry + 80]:
        entry = data.index(b"PK\x01\x02", entry + 4)
    data[entry + 8] |= 0x1
    path.write_bytes(data)
    return path


def sent_files(page: Page) -> list[str]:
    """Return a list to which the address of every file that is sent from now on is added."""
    sent: list[str] = []
    page.on(
        "request",
        lambda request: (
            sent.append(request.url)
            if request.method == "POST" and request.url.endswith("/uploads")
            else None
        ),
    )
    return sent


@pytest.mark.slow
def test_zip_is_unpacked_in_the_browser_and_sent_file_by_file(
    server: str, browser: Browser, tmp_path: Path
) -> None:
    clara = coordinator(browser, server)
    page = clara.page
    sent = sent_files(page)
    page.locator("#files").set_input_files(archive_in(tmp_path))
    upload = page.locator("#upload")
    expect(upload).to_contain_text("3 added, 0 pending review, 0 already in the study, 0 not added")
    expect(upload).to_contain_text("2 not sent")
    assert len(sent) == 3
    for name in ("scan 0", "scan 1", "scan 2"):
        expect(page.get_by_role("rowheader", name=f"scans.zip/day 1/{name}.dcm")).to_be_visible()
    rows = page.locator(".uploads tbody tr")
    expect(rows).to_have_count(5)
    protected = rows.filter(has_text="scans.zip/day 1/protected.dcm")
    expect(protected).to_contain_text("protected by a password")
    expect(rows.filter(has_text="older.zip")).to_contain_text("inside a zip archive")
    expect(protected.get_by_role("button", name=re.compile("^Send"))).to_have_count(0)
    save_screenshot(page, "upload-1366")
    page.set_viewport_size({"width": 1024, "height": 768})
    save_screenshot(page, "upload-1024")
    width = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert width[0] <= width[1]
    protected.get_by_role("button", name=re.compile("^Dismiss")).click()
    expect(rows).to_have_count(4)
    page.get_by_role("button", name="Dismiss all").click()
    expect(rows).to_have_count(0)


@pytest.mark.slow
def test_damaged_zip_shows_an_error_and_sends_nothing(
    server: str, browser: Browser, tmp_path: Path
) -> None:
    clara = coordinator(browser, server)
    sent = sent_files(clara.page)
    path = tmp_path / "scans.zip"
    path.write_bytes(archive_in(tmp_path).read_bytes()[:2000])
    clara.page.locator("#files").set_input_files(path)
    expect(clara.page.locator(".uploads")).to_contain_text("damaged or incomplete")
    assert sent == []


@pytest.mark.slow
def test_corrected_file_replaces_the_earlier_one(
    server: str, browser: Browser, tmp_path: Path
) -> None:
    clara = coordinator(browser, server)
    page = clara.page
    for spacing in ("2.5", "2.0"):
        path = tmp_path / f"spacing {spacing}.dcm"
        path.write_bytes(scan(0, PixelSpacing=f"{spacing}\\{spacing}"))
        page.locator("#files").set_input_files(path)
        expect(page.get_by_role("rowheader", name=path.name)).to_be_visible()
        expect(page.locator(".uploads progress")).to_have_count(0)
    row = page.locator(".uploads tbody tr").filter(has_text="spacing 2.0.dcm")
    expect(row).to_contain_text("Replaced version 1 of case C0001: pixel spacing 2.5 → 2 mm.")
    expect(page.locator("#upload")).to_contain_text("1 added, 0 pending review, 1 replaced")
    save_screenshot(page, "upload-replaced")
    row.get_by_role("link", name="C0001").click()
    expect(page.get_by_text("Image version 1", exact=True)).to_be_visible()
    expect(page.locator(".facts")).to_contain_text("pixel spacing 2.5 → 2 mm")
    save_screenshot(page, "case-replaced")


@pytest.mark.slow
def test_file_is_not_sent_again_after_a_proxy_timeout(
    server: str, browser: Browser, tmp_path: Path
) -> None:
    clara = coordinator(browser, server)
    page = clara.page
    sent = sent_files(page)

    def time_out(route: Any) -> None:
        """Store the file, which an intercepted request lacks, then time out like a proxy."""
        if route.request.method != "POST":
            route.continue_()
            return
        file = {"name": "x", "mimeType": "application/dicom", "buffer": scan(0)}
        form = {"site": "A", "name": "slow.dcm", "file": file}
        token = {"X-CSRFToken": route.request.headers["x-csrftoken"]}
        assert page.request.post(route.request.url, multipart=form, headers=token).status == 201
        route.fulfill(status=504, body="<html>Gateway Time-out</html>")

    page.route("**/uploads*", time_out)
    path = tmp_path / "slow.dcm"
    path.write_bytes(scan(0))
    page.locator("#files").set_input_files(path)
    row = page.locator(".uploads tbody tr").filter(has_text="slow.dcm")
    expect(page.locator("#upload")).to_contain_text("1 added")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("C0001")
    assert len(sent) == 1
