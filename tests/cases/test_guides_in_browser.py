"""The browser draws the guides of corners that are being moved as inference does."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from inference.guides import draw_guides
from inference.pixel_size import PixelSize
from inference.shapes import CORNERS, VERTEBRAE, Landmarks

FRONTEND = Path(__file__).resolve().parents[2] / "frontend"
PROGRAM = """
import { json } from "node:stream/consumers";
import { runnerImport } from "vite";
const { module } = await runnerImport("./src/viewer/guides.ts", { logLevel: "silent" });
const drawn = (await json(process.stdin)).map((one) => module.drawGuides(one.bodies, one.spacing));
process.stdout.write(JSON.stringify(drawn));
"""


def spines(count: int = 300) -> list[dict[str, object]]:
    """Seeded columns of either side and any pixel, with corners and bodies missing."""
    random = np.random.default_rng(4711)
    made = []
    for number in range(count):
        forward = random.choice([-1, 1]) * random.uniform(20, 60)
        bodies = {}
        for place, vertebra in enumerate(VERTEBRAE):
            middle = np.array([150 + random.normal(0, 8), 60 + 70 * place])
            square = np.array([[-1, -25], [1, -25], [-1, 25], [1, 25]]) * [forward, 1]
            corners = middle + square + random.normal(0, 6, (4, 2))
            known = random.random(4) > 0.05 * (number % 3)
            named = zip(CORNERS, corners.tolist(), known, strict=True)
            body = {corner: point if there else None for corner, point, there in named}
            bodies[vertebra.value] = None if random.random() < 0.05 * (number % 2) else body
        spacing = None if number % 4 == 0 else random.uniform(0.2, 0.9, 2).tolist()
        made.append({"bodies": bodies, "spacing": spacing})
    return made


def test_every_line_of_the_browser_lies_where_inference_draws_it():
    node = shutil.which("node")
    assert node is not None, "node draws the front end's lines: it is missing here"
    columns = spines()
    done = subprocess.run(
        [node, "--input-type=module", "-e", PROGRAM],
        cwd=FRONTEND,
        input=json.dumps(columns),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    lines = 0
    for column, drawn in zip(columns, json.loads(done.stdout), strict=True):
        landmarks = Landmarks.from_dict(column["bodies"])
        expected = draw_guides(landmarks, PixelSize.of(column["spacing"]))
        assert [(line["name"], line["kind"]) for line in drawn] == [
            (line.name, line.kind) for line in expected
        ]
        for line, guide in zip(drawn, expected, strict=True):
            for end in ("posterior", "anterior", "end"):
                assert line[end] == pytest.approx(getattr(guide, end), abs=1e-9)
        lines += len(drawn)
    assert lines > 2000
