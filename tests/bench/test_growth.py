"""The frame of the growth benchmark; what it measures takes minutes: ``make bench-growth``."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

from tests.bench.growth import __main__ as growth
from tests.bench.growth import table
from tests.bench.growth.versions import ASSIGN, BASELINE, NOW, STAGES, ProbeFailed, Version

NAMES = growth.scenario_names()


@pytest.mark.parametrize("name", NAMES)
def test_scenario_says_what_it_measures(name):
    scenario = import_module(name)
    assert scenario.WHAT
    assert all(isinstance(text, str) for text in (scenario.TARGET, *scenario.RECORDED.values()))
    assert callable(scenario.measure)


def test_no_two_scenarios_have_the_same_title():
    titles = [import_module(name).WHAT for name in NAMES]
    assert len(set(titles)) == len(titles)


def test_ratio_says_how_many_times_less_it_takes_now():
    line = table.line(
        "cases page", 1000, table.Figures(3.0, "3 s"), table.Figures(0.5, "½ s"), "", ""
    )
    assert [cell.strip() for cell in line.split("|")][:5] == [
        "cases page",
        "1,000",
        "3 s",
        "½ s",
        "6.0x",
    ]


def test_recorded_figure_stands_in_for_a_version_that_does_not_run(monkeypatch, capsys, tmp_path):
    class Scenario:
        WHAT, TARGET, RECORDED = "cases page", "0.3 s", {10: "1.5 s"}

        @staticmethod
        def measure(version: Version, cases: int) -> table.Figures:
            if version.name == BASELINE:
                raise ProbeFailed("no such module")
            return table.Figures(1.0, "1 s")

    monkeypatch.setattr(growth, "import_module", lambda name: Scenario)
    sides = {name: Version(name, tmp_path, tmp_path) for name in (BASELINE, NOW)}
    growth.run("cases_page", sides, (10,), rounds=2)
    cells = [cell.strip() for cell in capsys.readouterr().out.split("|")]
    assert cells == ["cases page", "10", "1.5 s (recorded)", "1 s", "", "0.3 s"]


def test_stages_build_on_each_other_and_on_functions_that_are_there():
    for first, *rest in STAGES.values():
        built_on = isinstance(first, str)
        assert not built_on or first in STAGES
        for target, _ in rest if built_on else [first, *rest]:
            module, function = target.split(":")
            source = (Path(growth.__file__).parent / f"{module}.py").read_text()
            assert f"def {function}(" in source
    assert set(ASSIGN) == {BASELINE, NOW}
