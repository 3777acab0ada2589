from __future__ import annotations

from pathlib import Path

import pytest

from tools.wording.check import findings, names, phrases, script_names


@pytest.mark.parametrize(
    "text",
    [
        "The cases were dealt to the readers.",
        "A code book for statisticians",
        "Nobody may see it.",
        "one row of\n    # their own",
        "The interval leaves 0 out.",
        "Names in doubt",
        ".badge.doubt { color: var(--doubt) }",
        "case.level_doubt",
        "run.data_cut",
    ],
)
def test_avoided_phrase_is_found_even_across_a_line_break(text):
    assert list(phrases(text))


@pytest.mark.parametrize(
    "text",
    [
        "Deal with it.",
        "No more than 5 files",
        "a codebook",
        "ideal",
        '"level_doubt": null',
        'models.DateTimeField(db_column="data_cut")',
    ],
)
def test_ordinary_english_passes(text):
    assert not list(phrases(text))


def test_message_names_line_and_preferred_term():
    assert list(phrases("one\ntwo dealt")) == [(2, "'dealt': use assign, assignment")]


def test_unclear_names_are_found_wherever_python_binds_them():
    source = "def told(kept, *, a): \n    for each in a:\n        held = each\n    return held"
    assert sorted(line for line, _ in names(source)) == [1, 1, 2, 3]


def test_unclear_names_are_found_in_typescript():
    source = """const x = 1
let found = x
interface Kept { readonly chosen: number }
class Room { private held = 1; }
function show(made: number, width: number) {}
"""
    assert [line for line, _ in script_names(source)] == [2, 3, 3, 4, 5]


def test_changelog_may_quote_old_names_and_old_releases(tmp_path: Path):
    text = (
        "# Changelog\n\n- `dealt` is now `assigned`.\n- Cases were dealt.\n\n## 0.1.0\n\nDealt.\n"
    )
    (tmp_path / "CHANGELOG.md").write_text(text)
    assert [line.split(": ")[0] for line in findings(tmp_path, "CHANGELOG.md")] == [
        "CHANGELOG.md:4"
    ]


def test_words_of_a_file_name_are_checked(tmp_path: Path):
    (tmp_path / "kept_views.py").write_text("")
    assert list(findings(tmp_path, "kept_views.py"))


def test_migrations_and_binary_files_are_passed_over(tmp_path: Path):
    folder = tmp_path / "app" / "migrations"
    folder.mkdir(parents=True)
    (folder / "0001_initial.py").write_text("dealt = 1")
    (tmp_path / "a.png").write_bytes(b"dealt\xff")
    assert not list(findings(tmp_path, "app/migrations/0001_initial.py"))
    assert not list(findings(tmp_path, "a.png"))


def test_check_reads_names_and_texts_of_a_file(tmp_path: Path):
    (tmp_path / "a.py").write_text('"""Cases that were dealt."""\nfound = 1\n')
    assert len(list(findings(tmp_path, "a.py"))) == 2
