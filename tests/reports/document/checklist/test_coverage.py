"""The pages that the checklist gives, compared with the text of each page of the PDF."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from functools import cache
from typing import Any

import pytest

from studies.reports.document.checklist.coverage import covered_items
from studies.reports.document.checklist.items import GRRAS
from studies.reports.document.document import Document, make_document
from studies.reports.document.html import html_of
from studies.reports.document.pdf import pdf_of
from studies.reports.document.summary.details import DetailsSummary
from studies.reports.document.summary.profiles import ProfileSummary
from tests.pdf_text import pages_of
from tests.reports.study import study

FULL, BARE = "full", "bare"
NAMES = [field.name for field in fields(DetailsSummary)]
DETAILS = DetailsSummary(
    **{name: f"Entered {name.replace('_', ' ')}, with <b>markup</b> & #x $y$" for name in NAMES}
)
READER = ProfileSummary("", "radiologist", 5, 200)
OF_COORDINATOR = {"3", "5", "6", "7"}


@cache
def report(kind: str) -> Document:
    _, summary, table, results = study()
    if kind == FULL:
        summary = replace(summary, details=DETAILS, profiles=(READER,) * 3)
    return make_document(summary, table, results)


@cache
def pages(kind: str) -> list[str]:
    return [" ".join(page.split()) for page in pages_of(pdf_of(report(kind)))]


def printed_places(kind: str) -> list[set[int]]:
    """Return the pages that the printed checklist gives for each item, in order."""
    text = " ".join(pages(kind)).split("In this report")[-1]
    places = re.findall(r"reported on pages? (\d+(?:, \d+)*)|not reported(?!:)", text)
    return [{int(number) for number in numbers.split(", ") if number} for numbers in places]


def texts_of_anchors(document: Document) -> dict[str, str]:
    """Return the first words of what each anchor marks."""
    content = document.content
    blocks: list[dict[str, Any]] = [
        block for section in content["sections"] for block in section["blocks"]
    ]
    texts = {"title": content["title"]}
    for block in blocks:
        if anchor := block.get("anchor"):
            text = block.get("title") if block["kind"] == "paragraph" else block.get("caption")
            texts[anchor] = text or block["items"][0]
    return {anchor: " ".join(text.split())[:40] for anchor, text in texts.items()}


@pytest.mark.parametrize("kind", [FULL, BARE])
def test_every_page_that_the_checklist_gives_has_the_text_of_the_item(kind: str) -> None:
    places, texts = printed_places(kind), texts_of_anchors(report(kind))
    items = covered_items(texts)
    assert len(places) == len(items) == len(GRRAS)
    for item, numbers in zip(items, places, strict=True):
        with_text = {
            anchor: {n for n, page in enumerate(pages(kind), 1) if texts[anchor] in page}
            for anchor in item["anchors"]
        }
        for anchor, where in with_text.items():
            assert where & numbers, (item["recommendation"], anchor)
        for number in numbers:
            assert any(number in where for where in with_text.values()), item["recommendation"]


def test_items_are_not_reported_without_the_information() -> None:
    by_item = dict(zip(GRRAS, printed_places(BARE), strict=True))
    names = {item: item.number or item.recommendation for item in GRRAS}
    missing = {names[item] for item, numbers in by_item.items() if not numbers}
    declarations = {item.recommendation for item in GRRAS if not item.number}
    assert missing == OF_COORDINATOR | {"4"} | declarations
    text = " ".join(pages(BARE)).split("In this report")[-1]
    assert "not reported: characteristics of" in text


def test_all_items_are_reported_with_the_information() -> None:
    assert all(printed_places(FULL))
    text = " ".join(pages(FULL)).split("In this report")[-1]
    assert "not reported" not in text


def test_one_of_two_sampling_methods_is_named_as_missing() -> None:
    item = covered_items({"subject-sampling"})[6]
    assert (item["anchors"], item["missing"]) == (["subject-sampling"], "sampling of readers")


@pytest.mark.parametrize("kind", [FULL, BARE])
def test_links_of_the_html_lead_to_what_they_name(kind: str) -> None:
    page = html_of(report(kind)).decode()
    targets = set(re.findall(r'id="(grras-[a-z-]+)"', page))
    links = re.findall(r'href="#(grras-[a-z-]+)"', page)
    assert links and set(links) <= targets
    assert page.count("<em>not reported") == (0 if kind == FULL else 10)


def test_entered_text_is_only_text() -> None:
    page = html_of(report(FULL)).decode()
    assert "<b>markup" not in page
    assert "Entered rationale, with &lt;b&gt;markup&lt;/b&gt; &amp; #x $y$" in page
    assert "Entered rationale, with <b>markup</b> & #x $y$" in " ".join(pages(FULL))
