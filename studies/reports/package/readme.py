"""The README of the reproducibility package."""

from __future__ import annotations

import re
from typing import Final

from studies.reports.document.bootstrap.intervals import RESAMPLES
from studies.reports.document.formatting import kappa_name, outcome_name
from studies.reports.document.methods.reference import describe_reference
from studies.reports.document.summary.study import StudySummary
from studies.reports.files.conduct import conduct_items

INTERVALS: Final = {
    "expanded": "the expanded percentile bootstrap (`ci_bootstrap_expanded` in `bootstrap.json`)",
    "percentile": "the percentile bootstrap (`ci_bootstrap` in `bootstrap.json`)",
    "bca": "the BCa bootstrap (`ci_bca` in `bootstrap.json`)",
    "delta": "the delta method (`ci` in `statistics.json`)",
}
FILES: Final = {
    "readings.csv": "every score: one row per reading and cell",
    "codebook.csv": "the meaning of each column of `readings.csv`",
    "statistics.json": "the published statistics, one record per line",
    "bootstrap.json": (
        "the published bootstrap intervals of the primary outcome and of the ICC contrasts"
    ),
    "resamples.csv": "how often each patient was drawn in each bootstrap resample",
    "reader-resamples.csv": (
        "how often each reader was drawn in each resample: `n4_g0_r1` is the first of four readers "
        "in the order of their labels; group 0 stands for readers of all arms, 1 and 2 for the "
        "groups of a parallel study"
    ),
    "sessions.csv": "reading sessions: one row per session",
    "sessions-codebook.csv": "the meaning of each column of `sessions.csv`",
    "traces.json": "traced calcifications of measured readings, in image pixels",
    "reproduce.py": "recomputes and compares every statistic, in Python",
    "analytics.pyz": "VerteRead's statistics, which `reproduce.py` imports",
    "reproduce.R": "recomputes and compares the main statistics independently, in base R",
    "statistics.R": "the formulas that `reproduce.R` uses",
    "SHA256SUMS": "SHA-256 of every other file",
}

READERS_RESAMPLED: Final = (
    "percentile intervals for which readers are resampled as well (`ci_bootstrap_readers`), from\n"
    "  the resamples of readers in `reader-resamples.csv`, to 1e-9"
)
TOO_FEW_READERS: Final = (
    "no intervals for which readers are resampled as well (`ci_bootstrap_readers`), because they\n"
    "  require at least three readers"
)


def readme(summary: StudySummary, *, measured: bool, readers_resampled: bool) -> str:
    """Return the README: contents, how to run both scripts, and what they compare."""
    optional = {"traces.json": measured, "reader-resamples.csv": readers_resampled}
    rows = [
        f"| `{name}` | {contents} |" for name, contents in FILES.items() if optional.get(name, True)
    ]
    return TEXT.format(
        name=summary.name,
        snapshot=f"{summary.snapshot_at:%d %b %Y, %H:%M} UTC",
        state=_state(summary),
        version=summary.app_version,
        data_hash=summary.data_hash,
        outcome=outcome_name(summary.outcome),
        kappa=kappa_name(summary.weights),
        seed=summary.seed,
        resamples=f"{RESAMPLES:,}",
        files="\n".join(rows),
        conduct="\n".join(
            f"- {name.capitalize()}: {_one_line(text)}" for name, text in conduct_items(summary)
        ),
        interval=INTERVALS[summary.primary_interval],
        readers=READERS_RESAMPLED if readers_resampled else TOO_FEW_READERS,
        reference=_reference(summary),
    )


def _reference(summary: StudySummary) -> str:
    """Return the section on the adjudicated reference standard, "" unless there is one."""
    text = describe_reference(summary)
    if not text:
        return ""
    return (
        "\n## Reference standard\n\n"
        "The column `reference` of `readings.csv` and the statistics of each reader against the "
        f"reference standard use an adjudicated one. {_one_line(text)}\n"
    )


def _one_line(text: str) -> str:
    """Return text that people entered as one line of Markdown, without its special characters."""
    return re.sub(r"([\\`*_<>\[\]])", r"\\\1", " ".join(text.split()))


def _state(summary: StudySummary) -> str:
    if summary.locked_at is None:
        return "Interim: the study was not locked, and readings may have been added since."
    state = f"The database was locked on {summary.locked_at:%d %b %Y, %H:%M} UTC."
    return f"{state} The readings were simulated." if summary.simulated else state


TEXT: Final = """# Reproducibility package: {name}

Data snapshot: {snapshot}. {state}
Written by VerteRead {version}. SHA-256 of `readings.csv`: `{data_hash}`.

## Files

| File | Contents |
|---|---|
{files}

`readings.csv` names patients and readers by their labels in the study only. All times are in UTC.

## Conduct of the study

As in the report; `statistics.json` contains the same under `conduct`.

{conduct}
{reference}
## Check the files

    sha256sum -c SHA256SUMS

## Recompute the statistics in Python

    python -m pip install numpy scipy
    python reproduce.py > numbers.csv

Requires Python 3.11 or later, numpy and scipy, but no network connection or database. The script
checks the files, recomputes every statistic from `readings.csv`, writes them to `numbers.csv` and
compares them with `statistics.json` and `bootstrap.json`. It ends with exit status 1 if a number
differs by more than 1e-9.

`python analytics.pyz readings.csv` prints a table of the kappas; `python analytics.pyz --help`
lists its options.

## Recompute the main statistics in R

    Rscript reproduce.R

Requires R 4.0 or later and no packages. The script does not use VerteRead's code: it computes the
statistics from their published formulas. It compares

- Cohen's kappa of every pair of readers (unweighted, linear and quadratic weights), the mean over
  pairs and the differences between arms or groups of readers, with standard errors clustered by
  patient, to 1e-9;
- with three or more arms, the p-values of all contrasts and their Holm adjustment, to 1e-8;
- ICC(A,1) and ICC(C,1) of the totals with their F intervals, and the differences in ICC between
  arms with standard errors clustered by patient, to 1e-8;
- percentile, expanded percentile and BCa bootstrap intervals of the primary outcome
  ({outcome}, {kappa}) and of the ICC contrasts, from the {resamples} resamples of patients in
  `resamples.csv`, to 1e-9;
- {readers}.

The main finding uses the interval that the study's design fixed before any score was seen:
{interval}.

The script prints a table with the largest difference of each statistic and ends with exit status 1
if one exceeds its tolerance. The resamples were drawn with the seed {seed}.

## Licence

`analytics.pyz`, `reproduce.py`, `reproduce.R` and `statistics.R` are part of VerteRead and licensed
under the Apache License, Version 2.0 (http://www.apache.org/licenses/LICENSE-2.0). The licence of
the data is chosen by those who publish them.
"""
