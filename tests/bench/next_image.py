"""Keys per case, and the time from the key press to the next image, in a real browser.

``make bench-next-image`` prints the figures of two readers with 66 readings each and nine keys a
reading: eight grades, and the key that submits. One reader presses a key every 0.2 s, which is
faster than anybody reads; the other one does not pause at all, so that the scores of a whole case
are being saved when the next one opens. The time starts with the key that submits and ends when the
second frame after the next image was drawn has begun, so that its pixels are on the screen. Every
change is saved as in practice, by a server on the same machine. The load of the machine is printed
with the figures: times of a busy machine say little.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Page, expect

from inference.image import read_image
from inference.phantom import generate
from inference.phantom.export import write_dicom
from studies.protocol.models import Study
from studies.readers.models import User
from studies.sessions.study_lifecycle import assign_cases, open_study
from tests.browser.images import give_image, give_true_landmarks
from tests.browser.reading.test_unsent import save_status
from tests.make import make_case, make_reader, make_site, make_study

CASES = 66
PHANTOMS = 4
PACE_MS = 200
"""Between two keys of a fast reader: a case in 1.8 s."""
KEYS = (*"01230123", "Control+Enter")
# The count and the image of a reading change in one task.
RECORD = """() => {
    window.figures = { times: [], keys: 0, start: 0 };
    const { figures } = window;
    addEventListener("keydown", (event) => {
        if (event.key === "Control") return;
        figures.keys += 1;
        if (event.key === "Enter") figures.start = event.timeStamp;
    }, { capture: true });
    const count = document.querySelector(".count");
    new MutationObserver(() => {
        if (figures.start === 0 || count.textContent === figures.text) return;
        figures.text = count.textContent;
        requestAnimationFrame(() => requestAnimationFrame(() => {
            figures.times.push(performance.now() - figures.start);
            figures.start = 0;
        }));
    }).observe(count, { childList: true, characterData: true, subtree: true });
}"""


@dataclass(frozen=True)
class Figures:
    """Times to the next image in milliseconds, keys per case, and the load of the machine."""

    times_ms: tuple[float, ...]
    keys_per_case: float
    painter: str
    load: tuple[float, float]

    @property
    def text(self) -> str:
        """The figures in one sentence."""
        p50, p95 = np.percentile(self.times_ms, [50, 95])
        before, after = self.load
        return (
            f"{len(self.times_ms)} cases, {self.keys_per_case:g} keys per case; from the key press "
            f"to the next image: p50 {p50:.0f} ms, p95 {p95:.0f} ms, largest "
            f"{max(self.times_ms):.0f} ms; painter {self.painter}; load of {os.cpu_count()} "
            f"processors: {before:.1f} before, {after:.1f} after"
        )


def make_reading_study(folder: Path, cases: int = CASES, **design: Any) -> Study:
    """Return an open study with the images of a few phantoms, which repeat."""
    clara = User.objects.get(username="clara")
    study = make_study(clara, arms=["guided"], washout_days=0, **design)
    site = make_site(study)
    for name in ("rita", "rolf"):
        make_reader(study, site, name)
    phantoms = [
        generate(4700 + seed, family="ge_idxa", partial=0.0, mirrored=0.0, odd_count=0.0)
        for seed in range(min(PHANTOMS, cases))
    ]
    images = []
    for number, phantom in enumerate(phantoms):
        path = folder / f"phantom-{number}.dcm"
        write_dicom(phantom, path)
        images.append(read_image(path))
    for number in range(cases):
        case = make_case(study, site)
        give_image(case, images[number % len(images)])
        give_true_landmarks(case, phantoms[number % len(phantoms)])
    assign_cases(study=study, by=clara)
    return open_study(study=study, by=clara)


def measure(page: Page, *, pace_ms: float, cases: int = CASES) -> Figures:
    """Read cases in the reading room of a page that shows the first one; return the figures."""
    before = os.getloadavg()[0]
    page.evaluate(RECORD)
    for number in range(1, cases):
        expect(page.locator(".count")).to_have_text(f"{number} of {cases}")
        expect(page.locator(".pad-cell.filled")).to_have_count(0)
        # The next image is fetched while the reader looks at this one.
        expect(save_status(page)).to_have_text("Saved")
        page.wait_for_load_state("networkidle")
        for key in KEYS:
            page.wait_for_timeout(pace_ms)
            page.keyboard.press(key)
    expect(page.locator(".count")).to_have_text(f"{cases} of {cases}")
    expect(save_status(page)).to_have_text("Saved")
    figures = page.evaluate("window.figures")
    painter = page.locator(".image-pane").get_attribute("data-painter") or ""
    load = (before, os.getloadavg()[0])
    return Figures(tuple(figures["times"]), figures["keys"] / (cases - 1), painter, load)
