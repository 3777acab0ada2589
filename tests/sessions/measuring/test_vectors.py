"""The server measures the shared vectors as the browser does (frontend geometry.test.ts)."""

import json

import pytest

from studies.sessions.measuring.grades import measure_traces
from tests.sessions.measuring.vectors import PATH

VECTORS = json.loads(PATH.read_text())


def test_shared_vectors_are_measured_alike():
    grades = set()
    for vector in VECTORS:
        expected = vector.pop("expected")
        measured = measure_traces(**vector)
        assert measured["aac8"] == expected["aac8"]
        for cell, lengths in measured["cells"].items():
            assert lengths == pytest.approx(expected["cells"][cell], abs=1e-9), cell
            grades.add(lengths["grade"])
    assert grades == {0, 1, 2, 3, None}
