"""Equality with what the authors' released network answered in float64 (reference.npz)."""

from __future__ import annotations

import numpy as np
import pytest

from inference.decoding.vertebrae import decode_ranked
from inference.network.configuration import VERTENET
from inference.network.vertenet.network import build, count_parameters
from tests.inference.network.vertenet.seeded import REFERENCE, seeded_answer

EXACT = 1e-9


@pytest.mark.parametrize("head", ["hm", "reg", "wh"])
def test_head_equals_the_released_network(head: str) -> None:
    reference = np.load(REFERENCE)
    answer = seeded_answer()[head]
    assert np.abs(answer[:, ::8, ::8] - reference[f"{head}_every8"]).max() < EXACT
    index = ["hm", "reg", "wh"].index(head)
    assert abs(answer.mean() - reference["mean"][index]) < EXACT
    assert abs(answer.std() - reference["std"][index]) < EXACT


def test_decode_equals_the_released_peaks_and_points() -> None:
    reference = np.load(REFERENCE)
    bodies = decode_ranked(seeded_answer())
    by_score = sorted(bodies, key=lambda body: -body.peak)
    assert [body.peak for body in by_score] == pytest.approx(
        list(reference["peak_score"]), abs=EXACT
    )
    points = reference["points_sorted_by_y"]
    order = np.argsort(points[:, 1])
    centers = points[order, :2]
    corners = {tuple(np.round(row, 6)) for row in points[:, 2:]}
    assert len(centers) == len(bodies) == 6
    assert {tuple(np.round(body.corners.ravel(), 6)) for body in bodies} == corners


def test_network_has_the_published_number_of_parameters() -> None:
    assert count_parameters(build(VERTENET)) == 24_216_717
