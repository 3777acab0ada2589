"""Tables that an earlier version read wrongly, through the command."""

from __future__ import annotations

import io
import json
from argparse import ArgumentParser
from typing import Any

import pytest

from studies.analytics.cli.main import run
from studies.analytics.cli.options import add_options
from tests.fault_files import fault_file, needs_fault_files

pytestmark = needs_fault_files


def run_on(number: str) -> tuple[int, dict[str, Any], str]:
    """Return the exit status, the JSON output and the errors of the command for a table."""
    parser = ArgumentParser()
    add_options(parser)
    options = parser.parse_args([str(fault_file(number)), "--weights", "linear", "--json"])
    out, err = io.StringIO(), io.StringIO()
    status = run(options, out=out, err=err)
    return status, json.loads(out.getvalue() or "{}"), err.getvalue()


def kappas(results: list[dict[str, Any]]) -> dict[str, float]:
    """Return the linear kappas of cells of the first two readers, and the mean difference."""
    first = next(row["readers"] for row in results if row["statistic"] == "cohen_kappa")
    per_arm = {("cohen_kappa", "unguided"), ("cohen_kappa", "guided")}
    return {
        row["statistic"] + " " + row["arm"]: row["value"]
        for row in results
        if row["outcome"] == "cells"
        and not row.get("level")
        and (
            ((row["statistic"], row["arm"]) in per_arm and row["readers"] == first)
            or row["statistic"] == "mean_kappa_difference"
        )
    }


@pytest.mark.parametrize("number", ["20", "21", "22", "23"])
def test_table_gives_the_reference_results(number):
    status, output, _ = run_on(number)
    assert status == 0
    assert kappas(output["results"]) == {
        "cohen_kappa unguided": pytest.approx(0.5903, abs=5e-5),
        "cohen_kappa guided": pytest.approx(0.7591, abs=5e-5),
        "mean_kappa_difference guided-unguided": pytest.approx(0.2192, abs=5e-5),
    }
    # Names of readers in two Unicode forms are one name, and the warning names the rows.
    assert any("(row 338)" in text for text in output["warnings"]) == (number == "23")


def test_thousands_separator_is_refused():
    status, _, error = run_on("25")
    assert status == 1
    assert error.startswith('Row 2, column active_ms: "95,000" may contain a thousands separator')
