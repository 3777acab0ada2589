from __future__ import annotations

import html
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache

import pytest

from studies.analytics.io.tidy_csv import parse_csv
from studies.analytics.study.agreement import agreement
from studies.reports.document.document import _compared, make_document
from studies.reports.document.flow import describe_flow, flow_columns
from studies.reports.document.html import html_of
from studies.reports.document.pdf import pdf_of
from studies.reports.document.summary.conduct import (
    AmendmentSummary,
    ConductEvent,
    DropOuts,
    ReaderFlow,
    ReadingGap,
    ReopeningSummary,
)
from studies.reports.document.tables.conduct_tables import deviations
from tests.pdf_text import pages_of, text_of
from tests.reports.study import FACTS, study

ODD_NAME = '#read("/etc/passwd") *bold* $x$ <b> "quoted" \\ 研究'


def make_report(*snapshot, **options) -> bytes:
    return pdf_of(make_document(*snapshot, **options))


@cache
def whole_report() -> bytes:
    """Return the report of the whole study, which several tests read."""
    _, summary, table, results = study()
    return make_report(summary, table, results)


@cache
def whole_pages() -> list[str]:
    return pages_of(whole_report())


def whole_text() -> str:
    return " ".join(" ".join(whole_pages()).split())


@cache
def text_of_odd_report() -> str:
    """Return the text of a report of a study that deviates from its design, with an odd name."""
    _, summary, table, results = study(cases=25)
    at = datetime(2026, 11, 12, 9, 30, tzinfo=UTC)
    odd = replace(
        summary,
        name=ODD_NAME,
        readings_submitted=178,
        guided_without_guides=3,
        levels_corrected=1,
        reopenings=(ReopeningSummary(at, "Clara", "R1, C0007, guided", "wrong side"),),
    )
    return text_of(make_report(odd, table, results))


def test_same_snapshot_gives_the_same_bytes() -> None:
    _, summary, table, results = study()
    steps: list[tuple[int, int]] = []
    first = make_report(
        summary, table, results, progress=lambda done, total: steps.append((done, total))
    )
    assert first.startswith(b"%PDF")
    assert first == whole_report()
    assert steps and steps[-1][0] == steps[-1][1]


def test_same_snapshot_gives_the_same_html_without_external_resources() -> None:
    _, summary, table, results = study()
    first = html_of(make_document(summary, table, results))
    assert first == html_of(make_document(summary, table, results))
    shown = first.decode()
    assert "Guided reading increased mean linearly weighted kappa" in shown
    assert shown.count("data:image/svg+xml;base64,") == 10
    for word in ("http://", "https://", "<script", 'src="/', "@import"):
        assert word not in shown, word


def test_html_and_pdf_have_the_same_text() -> None:
    _, summary, table, results = study()
    document = make_document(summary, table, results)
    pdf = whole_text()
    page = html_of(document).decode()
    # A line never ends between a number and its per cent sign.
    assert re.search(r"\d %", page) is None
    shown = html.unescape(re.sub(r"<[^>]+>", " ", page)).replace("\N{NO-BREAK SPACE}", " ")
    for section in document.content["sections"]:
        assert section["heading"] in pdf
        assert section["heading"] in shown
        for block in section["blocks"]:
            for row in block.get("rows", ()):
                for text in row:
                    assert text.strip() in shown, text


def test_name_with_markup_is_only_text_in_html() -> None:
    _, summary, table, results = study(cases=25)
    name = "<script>alert(1)</script> & 研究"
    shown = html_of(make_document(replace(summary, name=name), table, results)).decode()
    assert "<script" not in shown
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; 研究" in shown


def test_deviations_from_the_design_are_listed() -> None:
    text = text_of_odd_report()
    for words in (
        "2 of 180 assigned readings were not submitted.",
        "the guides were never displayed; they were analysed in the arm to which they were",
        "In 1 case, a coordinator corrected",
        "12 Nov 2026, 09:30 UTC",
        "wrong side",
    ):
        assert words in text, words


def test_report_contains_the_required_statements() -> None:
    _, summary, _, results = study()
    text = whole_text()
    for words in (
        "For research, not for diagnosis",
        "Simulated data",
        "Guided reading increased mean linearly weighted kappa",
        "a washout period of at least 28 days",
        "(seed 7)",
        "Fleiss, Cohen and Everitt [",
        "Interim looks: access to scores before the database lock",
        summary.data_hash,
        "trained on synthetic images, for demonstration",
        "seed 7",
        "2,000 resamples of patients",
        "Distribution of active reading times",
        "by vertebral level and aortic wall, at the position scored",
        "Readings without an AAC-24 total",
    ):
        assert words in text, words
    kappa = results.get(
        "cohen_kappa", outcome="cells", arm="guided", weights="linear", readers=("R1", "R2")
    )
    assert f"{kappa.estimate.value:.2f} ({kappa.estimate.ci[0]:.2f}" in text


def test_flow_is_a_drawing_whose_text_alternative_has_numbers_and_reasons() -> None:
    _, summary, table, results = study()
    document = make_document(replace(summary, reader_flow=ReaderFlow(6, 5, 4, 3)), table, results)
    (flow,) = [
        block
        for section in document.content["sections"]
        for block in section["blocks"]
        if block.get("anchor") == "flow"
    ]
    assert document.drawings[flow["files"][0]].startswith(b"<?xml")
    for words in (
        "Images uploaded: 33. Left out or missing: Rejected: not a lateral spine (3).",
        "Cases assigned to readers: 30.",
        "Cases read: 30.",
        "No total (",
        "noise",
        "Readers who joined the study: 6. Left out or missing: Without a reading list (1).",
        "Readers who submitted all their readings: 3.",
    ):
        assert words in flow["alt"], words
    page = html.unescape(html_of(document).decode())
    assert f'alt="{flow["alt"]}"' in page


def test_flow_shows_drop_outs_and_their_reassigned_cases() -> None:
    _, summary, table, _ = study(cases=10)
    flow = ReaderFlow(7, 6, 5, 2, unstarted=DropOuts(1, 9), unfinished=DropOuts(2, 11))
    summary = replace(summary, reader_flow=flow)
    text = describe_flow(flow_columns(summary, table))
    for words in (
        "Readers with a reading list: 6.",
        "Dropped out before submitting a reading (1); Cases reassigned (9). Readers who",
        "Readers who submitted readings: 5.",
        "Dropped out before submitting all readings (2); Cases reassigned (11); Reading list incom",
        "Readers who submitted all their readings: 2.",
    ):
        assert words in text, words
    sentences = list(deviations(summary))
    assert (
        "3 readers dropped out before submitting all assigned readings; 20 cases of these readers "
        "were reassigned to other readers."
    ) in sentences
    complete = replace(summary, reader_flow=ReaderFlow(3, 3, 3, 3))
    assert "No reader dropped out." in list(deviations(complete))


def test_amendments_interruptions_and_days_between_readings_are_listed() -> None:
    _, summary, table, results = study(cases=25)
    at = datetime(2026, 11, 12, 9, 30, tzinfo=UTC)
    summary = replace(
        summary,
        amendments=(AmendmentSummary(2, date(2026, 11, 3), "Model changed", "Scoliosis"),),
        events=(ConductEvent(at, "12 cases of reader R2 reassigned to R3"),),
        gaps=(ReadingGap(False, 88, 31.24, 28.0, 55.9), ReadingGap(True, 20, 9.5, 7.0, 14.0)),
    )
    text = text_of(make_report(summary, table, results))
    for words in (
        "3 Nov 2026 Model changed Scoliosis",
        "12 Nov 2026, 09:30 UTC 12 cases of reader R2 reassigned to R3",
        "Readings in different arms 88 31.2 28.0 to 55.9",
        "Hidden repeats in the same arm 20 9.5 7.0 to 14.0",
    ):
        assert words in text, words
    assert "No amendment of the protocol" not in text


def test_interim_report_is_marked() -> None:
    _, summary, table, results = study(cases=25)
    text = text_of(make_report(replace(summary, locked_at=None), table, results))
    assert "Interim look" in text


def test_name_with_markup_is_only_text() -> None:
    assert '#read("/etc/passwd") *bold* $x$' in text_of_odd_report()


@pytest.mark.parametrize(
    "readings",
    [
        "A,1,guided,L1,anterior,2\n",
        "A,1,guided,L1,anterior,2\nB,1,guided,L1,anterior,2\n",
        "".join(f"{reader},{case},guided,L1,anterior,1\n" for reader in "AB" for case in range(5)),
        "A,1,unguided,L1,anterior,2\nB,2,guided,L1,anterior,1\n",
    ],
)
def test_report_of_very_few_readings_is_created(readings: str) -> None:
    table = parse_csv("reader,case,arm,level,wall,score\n" + readings)
    summary = replace(FACTS, models=(), readers=(), sites=(), interim_looks=())
    assert make_report(summary, table, agreement(table)).startswith(b"%PDF")


@pytest.mark.slow
def test_many_readers_fit() -> None:
    _, summary, table, results = study(readers=9, cases=20)
    assert "R8 – R9" in text_of(make_report(summary, table, results))


def test_hotelling_is_reported_with_the_pairs_not_with_reading_times() -> None:
    _, summary, table, results = study()
    sections = {
        section["key"]: str(section["blocks"])
        for section in make_document(summary, table, results).content["sections"]
    }
    assert re.search(r"Hotelling’s T² test \[\d+\] of the null hypothesis", sections["pairs"])
    assert "Hotelling’s T²" not in sections["time"]


@pytest.mark.parametrize(
    ("arms", "end"),
    [
        (("unguided",), ""),
        (("guided", "unguided"), " with and without intervertebral guides"),
        (("measured", "unguided"), " by unguided and measured reading"),
        (
            ("unguided", "guided measured", "guided"),
            " by unguided, guided and guided measured reading",
        ),
    ],
)
def test_title_names_the_arms_in_order_of_their_assistance(arms: tuple[str, ...], end: str) -> None:
    assert _compared(replace(FACTS, arms=arms)) == end
