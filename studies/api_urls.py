"""The addresses of the API, below ``/api/v1/``."""

from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularAPIView

from studies.cases.api import cases as cases_api
from studies.cases.api import landmarks as landmarks_api
from studies.cases.api import uploads as uploads_api
from studies.correspondence import api as correspondence_api
from studies.fine_tuning.api import models as models_api
from studies.fine_tuning.api import runs as fine_tuning_api
from studies.practice import api as practice_api
from studies.practice.instructions import api as instructions_api
from studies.practice.refreshers import api as refreshers_api
from studies.practice.refreshers.api import study_or_refresher
from studies.practice.refreshers.representations import mixed_submitted_json
from studies.readers import api as readers_api
from studies.reports import api as reports_api
from studies.reports.details import api as details_api
from studies.review import api as review_api
from studies.sessions import api as reading_api
from studies.sessions import study_lifecycle_api
from studies.sessions.display import api as display_api
from studies.sessions.measuring import api as measuring_api
from studies.sessions.reading_sessions import api as reading_sessions_api
from studies.sessions.submitted_readings import api as submitted_readings_api

of_a_study = [
    path("cases", cases_api.list_cases, name="api-cases"),
    path("uploads", uploads_api.uploads, name="api-uploads"),
    path("uploads/dismiss-all", uploads_api.dismiss_all_uploads, name="api-dismiss-all"),
    path("reading", refreshers_api.study_reading, name="api-study-reading"),
    path("reading/period", reading_api.reading_period, name="api-reading-period"),
    path("reading/break-reminder", reading_api.break_reminder, name="api-break-reminder"),
    path("revisable-readings", submitted_readings_api.revisable, name="api-revisable-readings"),
    path("instructions", instructions_api.instructions, name="api-instructions"),
    path(
        "instructions/acknowledge",
        instructions_api.acknowledge_instructions,
        name="api-instructions-acknowledge",
    ),
    path(
        "instructions/pictures",
        instructions_api.add_instruction_picture,
        name="api-instruction-pictures",
    ),
    path("display-check", display_api.display_check, name="api-display-check"),
    path("messages", correspondence_api.study_messages, name="api-messages"),
    path("overview", study_lifecycle_api.overview, name="api-overview"),
    path("progress", study_lifecycle_api.progress, name="api-progress"),
    path("reading-sessions", reading_sessions_api.reading_sessions, name="api-reading-sessions"),
    path(
        "assignment-preview",
        study_lifecycle_api.assignment_preview,
        name="api-assignment-preview",
    ),
    path("batches", study_lifecycle_api.batches, name="api-batches"),
    path("report-details", details_api.report_details, name="api-report-details"),
    path("readiness", study_lifecycle_api.readiness, name="api-readiness"),
    path("assign", study_lifecycle_api.assign, name="api-assign"),
    path("reassign", study_lifecycle_api.reassign, name="api-reassign"),
    path("open", study_lifecycle_api.open_, name="api-open"),
    path("pause", study_lifecycle_api.pause, name="api-pause"),
    path("lock", study_lifecycle_api.lock, name="api-lock"),
    path("review/cases/<str:label>/pixels", review_api.review_pixels, name="api-review-pixels"),
    path("model", models_api.study_model, name="api-study-model"),
    path("model/select", models_api.select, name="api-select-model"),
    path("fine-tunings", fine_tuning_api.fine_tunings, name="api-fine-tunings"),
    path("fine-tunings/start", fine_tuning_api.start_fine_tuning, name="api-start-fine-tuning"),
    path("agreement", reports_api.agreement, name="api-agreement"),
    path("agreement/bootstrap", reports_api.bootstrap, name="api-bootstrap"),
    path("reports", reports_api.reports, name="api-reports"),
    path("workbook", reports_api.workbook, name="api-workbook"),
    path("package", reports_api.package, name="api-package"),
]
of_a_case = [
    path("pixels", cases_api.case_pixels, name="api-case-pixels"),
    path("thumbnail", cases_api.case_thumbnail, name="api-case-thumbnail"),
    path("release", cases_api.release, name="api-case-release"),
    path("undo-release", cases_api.undo, name="api-case-undo-release"),
    path("reject", cases_api.reject, name="api-case-reject"),
    path("accept", landmarks_api.accept, name="api-case-accept"),
    path("confirm-corners", landmarks_api.confirm, name="api-case-confirm-corners"),
    path("exclude", cases_api.exclude, name="api-case-exclude"),
    path("shift-levels", landmarks_api.shift, name="api-case-shift"),
    path("relabelled", landmarks_api.relabelled, name="api-case-relabelled"),
    path("flip-side", landmarks_api.flip, name="api-case-flip"),
    path("analyse", cases_api.analyse, name="api-case-analyse"),
    path("landmarks", landmarks_api.move, name="api-case-landmarks"),
    path("landmarks/<int:version>", landmarks_api.landmark_set, name="api-landmark-set"),
    path("landmarks/<int:version>/restore", landmarks_api.restore, name="api-landmark-set-restore"),
]
of_a_reading = [
    path(
        "pixels",
        study_or_refresher(reading_api.reading_pixels, refreshers_api.refresher_pixels),
        name="api-reading-pixels",
    ),
    path(
        "guides",
        study_or_refresher(reading_api.reading_guides, refreshers_api.refresher_guides),
        name="api-reading-guides",
    ),
    path(
        "open",
        study_or_refresher(reading_api.reading_open, refreshers_api.refresher_open),
        name="api-reading-open",
    ),
    path(
        "cells/<str:cell>",
        study_or_refresher(reading_api.reading_cell, refreshers_api.refresher_cell),
        name="api-reading-cell",
    ),
    path(
        "comment",
        study_or_refresher(reading_api.reading_comment, refreshers_api.refresher_comment),
        name="api-reading-comment",
    ),
    path(
        "traces",
        study_or_refresher(measuring_api.reading_traces, refreshers_api.refresher_traces),
        name="api-reading-traces",
    ),
    path(
        "time",
        study_or_refresher(reading_api.reading_time, refreshers_api.refresher_time),
        name="api-reading-time",
    ),
    path(
        "submit",
        study_or_refresher(reading_api.reading_submit, refreshers_api.refresher_submit),
        {"answer": mixed_submitted_json},
        name="api-reading-submit",
    ),
    path("feedback/seen", refreshers_api.reading_feedback_seen, name="api-reading-feedback-seen"),
    path(
        "revise",
        study_or_refresher(submitted_readings_api.revise, refreshers_api.refresher_revise),
        name="api-reading-revise",
    ),
    path("reopen", study_lifecycle_api.reopen, name="api-reading-reopen"),
    path("messages", correspondence_api.reading_messages, name="api-reading-messages"),
]
of_practice = [
    path("rounds/<uuid:pk>", practice_api.practice_round, name="api-practice-round"),
    path("readings/<uuid:pk>", practice_api.practice_reading, name="api-practice-reading"),
    path(
        "readings/<uuid:pk>/pixels",
        practice_api.practice_reading_pixels,
        name="api-practice-pixels",
    ),
    path(
        "readings/<uuid:pk>/guides",
        practice_api.practice_reading_guides,
        name="api-practice-guides",
    ),
    path("readings/<uuid:pk>/open", practice_api.practice_reading_open, name="api-practice-open"),
    path(
        "readings/<uuid:pk>/cells/<str:cell>",
        practice_api.practice_reading_cell,
        name="api-practice-cell",
    ),
    path(
        "readings/<uuid:pk>/traces",
        practice_api.practice_reading_traces,
        name="api-practice-traces",
    ),
    path(
        "readings/<uuid:pk>/submit",
        practice_api.practice_reading_submit,
        name="api-practice-submit",
    ),
    path(
        "readings/<uuid:pk>/feedback",
        practice_api.practice_reading_feedback,
        name="api-practice-feedback",
    ),
    path(
        "readings/<uuid:pk>/feedback/seen",
        practice_api.practice_reading_feedback_seen,
        name="api-practice-feedback-seen",
    ),
]
of_an_adjudication = [
    path("pixels", review_api.adjudication_pixels, name="api-adjudication-pixels"),
    path("scores", review_api.adjudication_scores, name="api-adjudication-scores"),
    path("submit", review_api.adjudication_submit, name="api-adjudication-submit"),
]
api: list[URLPattern | URLResolver] = [
    path("schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("me/sign-in", readers_api.sign_in, name="api-sign-in"),
    path("me/preferences", readers_api.preferences, name="api-preferences"),
    path("uploads/<uuid:pk>/dismiss", uploads_api.dismiss_upload, name="api-dismiss"),
    path("models", models_api.models, name="api-models"),
    path("models/add", models_api.add, name="api-add-model"),
    path("models/<uuid:pk>/activate", models_api.activate, name="api-activate-model"),
    path("fine-tunings/<uuid:pk>/cases", fine_tuning_api.cases, name="api-fine-tuning-cases"),
    path("fine-tunings/<uuid:pk>/cancel", fine_tuning_api.cancel, name="api-cancel-fine-tuning"),
    path("fine-tunings/<uuid:pk>/resume", fine_tuning_api.resume, name="api-resume-fine-tuning"),
    path("studies/<slug:slug>/", include(of_a_study)),
    path("cases/<uuid:pk>", cases_api.case, name="api-case"),
    path("cases/<uuid:pk>/", include(of_a_case)),
    path(
        "readings/<uuid:pk>",
        study_or_refresher(reading_api.reading, refreshers_api.refresher),
        name="api-reading",
    ),
    path("readings/<uuid:pk>/", include(of_a_reading)),
    path("practice/", include(of_practice)),
    path(
        "announcements/<uuid:pk>/acknowledge",
        correspondence_api.acknowledge,
        name="api-announcement-acknowledge",
    ),
    path("adjudications/<uuid:pk>/", include(of_an_adjudication)),
]
