"""The browser draws the guides of corners that are being moved as inference does."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inference.geometry.guides import draw_guides
from inference.geometry.pixel_size import PixelSize
from inference.results import CORNERS, VERTEBRAE, Landmarks
from studies.cases.models import Case
from studies.cases.upload.ingest import ingest_file
from tests.dicom_files import lateral_file
from tests.make import give_landmarks, landmarks_at

FRONTEND = Path(__file__).resolve().parents[2] / "frontend"
PROGRAM = """
import { json } from "node:stream/consumers";
import { runnerImport } from "vite";
const load = async (path) => (await runnerImport(path, { logLevel: "silent" })).module;
const { drawGuides } = await load("./src/viewer/overlay/guides.ts");
const { pixelSize } = await load("./src/viewer/pixelsize.ts");
const columns = await json(process.stdin);
const drawn = columns.map(({ bodies, image }) => drawGuides(bodies, pixelSize(image)));
process.stdout.write(JSON.stringify(drawn));
"""


def drawn_by_browser(columns: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """The front end's lines of bodies on images, each as the API gives it."""
    node = shutil.which("node")
    assert node is not None, "node draws the front end's lines: it is missing here"
    done = subprocess.run(
        [node, "--input-type=module", "-e", PROGRAM],
        cwd=FRONTEND,
        input=json.dumps(columns),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    drawn: list[list[dict[str, Any]]] = json.loads(done.stdout)
    return drawn


def spines(count: int = 300) -> list[dict[str, Any]]:
    """Seeded columns of either side and any pixel, with corners and bodies missing."""
    random = np.random.default_rng(4711)
    cases = []
    for number in range(count):
        forward = random.choice([-1, 1]) * random.uniform(20, 60)
        bodies = {}
        for index, vertebra in enumerate(VERTEBRAE):
            middle = np.array([150 + random.normal(0, 8), 60 + 70 * index])
            square = np.array([[-1, -25], [1, -25], [-1, 25], [1, 25]]) * [forward, 1]
            corners = middle + square + random.normal(0, 6, (4, 2))
            known = random.random(4) > 0.05 * (number % 3)
            named = zip(CORNERS, corners.tolist(), known, strict=True)
            body = {corner: point if there else None for corner, point, there in named}
            bodies[vertebra.value] = None if random.random() < 0.05 * (number % 2) else body
        spacing = None if number % 2 == 0 else random.uniform(0.2, 0.9, 2).tolist()
        aspect = random.choice([1.0, 1.25, 0.8]) if spacing is None else spacing[0] / spacing[1]
        cases.append({"bodies": bodies, "image": {"spacing_mm": spacing, "pixel_aspect": aspect}})
    return cases


def test_every_line_of_the_browser_lies_where_inference_draws_it():
    columns = spines()
    lines = 0
    for column, drawn in zip(columns, drawn_by_browser(columns), strict=True):
        landmarks, image = Landmarks.from_dict(column["bodies"]), column["image"]
        size = PixelSize.of(image["spacing_mm"], image["pixel_aspect"])
        expected = draw_guides(landmarks, size)
        assert [(line["name"], line["kind"]) for line in drawn] == [
            (line.name, line.kind) for line in expected
        ]
        for line, guide in zip(drawn, expected, strict=True):
            for end in ("posterior", "anterior", "end"):
                assert line[end] == pytest.approx(getattr(guide, end), abs=1e-9)
        lines += len(drawn)
    assert lines > 2000


@pytest.mark.django_db
def test_lines_stay_where_they_are_when_a_correction_without_spacing_is_saved(cast, client_of):
    """Pixels are 1.25 times as high as wide by PixelAspectRatio alone."""
    data = lateral_file(PixelAspectRatio=["5", "4"], BurnedInAnnotation="NO")
    taken = ingest_file(
        study=cast.study, site=cast.site, data=data, name="a.dcm", uploader=cast.coordinator
    )
    case = taken.case
    case.state = Case.State.READY
    give_landmarks(case)
    bodies = landmarks_at()
    for body in bodies.values():
        del body["confidence"]
    bodies["L2"]["superior_anterior"] = [41.5, 33.0]
    bodies["L4"]["inferior_anterior"] = [30.0, 95.5]
    client = client_of(cast.coordinator)
    saved = client.post(
        f"/api/v1/cases/{case.pk}/landmarks", {"based_on": 1, "landmarks": bodies}
    ).json()
    assert (saved["image"]["spacing_mm"], saved["image"]["pixel_aspect"]) == (None, 1.25)
    (before,) = drawn_by_browser([{"bodies": bodies, "image": saved["image"]}])
    after = saved["landmark_set"]["guides"]
    assert len(before) == len(after) == 13
    for line, stored in zip(before, after, strict=True):
        assert line["name"] == stored["name"]
        assert line["end"] == pytest.approx(stored["end"], abs=1e-9)
    square = {**saved["image"], "pixel_aspect": 1}
    (taken_as_square,) = drawn_by_browser([{"bodies": bodies, "image": square}])
    assert taken_as_square != before
