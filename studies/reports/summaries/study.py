"""The current summary of a study: everything that a report states besides agreement."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Count

from studies.cases.landmarks.network_sets import count_unchanged
from studies.cases.models import Case, LandmarkSet
from studies.cases.querysets import CaseQuerySet
from studies.protocol.models import Arm, Study
from studies.reports.document.summary.conduct import InterimLookSummary, ReaderSessions
from studies.reports.document.summary.study import (
    CaseCount,
    ModelSummary,
    ReaderSummary,
    SiteSummary,
    StratumSummary,
    StudySummary,
)
from studies.reports.summaries.changed_readings import summarise_reopenings, summarise_revisions
from studies.reports.summaries.conduct import (
    summarise_amendments,
    summarise_batches,
    summarise_events,
    unamended_instructions,
)
from studies.reports.summaries.display import summarise_display
from studies.reports.summaries.profiles import summarise_profiles
from studies.reports.summaries.review import summarise_reference, summarise_study_reopenings
from studies.reports.summaries.training import summarise_training
from studies.sessions.models import Reading, Revision
from studies.sessions.reading_sessions.summaries import session_statistics


def summarise_study(study: Study, *, snapshot_at: datetime, data_hash: str) -> StudySummary:
    """Return the summary of a study as it is now, for a snapshot of its readings."""
    readings = Reading.objects.filter(reading_list__study=study).counted()
    cases = Case.objects.of_study(study)
    assigned = cases.exclude(state=Case.State.EXCLUDED).filter(readings__isnull=False).distinct()
    readers = study.memberships.filter(reading_lists__isnull=False).distinct()
    return StudySummary(
        name=study.name,
        slug=study.slug,
        description=study.description,
        arms=tuple(arm.code for arm in study.arms.listed()),
        sites=tuple(SiteSummary(site.code, site.name) for site in study.sites.all()),
        readers=tuple(
            ReaderSummary(reader.label, reader.site.name if reader.site else "")
            for reader in readers.select_related("site").order_by("label")
        ),
        readers_per_case=study.readers_per_case,
        cases_uploaded=cases.count(),
        cases_assigned=assigned.count(),
        cases_excluded=_count_excluded(study),
        readings_assigned=readings.count(),
        readings_submitted=readings.submitted().count(),
        washout_days=study.washout_days,
        seed=study.seed,
        outcome=study.primary_outcome,
        weights=study.primary_weights,
        primary_interval=study.primary_interval,
        group_limits=study.group_limits,
        boundary=study.boundary,
        aac8=study.scores_aac8,
        design=study.design,
        contrast=study.primary_contrast,
        strata=tuple(
            StratumSummary(*row)
            for row in study.assigned_strata.values_list(
                "batch", "scanner", "site", "group", "cases", "fewest", "most"
            )
        ),
        hidden_repeats=study.hidden_repeats,
        hidden_repeat_share=study.hidden_repeat_share,
        repeat_after_readings=study.repeat_after_readings if study.has_hidden_repeats else 0,
        repeat_after_days=study.repeat_after_days if study.has_hidden_repeats else 0,
        interim_looks=tuple(
            InterimLookSummary(look.at, look.by.shown_name, look.reason)
            for look in study.interim_looks.select_related("by")
        ),
        locked_at=study.locked_at,
        snapshot_at=snapshot_at,
        data_hash=data_hash,
        app_version=settings.APP_VERSION,
        models=_models(study),
        simulated=study.simulated,
        demonstration=study.demonstration,
        reopenings=summarise_reopenings(study),
        revision_rule=study.revision_rule,
        revisions=summarise_revisions(study),
        guided_without_guides=readings.submitted()
        .filter(reading_list__guides=True, guides_ms=0)
        .exclude(revisions__in=Revision.objects.filter(submitted_at__isnull=False, guides_ms__gt=0))
        .count(),
        levels_corrected=_count_corrected(assigned),
        corners_confirmed=_count_confirmed(study),
        sessions=_sessions(study),
        training=summarise_training(study),
        display=summarise_display(study),
        profiles=summarise_profiles(study),
        study_reopenings=summarise_study_reopenings(study),
        reference=summarise_reference(study),
        amendments=summarise_amendments(study),
        events=summarise_events(study),
        batches=summarise_batches(study),
        unamended_instructions=unamended_instructions(study),
    )


def _sessions(study: Study) -> tuple[ReaderSessions, ...]:
    """Return number and length of the reading sessions of each reader who has any."""
    statistics = session_statistics(study.pk)
    readers = study.memberships.filter(pk__in=statistics).order_by("label")
    return tuple(
        ReaderSessions(
            label,
            statistics[pk].sessions,
            statistics[pk].median_minutes or 0.0,
            statistics[pk].total_minutes,
            statistics[pk].submitted,
        )
        for pk, label in readers.values_list("pk", "label")
    )


def _count_excluded(study: Study) -> tuple[CaseCount, ...]:
    """Count the excluded and the unassigned cases by state and reason, for the flow diagram."""
    cases = Case.objects.of_study(study)
    excluded = cases.filter(state=Case.State.EXCLUDED)
    unassigned = cases.exclude(state=Case.State.EXCLUDED).filter(readings=None)
    counts: list[CaseCount] = []
    for group in (excluded, unassigned):
        rows: Any = group.values("state", "reason_text").annotate(n=Count("pk"))
        for row in rows.order_by("state", "reason_text"):
            ready = row["state"] == Case.State.READY
            state = "not assigned" if ready else Case.State(row["state"]).label
            counts.append(CaseCount(state, row["reason_text"], row["n"]))
    return tuple(counts)


def _count_corrected(assigned: CaseQuerySet) -> int:
    """Count the assigned cases whose landmarks a person had corrected."""
    shown = LandmarkSet.objects.filter(pk__in=assigned.values("readings__landmark_set"))
    manual = shown.exclude(source=LandmarkSet.Source.MODEL).select_related("parent")
    return len({landmarks.case_id for landmarks in manual if landmarks.corrected})


def _count_confirmed(study: Study) -> tuple[int, int] | None:
    """Count the corrected cases of the arm with corrected guides, and those only confirmed.

    Return None if no case was assigned in this arm.
    """
    readings = Reading.objects.filter(
        reading_list__study=study, reading_list__arm=Arm.Code.GUIDED_CORRECTED
    ).counted()
    cases = dict(readings.order_by().values_list("landmark_set", "case"))
    unchanged = count_unchanged(cases)
    return (len(cases) - unchanged, unchanged) if cases else None


def _models(study: Study) -> tuple[ModelSummary, ...]:
    """Return the networks whose landmarks readers were shown."""
    shown = LandmarkSet.objects.filter(
        pk__in=Reading.objects.filter(reading_list__study=study).values("landmark_set")
    )
    rows = shown.values_list("model_name", "model_checksum", "model_note").distinct()
    return tuple(ModelSummary(*row) for row in rows.order_by("model_name", "model_checksum"))
