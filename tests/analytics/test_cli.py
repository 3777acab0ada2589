"""``python -m studies.analytics`` and its other name, ``manage.py agreement``."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import IO

import pytest

from studies.analytics.cli.main import main
from studies.analytics.io.tidy_csv import read_csv
from studies.analytics.study.agreement import agreement
from tests.analytics.rows import crossover

SLOW = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
MODULE = ("-m", "studies.analytics")
ALIAS = ("manage.py", "agreement")
HEADER = "reader,case,level,wall,score\n"


def run(
    program: tuple[str, ...],
    *arguments: str,
    stdout: IO[bytes] | int = subprocess.PIPE,
    **variables: str,
) -> subprocess.CompletedProcess[bytes]:
    unset = ("DATABASE_URL", "CELERY_BROKER_URL", "VERTEREAD_SECRET_KEY")
    environment = {name: value for name, value in os.environ.items() if name not in unset}
    return subprocess.run(
        [sys.executable, *program, *arguments],
        cwd=ROOT,
        env=environment | variables,
        stdout=stdout,
        stderr=subprocess.PIPE,
        timeout=300,
        check=False,
    )


@pytest.fixture(scope="module")
def readings(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("readings") / "readings.csv"
    header, *lines = crossover(readers=2, cases=8).splitlines()
    cases = [int(line.split(",")[1].removeprefix("C")) for line in lines]
    placed = [f"{line},Site {case % 2 + 1}" for line, case in zip(lines, cases, strict=True)]
    path.write_text("\n".join([f"{header},case_site", *placed]), encoding="utf-8")
    return path


def test_json_has_every_record_of_the_library(readings, capsys) -> None:
    assert main([str(readings), "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    expected = agreement(read_csv(readings), detail=True)
    assert printed["results"] == json.loads(json.dumps(expected.records()))
    assert printed["warnings"] == list(expected.warnings)


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments",
    [
        [],
        pytest.param(["--weights", "linear", "--compare", "assisted,unguided"], marks=SLOW),
        ["--json", "--bootstrap", "20", "--seed", "4", "--by", "site", "--group-limits", "1,5"],
        pytest.param(["--by", "site"], marks=SLOW),
    ],
)
def test_alias_prints_the_same_bytes_with_the_same_status(readings, arguments) -> None:
    module, alias = (run(program, str(readings), *arguments) for program in (MODULE, ALIAS))
    assert module.stdout == alias.stdout
    assert module.stderr == alias.stderr
    assert module.returncode == alias.returncode


def test_every_option_is_in_the_help_of_both(capsys) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["--help"])
    for printed in (capsys.readouterr().out, run(ALIAS, "--help").stdout.decode()):
        for option in ("--json", "--weights", "--compare", "--group-limits", "--bootstrap", "--by"):
            assert option in printed


def test_results_within_each_site_are_added(readings, capsys) -> None:
    assert main([str(readings), "--json", "--weights", "none", "--by", "site"]) == 0
    records = json.loads(capsys.readouterr().out)["results"]
    assert {record.get("site") for record in records} == {None, "Site 1", "Site 2"}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty. Its first row must name the columns"),
        (HEADER.encode(), "The file has a header but no readings. Add at least one row."),
        (b"rater,image,score\nA,1,2\n", "Row 1 lacks the columns reader, case, level, wall."),
        (HEADER.encode() + b"M\xfcller,1,L1,anterior,2\n", "Row 2 contains a character that is"),
        ((HEADER + "A,1,L1,anterior,2\n").encode("utf-16"), "Row 1 contains a character that is"),
        (HEADER.encode() + b"A,1,L1,anterior,9\n", 'Row 2, column score: "9" is not a whole'),
        (HEADER.encode() + b"A,1,L1\n", "Row 2 has 3 values, but the header has 5."),
    ],
)
@pytest.mark.parametrize("form", [[], ["--json"]])
def test_unusable_file_gives_one_sentence(tmp_path, capsys, content, sentence, form) -> None:
    path = tmp_path / "readings.csv"
    path.write_bytes(content)
    assert main([str(path), *form]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith(sentence)
    assert printed.err.count("\n") == 1


def test_missing_file_or_folder_gives_one_sentence(tmp_path, capsys) -> None:
    for path, reason in (
        (tmp_path / "none.csv", "No such file or directory"),
        (tmp_path, "Is a directory"),
    ):
        assert main([str(path)]) == 1
        assert capsys.readouterr() == ("", f"{path} cannot be opened: {reason}.\n")


def test_missing_file_gives_one_sentence_of_the_alias(tmp_path) -> None:
    path = tmp_path / "none.csv"
    done = run(ALIAS, str(path))
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.decode() == f"{path} cannot be opened: No such file or directory.\n"


@pytest.mark.parametrize(
    ("program", "form"),
    [
        (MODULE, []),
        pytest.param(MODULE, ["--json"], marks=SLOW),
        pytest.param(ALIAS, [], marks=SLOW),
        (ALIAS, ["--json"]),
    ],
)
def test_closed_pipe_ends_the_command_silently(readings, program, form) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = run(program, str(readings), *form, stdout=writer)
    finally:
        os.close(writer)
    assert done.returncode == 1
    assert done.stderr == b""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_full_disk_gives_one_sentence(readings) -> None:
    with Path("/dev/full").open("wb") as full:
        done = run(MODULE, str(readings), stdout=full)
    assert done.returncode == 1
    assert done.stderr == b"The output cannot be written: No space left on device.\n"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--compare", "guided"], "two different arms, periods or replicates, for example guided"),
        (["--compare", "guided,guided"], "two different arms, periods or replicates"),
        (["--group-limits", "6,2"], "two totals from 1 to 24, the second above the first"),
        (["--group-limits", "2"], "two totals from 1 to 24"),
        (["--bootstrap", "5"], "a whole number from 10 to 100000"),
        (["--bootstrap", "²"], "a whole number from 10 to 100000"),
        (["--seed", "-1"], "a whole number, 0 or higher"),
        (["--seed", "9" * 5000], "a whole number, 0 or higher"),
        (["--weights", "cubic"], "invalid choice: 'cubic'"),
        (["--unknown"], "unrecognized arguments: --unknown"),
    ],
)
def test_usage_error_names_the_rule(readings, capsys, arguments, sentence) -> None:
    with pytest.raises(SystemExit) as stopped:
        main([str(readings), *arguments])
    assert stopped.value.code == 2
    assert sentence in capsys.readouterr().err


def test_file_name_is_required(capsys) -> None:
    with pytest.raises(SystemExit) as stopped:
        main([])
    assert stopped.value.code == 2
    assert "python -m studies.analytics: error: " in capsys.readouterr().err


def test_output_is_utf8_whatever_the_locale(readings, tmp_path) -> None:
    named = tmp_path / "named.csv"
    named.write_text(readings.read_text().replace("R1,", "Zoë,"), encoding="utf-8")
    done = run(MODULE, str(named), "--json", PYTHONIOENCODING="ascii")
    assert done.returncode == 0, done.stderr
    results = json.loads(done.stdout.decode("utf-8"))["results"]
    assert ["R2", "Zoë"] in [record["readers"] for record in results]
