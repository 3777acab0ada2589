"""The URL table: pages here, the API in `studies.api_urls`."""

from allauth.account import views as account
from django.contrib import admin
from django.urls import include, path

from studies.administration import pages as administration
from studies.administration import people_pages, trail_pages
from studies.api_urls import api
from studies.cases import linkage_pages as linkage
from studies.cases import pages as cases
from studies.conduct.copying import pages as copying
from studies.conduct.log import pages as log
from studies.conduct.plan import pages as plan
from studies.conduct.progress import pages as conduct_progress
from studies.correspondence import announcement_pages
from studies.correspondence import pages as correspondence
from studies.correspondence.inbox import get_inbox
from studies.fine_tuning.pages import models
from studies.fine_tuning.pages import runs as fine_tuning
from studies.practice import pages as practice
from studies.practice import reader_pages as reader_practice
from studies.practice.refreshers.numbers import numbers_on_screen
from studies.practice.refreshers.turn import get_mixed_progress
from studies.readers import design_pages as design
from studies.readers import pages as readers
from studies.readers import profile_pages as profile
from studies.readers.account_mail import pages as account_mail
from studies.reports import downloads as files
from studies.reports import export_downloads as exports
from studies.reports.details import pages as details
from studies.reports.pages import disagreements, pairs, planner
from studies.reports.pages import results as reports
from studies.review import pages as review
from studies.review.reopening import pages as reopening
from studies.sessions import pages as sessions
from studies.sessions.display import pages as display
from studies.sessions.reading_sessions import pages as reading_sessions

handler404 = "studies.sessions.pages.not_found"
handler500 = "studies.error_responses.internal_error"

study_pages = [
    path("", sessions.study, name="study"),
    path("setup", design.setup, name="setup"),
    path("amendments", design.record_amendment_page, name="record-amendment"),
    path("design.json", design.design_file, name="design-file"),
    path("copy", copying.copy_page, name="copy-study"),
    path("sites", design.add_site_page, name="add-site"),
    path("sites/<str:code>/remove", design.remove_site_page, name="remove-site"),
    path("people", readers.people, name="people"),
    path("people/reminders", readers.set_reminders, name="set-reminders"),
    path(
        "people/<int:pk>/deactivate",
        readers.set_member_active,
        {"active": False},
        name="deactivate-member",
    ),
    path(
        "people/<int:pk>/reactivate",
        readers.set_member_active,
        {"active": True},
        name="reactivate-member",
    ),
    path("invitations/<int:pk>/revoke", readers.revoke, name="revoke-invitation"),
    path("cases", cases.cases, name="cases"),
    path("linkage", linkage.linkage, name="linkage"),
    path("linkage/list", linkage.linkage_list, name="linkage-list"),
    path("linkage.csv", linkage.linkage_csv, name="linkage-csv"),
    path("linkage/keep", linkage.keep_linkage_page, name="keep-linkage"),
    path("linkage/delete", linkage.delete_linkage_page, name="delete-linkage"),
    path("upload", cases.upload, name="upload"),
    path("deidentification", cases.deidentification_review, name="deidentification-review"),
    path("models", models.study_models, name="study-models"),
    path("models/repeat-analyses", cases.repeat_analyses_page, name="repeat-analyses"),
    path("models/<uuid:pk>/select", models.select, name="select-model"),
    path("models/fine-tuning", fine_tuning.fine_tuning, name="fine-tuning"),
    path("models/fine-tuning/<uuid:pk>", fine_tuning.run, name="fine-tuning-run"),
    path("models/fine-tuning/<uuid:pk>/cancel", fine_tuning.cancel, name="cancel-fine-tuning"),
    path("models/fine-tuning/<uuid:pk>/resume", fine_tuning.resume, name="resume-fine-tuning"),
    path("assignment", sessions.assignment, name="assignment"),
    path("plan.csv", plan.plan_csv, name="plan-csv"),
    path("plan-preview.csv", plan.plan_preview_csv, name="plan-preview-csv"),
    path("assign", sessions.assign, name="assign"),
    path("reassign", sessions.reassign, name="reassign"),
    path("open", sessions.open_page, name="open-study"),
    path("pause", sessions.pause_page, name="pause-study"),
    path("lock", sessions.lock_page, name="lock-study"),
    path("progress/<str:label>", reading_sessions.reader_sessions, name="reader-sessions"),
    path(
        "progress/<int:pk>/waive-display-check",
        display.waive_display_check_page,
        name="waive-display-check",
    ),
    path(
        "progress",
        sessions.progress,
        {"more_context": practice.training_section, "numbers": numbers_on_screen},
        name="progress",
    ),
    path("progress-by-period", conduct_progress.progress_by_period, name="progress-by-period"),
    path(
        "progress-by-period.csv",
        conduct_progress.progress_by_period_csv,
        name="progress-by-period-csv",
    ),
    path("progress-by-case", conduct_progress.progress_by_case, name="progress-by-case"),
    path(
        "progress-by-case.csv", conduct_progress.progress_by_case_csv, name="progress-by-case-csv"
    ),
    path("log", log.study_log, name="study-log"),
    path("log.csv", log.study_log_csv, name="study-log-csv"),
    path("read", sessions.reading_room, name="read"),
    path("practice", reader_practice.practice, name="practice"),
    path("practice/start/<slug:kind>", reader_practice.start, name="start-practice"),
    path("practice/rounds/<uuid:pk>", reader_practice.practice_room, name="practice-room"),
    path("practice/setup", practice.practice_setup, name="practice-setup"),
    path("practice/phantoms", practice.add_phantoms_page, name="add-phantoms"),
    path("practice/cases", practice.add_practice_case_page, name="add-practice-case"),
    path(
        "practice/cases/<int:number>/remove",
        practice.remove_practice_case_page,
        name="remove-practice-case",
    ),
    path(
        "practice/cases/<int:number>/traces",
        practice.set_reference_traces_page,
        name="set-reference-traces",
    ),
    path(
        "practice/cases/<int:number>/traces/remove",
        practice.remove_reference_traces_page,
        name="remove-reference-traces",
    ),
    path("practice/refreshers", practice.set_refreshers_page, name="set-refreshers"),
    path("practice/certification", practice.set_certification_page, name="set-certification"),
    path(
        "practice/readers/<int:pk>/waive",
        practice.waive_certification_page,
        name="waive-certification",
    ),
    path("instructions", practice.edit_instructions, name="edit-instructions"),
    path(
        "instructions/pictures/<uuid:pk>.png",
        practice.instruction_picture,
        name="instruction-picture",
    ),
    path("messages", correspondence.message_list, name="messages"),
    path("messages.csv", correspondence.download, name="messages-csv"),
    path("messages/<uuid:pk>", correspondence.thread_page, name="message-thread"),
    path("messages/<uuid:pk>/close", correspondence.close, name="close-thread"),
    path("announcements", announcement_pages.announcements, name="announcements"),
    path(
        "announcements/<uuid:pk>/withdraw",
        announcement_pages.withdraw,
        name="withdraw-announcement",
    ),
    path(
        "announcements/<uuid:pk>/acknowledge",
        announcement_pages.acknowledge,
        name="acknowledge-announcement",
    ),
    path("agreement", reports.agreement, name="agreement"),
    path("agreement/interim-look", reports.interim_look, name="interim-look"),
    path("agreement/bootstrap", reports.bootstrap, name="bootstrap"),
    path("agreement/pairs/<slug:kind>", pairs.pairs, name="agreement-pairs"),
    path("review", disagreements.disagreements, name="disagreements"),
    path("review/cases/<str:label>", disagreements.disagreement, name="disagreement"),
    path("review/cases/<str:label>/notes", disagreements.add_note_page, name="add-review-note"),
    path("adjudication", review.adjudication, name="adjudication"),
    path("adjudication/start", review.start_adjudication, name="start-adjudication"),
    path("adjudication/version", review.create_reference_version, name="create-reference-version"),
    path("reopening", reopening.reopening, name="reopening"),
    path("reopening/request", reopening.request_page, name="request-reopening"),
    path("reopening/confirm", reopening.confirm_page, name="confirm-reopening"),
    path("reopening/withdraw", reopening.withdraw_page, name="withdraw-reopening"),
    path("adjudicate", review.adjudicator_cases, name="adjudicator-cases"),
    path("adjudicate/<uuid:pk>", review.adjudicate, name="adjudicate"),
    path("agreement/<slug:name>.svg", reports.figure, name="agreement-figure"),
    path("report-details", details.report_details, name="report-details"),
    path("precision", planner.planner, name="precision"),
    path("downloads", reports.downloads, name="downloads"),
    path("downloads/report", reports.make_report, name="make-report"),
    path("downloads/reports/<uuid:pk>.pdf", files.report_file, name="report-file"),
    path("downloads/reports/<uuid:pk>.html", files.report_page, name="report-page"),
    path("downloads/reports/<uuid:pk>-pairs.csv", files.report_pairs, name="report-pairs"),
    path("downloads/readings.csv", files.tidy_csv, name="tidy-csv"),
    path("downloads/training.csv", files.training_csv, name="training-csv"),
    path("downloads/codebook.csv", files.codebook, name="codebook"),
    path("downloads/sessions.csv", files.sessions_csv, name="sessions-csv"),
    path("downloads/sessions-codebook.csv", files.sessions_codebook, name="sessions-codebook"),
    path("downloads/nhanes.csv", files.nhanes_csv, name="nhanes-csv"),
    path("downloads/nhanes-codebook.csv", files.nhanes_codebook, name="nhanes-codebook"),
    path("downloads/readings.R", exports.syntax, {"program": "R"}, name="r-syntax"),
    path("downloads/readings.do", exports.syntax, {"program": "do"}, name="stata-syntax"),
    path("downloads/readings.sps", exports.syntax, {"program": "sps"}, name="spss-syntax"),
    path("downloads/readings.parquet", exports.parquet, name="parquet"),
    path("downloads/redcap.csv", exports.redcap_csv, name="redcap-csv"),
    path("downloads/redcap-dictionary.csv", exports.redcap_dictionary, name="redcap-dictionary"),
    path("downloads/readings.imrmc", exports.imrmc, name="imrmc"),
    path("downloads/reproduce.py", files.script, name="reproduce-script"),
    path("downloads/traces.json", files.traces, name="traces"),
    path("downloads/traces-coco.json", files.traces_as_coco, name="traces-coco"),
    path("downloads/workbook", reports.prepare_workbook, name="prepare-workbook"),
    path("downloads/package", reports.prepare_package, name="prepare-package"),
    path("downloads/package.zip", files.package, name="package"),
    path("downloads/readings.xlsx", files.workbook, name="workbook"),
    path("downloads/agreement.json", files.statistics_json, name="statistics-json"),
]
administration_pages = [
    path("studies", administration.studies, name="administration-studies"),
    path("people", people_pages.people, name="administration-people"),
    path("people/<int:pk>/deactivate", people_pages.deactivate, name="deactivate-account"),
    path("people/<int:pk>/reactivate", people_pages.reactivate, name="reactivate-account"),
    path("people/<int:pk>/reset-link", people_pages.reset_link, name="create-reset-link"),
    path("trail", trail_pages.trail, name="audit-trail"),
    path("trail.csv", trail_pages.trail_csv, name="audit-trail-csv"),
]
# Accounts come from invitations: no other page of allauth can be reached.
signing_in = [
    path("login/", account.login, name="account_login"),
    path("logout/", reading_sessions.sign_out, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("password/change/", account.password_change, name="account_change_password"),
    path("password/reset/", account_mail.request_reset, name="request-password-reset"),
    path("password/reset/<str:token>", account_mail.reset, name="reset-password"),
]
urlpatterns = [
    path(
        "",
        sessions.home,
        {"reader_progress": get_mixed_progress, "inbox": get_inbox},
        name="home",
    ),
    path("profile", profile.profile, name="profile"),
    path("profile/address", account_mail.address, name="address"),
    path("profile/address/remove", account_mail.remove_address_page, name="remove-address"),
    path("profile/mails", account_mail.mail_preferences, name="mail-preferences"),
    path("mail/confirm/<str:token>", account_mail.confirm, name="confirm-address"),
    path("mail/unsubscribe/<str:token>", account_mail.unsubscribe_page, name="unsubscribe"),
    path("profile/reader", profile.reader_profile, name="reader-profile"),
    path("profile/reader/skip", profile.skip_reader_profile, name="skip-reader-profile"),
    path("studies/new", design.new_study, name="new-study"),
    path("studies/import", design.import_study_page, name="import-study"),
    path("studies/<slug:slug>/", include(study_pages)),
    path("cases/<uuid:pk>", cases.case, name="case"),
    path("models", models.models, name="models"),
    path("models/<uuid:pk>", models.model, name="model"),
    path("models/<uuid:pk>/activate", models.activate, name="activate-model"),
    path(
        "scoring-guide/<slug:wall>-<int:grade>.png",
        practice.scoring_example,
        name="scoring-example",
    ),
    path("invitations/<str:token>", readers.invitation, name="invitation"),
    path("administration", administration.overview, name="administration"),
    path("administration/", include(administration_pages)),
    path("api/v1/", include(api)),
    path("accounts/", include(signing_in)),
    path("admin/", admin.site.urls),
]
