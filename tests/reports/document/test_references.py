"""References are numbered in the order of their citation, and every one is cited and listed."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from studies.reports.document.document import make_document
from studies.reports.document.html import html_of
from studies.reports.document.methods.design import design
from studies.reports.document.references import REFERENCES, Citations
from studies.reports.document.summary.details import DetailsSummary
from tests.reports.study import study

NAMED = (
    ("Fleiss", "1971"),
    ("Conger", "1980"),
    ("Brennan and Prediger", "1981"),
    ("Hayes and Krippendorff", "2007"),
    ("Gwet", "2014"),
    ("Hotelling", "1931"),
)
"""Sources of the methods that the tables of a crossover name."""
YEAR = r"(?:19|20)\d\d"


@pytest.mark.parametrize(
    ("text", "cited"),
    [
        ("kappa (Cohen 1960, 1968) of Light (1971)", "kappa [1, 2] of Light [3]"),
        ("Fleiss, Cohen and Everitt (1969)", "Fleiss, Cohen and Everitt [1]"),
        ("(GRRAS; Kottner et al. 2011) and (Kottner et al. 2011)",
         "(GRRAS; Kottner et al. [1]) and [1]"),
        ("Light (1999) and in 2011", "Light (1999) and in 2011"),
        ("Fleiss (1971), Fleiss, Cohen and Everitt (1969)",
         "Fleiss [1], Fleiss, Cohen and Everitt [2]"),
        ("Krippendorff’s alpha (Hayes and Krippendorff 2007)", "Krippendorff’s alpha [1]"),
    ],
)  # fmt: skip
def test_authors_and_years_become_numbers(text: str, cited: str) -> None:
    assert Citations().cite(text) == cited


def test_williams_design_is_cited_where_three_arms_follow_its_sequences() -> None:
    _, summary, _, _ = study(cases=2)
    arms = ("unguided", "guided", "measured")
    citations = Citations()
    text = citations.cite(design(replace(summary, arms=arms, design="crossover")))
    assert "sequences of a Williams design [1], counterbalanced among the readers" in text
    assert citations.cited == [REFERENCES["Williams", "1949"]]


def test_numbers_rise_with_the_first_citation_and_all_are_listed() -> None:
    _, summary, table, results = study(cases=20)
    details = DetailsSummary(rationale="As Cohen (1960) wrote.")
    document = make_document(replace(summary, details=details), table, results)
    *sections, references = document.content["sections"]
    items = references["blocks"][0]["items"]
    texts = [
        text
        for section in sections
        for block in section["blocks"]
        for text in (
            *map(block.get, ("text", "caption", "note", "method")),
            *block.get("items", ()),
        )
        if isinstance(text, str)
    ]
    lists = re.findall(r"\[(\d+(?:, \d+)*)\]", " ".join(texts))
    numbers = [int(number) for cited in lists for number in cited.split(", ")]
    assert list(dict.fromkeys(numbers)) == list(range(1, len(items) + 1))
    assert set(items) <= set(REFERENCES.values())
    assert "Hesterberg TC" in " ".join(items)
    for key in NAMED:
        assert REFERENCES[key] in items, key
    # The coordinator's own text stays as it was entered.
    assert "As Cohen (1960) wrote." in texts
    others = " ".join(texts).replace("As Cohen (1960) wrote.", "")
    assert [key for key in REFERENCES if re.search(rf"{key[0]} \(?{YEAR}", others)] == []
    page = html_of(document).decode()
    assert page.count("<li>") >= len(items)
    assert "New York: Chapman &amp; Hall; 1993." in page
