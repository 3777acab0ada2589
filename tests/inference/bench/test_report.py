from __future__ import annotations

import json

from inference.bench.report import FileTiming, Report, Row
from inference.bench.timing import Times


def test_table_has_one_line_per_mode_and_lists_missing_modes() -> None:
    row = Row("torch f32", 100, 2.0, 2.1, 0.001, 0, 70, None, 1.0, 0.9, 300)
    file = FileTiming("torch", 200, 10, 11, 1.5, 1.0, 1.2, 0.9)
    report = Report("a machine", 1, 7, 20, {"f32": 80.0}, [row], [row], file, 1.0, ["no openvino"])
    text = report.to_text()
    assert text.count("torch f32") == 2
    assert "2.10x" in text
    assert "batch: 1.00 times the processor time" in text
    assert "Not available: no openvino" in text
    assert json.loads(json.dumps(report.to_dict()))["paper"][0]["ratio"] == 2.0


def test_times_are_medians() -> None:
    assert Times([1, 9, 2], [3, 1, 2]).wall_s == 2
    assert Times([1, 9, 2], [3, 1, 2]).processor_s == 2
