from __future__ import annotations

from dataclasses import replace

from studies.analytics.study.agreement import agreement
from studies.reports.document.methods import methods
from studies.reports.document.study_summary import SiteFact
from tests.reports.study import study


def test_sites_are_those_of_the_readers_not_of_the_scanners() -> None:
    _, facts, table, _ = study()
    more = replace(facts, sites=(*facts.sites, SiteFact("C", "Oslo")))
    found = agreement(table, detail=True)
    assert "at 2 sites" in dict(methods(more, table, found))["Design"]


def test_images_that_were_not_dealt_are_counted() -> None:
    _, facts, table, _ = study()
    found = agreement(table, detail=True)
    said = " ".join(text for _, text in methods(facts, table, found))
    assert "All but 3 of 33 uploaded images were dealt" in said
    whole = replace(facts, cases_left_out=())
    said = " ".join(text for _, text in methods(whole, table, found))
    assert "Every uploaded image was dealt." in said
