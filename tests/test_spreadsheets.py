import pytest

from studies.spreadsheets import FORMULA_STARTS, escape_formula


@pytest.mark.parametrize("start", FORMULA_STARTS)
def test_text_that_would_run_as_a_formula_is_defused(start):
    assert escape_formula(f"{start}cmd") == f"'{start}cmd"


def test_other_text_stays_as_it_is():
    assert escape_formula("L1-anterior") == "L1-anterior"
