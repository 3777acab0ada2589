"""Grading of the letters of the display check."""

from __future__ import annotations

import pytest

from studies.sessions.display.letters import (
    ALPHABET,
    CONTRASTS,
    LETTERS_PER_CONTRAST,
    grade_letters,
)

SHOWN = ["CD", "HK", "NO", "RS", "VZ"]


def grade(dark: list[str], bright: list[str] | None = None):
    return grade_letters(
        {
            "dark": {"shown": SHOWN, "typed": dark},
            "bright": {"shown": SHOWN, "typed": SHOWN if bright is None else bright},
        }
    )


def test_contrasts_fall_and_letters_are_those_of_sloan():
    assert list(CONTRASTS) == sorted(CONTRASTS, reverse=True)
    assert sorted(ALPHABET) == list("CDHKNORSVZ")
    assert all(len(letters) == LETTERS_PER_CONTRAST for letters in SHOWN)


@pytest.mark.parametrize(
    ("typed", "contrast", "correct"),
    [
        (SHOWN, 2, 10),
        (["cd", " h k ", "no", "", ""], 8, 6),
        # A letter that is read below an unread contrast is a guess.
        (["CD", "HK", "NX", "RS", "VZ"], 16, 9),
        (["", "", "", "", ""], None, 0),
        (["DC", "HK", "NO", "RS", "VZ"], None, 8),
        (["CDZ", "HK", "", "", ""], None, 4),
    ],
)
def test_smallest_contrast_is_that_of_the_last_row_read_without_an_error(typed, contrast, correct):
    result = grade(typed)
    assert (result.dark, result.bright) == (contrast, 2)
    assert (result.correct, result.shown) == (correct + 10, 20)


def test_check_is_passed_only_if_both_ends_reach_the_contrast():
    worse = grade(SHOWN, ["CD", "HK", "", "", ""])
    assert worse.bright == 16
    assert worse.passes(16)
    assert not worse.passes(8)
    assert not grade(SHOWN, [""] * 5).passes(32)
