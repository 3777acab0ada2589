"""The agreement command: reads a tidy CSV file, prints a table or JSON."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Final, TextIO

from studies.analytics.cli.options import DESCRIPTION, add_options
from studies.analytics.cli.table import kappa_table
from studies.analytics.coefficients.kappa import WEIGHTS
from studies.analytics.io.field_parsing import TableError
from studies.analytics.io.tidy_csv import read_csv
from studies.analytics.resampling.patient_bootstrap import Bootstrap
from studies.analytics.study.agreement import DEFAULT_COMPARISON, agreement
from studies.analytics.study.contrasts import contrast_table
from studies.analytics.study.subgroups import agreement_by_subgroup, subgroup_warnings
from studies.analytics.table import ReadingTable

PROGRAM: Final = "python -m studies.analytics"
FAILED: Final = 1
INTERRUPTED: Final = 130
"""Exit status after Ctrl-C, as in shells."""


def main(argv: Sequence[str] | None = None) -> int:
    """Parse the command line, print the agreement and return the exit status."""
    parser = ArgumentParser(prog=PROGRAM, description=DESCRIPTION)
    add_options(parser)
    return run(parser.parse_args(argv), out=sys.stdout, err=sys.stderr)


def run(options: Namespace, *, out: TextIO, err: TextIO) -> int:
    """Print the agreement for parsed options and return the exit status.

    Parameters
    ----------
    options : Namespace
        As defined by `studies.analytics.cli.options.add_options`.
    out : text stream
        Receives the table or the JSON, in UTF-8 if the stream can be reconfigured.
    err : text stream
        Receives errors and the warning about ``--compare``, one sentence each.

    Returns
    -------
    int
        0 on success; 1 if the file cannot be used or the output cannot be written (without a
        message if a pipe was closed, as by ``| head``); 130 after Ctrl-C.
    """
    if options.by and not options.json:
        err.write("--by adds statistics to the JSON output only. Add --json.\n")
        return FAILED
    try:
        # A console with another encoding could not print every name; a stream in memory has no
        # encoding.
        reconfigure = getattr(out, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8")
        for line in _lines(options, err):
            out.write(f"{line}\n")
        out.flush()
    except TableError as problem:
        err.write(f"{problem}\n")
    except BrokenPipeError:
        _discard_rest(out)
    except OSError as problem:
        err.write(f"The output cannot be written: {problem.strerror}.\n")
        _discard_rest(out)
    except KeyboardInterrupt:
        err.write("\nInterrupted.\n")
        return INTERRUPTED
    else:
        return 0
    return FAILED


def _lines(options: Namespace, err: TextIO) -> Iterator[str]:
    table = read_csv(options.file, group_limits=options.group_limits)
    expected: tuple[str, str] | None = options.compare or DEFAULT_COMPARISON
    warnings = []
    try:
        table = contrast_table(table, options.compare) if options.compare else table
    except ValueError as problem:
        warnings.append(f"{problem} No differences were computed.")
        err.write(f"{warnings[0]}\n")
        expected = None
    settings = _settings(options, table, expected)
    result = agreement(table, **settings)
    records = result.records() if options.json else []
    for column in options.by:
        warnings += subgroup_warnings(table, column)
        for part in agreement_by_subgroup(table, column, **settings):
            records += part.records()
            warnings += part.warnings
    result = replace(result, warnings=(*result.warnings, *warnings))
    if not options.json:
        yield from kappa_table(result)
        return
    # NaN is not valid JSON, so an undefined value that was not replaced must raise an error.
    document = {"results": records, "warnings": list(result.warnings)}
    yield json.dumps(document, allow_nan=False, ensure_ascii=False)


def _settings(
    options: Namespace, table: ReadingTable, expected: tuple[str, str] | None
) -> dict[str, Any]:
    bootstrap = None
    if options.bootstrap:
        bootstrap = Bootstrap.draw(
            len(table.patients), replicates=options.bootstrap, seed=options.seed
        )
    return {
        "weights": [scheme for scheme in WEIGHTS if scheme in (options.weights or WEIGHTS)],
        "compare": expected,
        "bootstrap": bootstrap,
        "detail": True,
    }


def _discard_rest(out: TextIO) -> None:
    """Redirect buffered output to the null device, so that Python does not fail at exit."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), out.fileno())
