"""Who may call what: every address, as every role. A new address without a rule fails here."""

from __future__ import annotations

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.make import Cast, make_user
from tests.security.played_study import played, played_once  # noqa: F401

pytestmark = pytest.mark.django_db

ANYBODY = {"coordinator", "site_coordinator", "reader", "other_reader", "statistician", "outsider"}
ANYBODY |= {"adjudicator"}
COORDINATORS = {"coordinator", "site_coordinator"}
WHOLE = {"coordinator"}
READERS = {"reader", "other_reader"}
SCORES = {"coordinator", "statistician"}
# Models belong to the installation: the outsider coordinates another study of it.
MODEL_VIEWERS = COORDINATORS | {"outsider", "admin"}
ADMIN = {"admin"}
NO_ONE: set[str] = set()  # before the lock; tests/reports/pages/test_results.py has the rest
MEMBERS = COORDINATORS | READERS | {"statistician", "adjudicator"}

STUDY, CASE, READING, UPLOAD = "study", "case", "reading", "upload"
# name: (method, what the address is about, who gets an answer)
RULES = {
    "home": ("GET", None, ANYBODY),
    "profile": ("GET", None, ANYBODY),
    "address": ("GET", None, ANYBODY),
    "remove-address": ("POST", None, ANYBODY),
    "mail-preferences": ("POST", None, ANYBODY),
    "reader-profile": ("GET", None, READERS),
    "skip-reader-profile": ("POST", None, READERS),
    "new-study": ("GET", None, {"coordinator", "outsider"}),
    "study": ("GET", STUDY, MEMBERS),
    "setup": ("GET", STUDY, WHOLE),
    "record-amendment": ("POST", STUDY, WHOLE),
    "design-file": ("GET", STUDY, WHOLE),
    "copy-study": ("GET", STUDY, {"coordinator"}),
    "import-study": ("POST", None, {"coordinator", "outsider"}),
    "add-site": ("POST", STUDY, WHOLE),
    "remove-site": ("POST", "site", WHOLE),
    "people": ("GET", STUDY, WHOLE),
    "set-reminders": ("POST", STUDY, WHOLE),
    "deactivate-member": ("POST", "member", WHOLE),
    "reactivate-member": ("POST", "member", WHOLE),
    "revoke-invitation": ("POST", "invitation", WHOLE),
    "cases": ("GET", STUDY, COORDINATORS),
    "linkage": ("GET", STUDY, COORDINATORS),
    "linkage-list": ("GET", STUDY, COORDINATORS),
    "linkage-csv": ("GET", STUDY, COORDINATORS),
    "keep-linkage": ("POST", STUDY, WHOLE),
    "delete-linkage": ("POST", STUDY, WHOLE),
    "upload": ("GET", STUDY, COORDINATORS),
    "deidentification-review": ("GET", STUDY, COORDINATORS),
    "assignment": ("GET", STUDY, WHOLE),
    "plan-csv": ("GET", STUDY, WHOLE),
    "plan-preview-csv": ("GET", STUDY, WHOLE),
    "assign": ("POST", STUDY, WHOLE),
    "reassign": ("POST", STUDY, WHOLE),
    "open-study": ("POST", STUDY, WHOLE),
    "pause-study": ("POST", STUDY, WHOLE),
    "lock-study": ("POST", STUDY, WHOLE),
    "progress": ("GET", STUDY, COORDINATORS),
    "reader-sessions": ("GET", "reader", COORDINATORS),
    "progress-by-period": ("GET", STUDY, COORDINATORS),
    "progress-by-period-csv": ("GET", STUDY, COORDINATORS),
    "progress-by-case": ("GET", STUDY, COORDINATORS),
    "progress-by-case-csv": ("GET", STUDY, COORDINATORS),
    "study-log": ("GET", STUDY, COORDINATORS),
    "study-log-csv": ("GET", STUDY, COORDINATORS),
    "read": ("GET", STUDY, READERS),
    "practice": ("GET", STUDY, READERS),
    "start-practice": ("POST", "kind", READERS),
    "practice-room": ("GET", "round", {"reader"}),
    "practice-setup": ("GET", STUDY, WHOLE),
    "set-refreshers": ("POST", STUDY, WHOLE),
    "add-phantoms": ("POST", STUDY, WHOLE),
    "add-practice-case": ("POST", STUDY, WHOLE),
    "remove-practice-case": ("POST", "practice_case", WHOLE),
    "set-reference-traces": ("POST", "practice_case", WHOLE),
    "remove-reference-traces": ("POST", "practice_case", WHOLE),
    "set-certification": ("POST", STUDY, WHOLE),
    "waive-certification": ("POST", "member", WHOLE),
    "waive-display-check": ("POST", "member", WHOLE),
    "edit-instructions": ("GET", STUDY, WHOLE),
    "instruction-picture": ("GET", "picture", COORDINATORS | READERS),
    "scoring-example": ("GET", "example", ANYBODY),
    "agreement": ("GET", STUDY, SCORES),
    "precision": ("GET", STUDY, SCORES),
    "interim-look": ("POST", STUDY, SCORES),
    "bootstrap": ("POST", STUDY, NO_ONE),
    "agreement-figure": ("GET", "figure", NO_ONE),
    "agreement-pairs": ("GET", "pairs", NO_ONE),
    "downloads": ("GET", STUDY, SCORES),
    "report-details": ("GET", STUDY, WHOLE),
    "make-report": ("POST", STUDY, NO_ONE),
    "report-file": ("GET", "report", NO_ONE),
    "report-page": ("GET", "report", NO_ONE),
    "report-pairs": ("GET", "report", NO_ONE),
    "tidy-csv": ("GET", STUDY, NO_ONE),
    "codebook": ("GET", STUDY, SCORES),
    "sessions-csv": ("GET", STUDY, NO_ONE),
    "sessions-codebook": ("GET", STUDY, SCORES),
    "training-csv": ("GET", STUDY, SCORES),
    "nhanes-csv": ("GET", STUDY, NO_ONE),
    "nhanes-codebook": ("GET", STUDY, SCORES),
    "reproduce-script": ("GET", STUDY, NO_ONE),
    "r-syntax": ("GET", STUDY, SCORES),
    "stata-syntax": ("GET", STUDY, SCORES),
    "spss-syntax": ("GET", STUDY, SCORES),
    "redcap-csv": ("GET", STUDY, NO_ONE),
    "redcap-dictionary": ("GET", STUDY, SCORES),
    "imrmc": ("GET", STUDY, NO_ONE),
    "parquet": ("GET", STUDY, NO_ONE),
    "traces": ("GET", STUDY, NO_ONE),
    "traces-coco": ("GET", STUDY, NO_ONE),
    "workbook": ("GET", STUDY, NO_ONE),
    "prepare-workbook": ("POST", STUDY, NO_ONE),
    "package": ("GET", STUDY, NO_ONE),
    "prepare-package": ("POST", STUDY, NO_ONE),
    "statistics-json": ("GET", STUDY, NO_ONE),
    "case": ("GET", CASE, COORDINATORS),
    "models": ("GET", None, MODEL_VIEWERS),
    "model": ("GET", "model", MODEL_VIEWERS),
    "activate-model": ("POST", "model", ADMIN),
    "study-models": ("GET", STUDY, COORDINATORS),
    "repeat-analyses": ("POST", STUDY, WHOLE),
    "select-model": ("GET", "model_of_study", WHOLE),
    "administration": ("GET", None, ADMIN),
    "administration-studies": ("GET", None, ADMIN),
    "administration-people": ("GET", None, ADMIN),
    "deactivate-account": ("POST", "account", ADMIN),
    "reactivate-account": ("POST", "account", ADMIN),
    "create-reset-link": ("POST", "account", ADMIN),
    "audit-trail": ("GET", None, ADMIN),
    "audit-trail-csv": ("GET", None, ADMIN),
    "api-models": ("GET", None, MODEL_VIEWERS),
    "api-add-model": ("POST", None, ADMIN),
    "api-activate-model": ("POST", "model", ADMIN),
    "api-study-model": ("GET", STUDY, COORDINATORS),
    "api-select-model": ("POST", STUDY, WHOLE),
    "fine-tuning": ("GET", STUDY, WHOLE),
    "fine-tuning-run": ("GET", "run_of_study", WHOLE),
    "cancel-fine-tuning": ("POST", "run_of_study", WHOLE),
    "resume-fine-tuning": ("POST", "run_of_study", WHOLE),
    "api-fine-tunings": ("GET", STUDY, WHOLE),
    "api-start-fine-tuning": ("POST", STUDY, WHOLE),
    "api-fine-tuning-cases": ("GET", "run", WHOLE),
    "api-cancel-fine-tuning": ("POST", "run", WHOLE),
    "api-resume-fine-tuning": ("POST", "run", WHOLE),
    "api-schema": ("GET", None, ANYBODY),
    "api-preferences": ("GET", None, ANYBODY),
    "api-sign-in": ("GET", None, ANYBODY),
    "api-cases": ("GET", STUDY, COORDINATORS),
    "api-uploads": ("GET", STUDY, COORDINATORS),
    "api-dismiss-all": ("POST", STUDY, COORDINATORS),
    "api-dismiss": ("POST", UPLOAD, WHOLE),
    "api-study-reading": ("GET", STUDY, READERS),
    "api-reading-period": ("POST", STUDY, READERS),
    "api-break-reminder": ("POST", STUDY, READERS),
    "api-revisable-readings": ("GET", STUDY, READERS),
    "api-instructions": ("GET", STUDY, COORDINATORS | READERS),
    "api-instructions-acknowledge": ("POST", STUDY, READERS),
    "api-instruction-pictures": ("POST", STUDY, WHOLE),
    "api-display-check": ("POST", STUDY, READERS),
    "api-overview": ("GET", STUDY, COORDINATORS),
    "api-progress": ("GET", STUDY, COORDINATORS),
    "api-reading-sessions": ("GET", STUDY, COORDINATORS),
    "api-assignment-preview": ("GET", STUDY, WHOLE),
    "api-batches": ("GET", STUDY, WHOLE),
    "api-readiness": ("GET", STUDY, WHOLE),
    "api-assign": ("POST", STUDY, WHOLE),
    "api-reassign": ("POST", STUDY, WHOLE),
    "api-open": ("POST", STUDY, WHOLE),
    "api-pause": ("POST", STUDY, WHOLE),
    "api-lock": ("POST", STUDY, WHOLE),
    "api-agreement": ("GET", STUDY, NO_ONE),
    "api-bootstrap": ("POST", STUDY, NO_ONE),
    "api-reports": ("GET", STUDY, NO_ONE),
    "api-workbook": ("GET", STUDY, NO_ONE),
    "api-package": ("GET", STUDY, NO_ONE),
    "api-report-details": ("GET", STUDY, SCORES),
    "api-case": ("GET", CASE, COORDINATORS),
    "api-case-pixels": ("GET", CASE, COORDINATORS),
    "api-case-thumbnail": ("GET", CASE, COORDINATORS),
    "api-case-release": ("POST", CASE, COORDINATORS),
    "api-case-undo-release": ("POST", CASE, COORDINATORS),
    "api-case-reject": ("POST", CASE, COORDINATORS),
    "api-case-accept": ("POST", CASE, COORDINATORS),
    "api-case-confirm-corners": ("POST", CASE, COORDINATORS),
    "api-case-exclude": ("POST", CASE, COORDINATORS),
    "api-case-shift": ("POST", CASE, COORDINATORS),
    "api-case-relabelled": ("GET", CASE, COORDINATORS),
    "api-case-flip": ("POST", CASE, COORDINATORS),
    "api-case-analyse": ("POST", CASE, COORDINATORS),
    "api-case-landmarks": ("POST", CASE, COORDINATORS),
    "api-landmark-set": ("GET", "landmark_set", COORDINATORS),
    "api-landmark-set-restore": ("POST", "landmark_set", COORDINATORS),
    "api-reading": ("GET", READING, {"reader"}),
    "api-reading-pixels": ("GET", READING, {"reader"}),
    "api-reading-guides": ("GET", READING, {"reader"}),
    "api-reading-open": ("POST", READING, {"reader"}),
    "api-reading-cell": ("PUT", READING, {"reader"}),
    "api-reading-comment": ("PUT", READING, {"reader"}),
    "api-reading-traces": ("PUT", READING, {"reader"}),
    "api-reading-time": ("POST", READING, {"reader"}),
    "api-reading-submit": ("POST", READING, {"reader"}),
    "api-reading-revise": ("POST", READING, {"reader"}),
    "api-reading-reopen": ("POST", READING, WHOLE),
}
RULES |= {
    "api-practice-round": ("GET", "practice_round", {"reader"}),
    "api-practice-reading": ("GET", "practice_reading", {"reader"}),
    "api-practice-pixels": ("GET", "practice_reading", {"reader"}),
    "api-practice-guides": ("GET", "practice_reading", {"reader"}),
    "api-practice-open": ("POST", "practice_reading", {"reader"}),
    "api-practice-cell": ("PUT", "practice_reading", {"reader"}),
    "api-practice-submit": ("POST", "practice_reading", {"reader"}),
    "api-practice-traces": ("PUT", "practice_reading", {"reader"}),
    "api-practice-feedback": ("GET", "submitted_practice", {"reader"}),
    "api-practice-feedback-seen": ("POST", "submitted_practice", {"reader"}),
    "api-reading-feedback-seen": ("POST", "seen_refresher", {"reader"}),
}
RULES |= {
    "messages": ("GET", STUDY, COORDINATORS | READERS),
    "messages-csv": ("GET", STUDY, WHOLE),
    "message-thread": ("GET", "thread", COORDINATORS | {"reader"}),
    "close-thread": ("POST", "thread", COORDINATORS),
    "announcements": ("GET", STUDY, COORDINATORS),
    "withdraw-announcement": ("POST", "announcement", WHOLE),
    "acknowledge-announcement": ("POST", "announcement", READERS),
    "api-messages": ("GET", STUDY, READERS),
    "api-reading-messages": ("GET", "seen_refresher", {"reader"}),
    "api-announcement-acknowledge": ("POST", "announcement_alone", READERS),
    "disagreements": ("GET", STUDY, SCORES),
    "disagreement": ("GET", "label", NO_ONE),
    "add-review-note": ("POST", "label", NO_ONE),
    "api-review-pixels": ("GET", "label", NO_ONE),
    "adjudication": ("GET", STUDY, SCORES),
    "start-adjudication": ("POST", STUDY, WHOLE),
    "create-reference-version": ("POST", STUDY, WHOLE),
    "adjudicator-cases": ("GET", STUDY, {"adjudicator"}),
    "adjudicate": ("POST", "adjudication", NO_ONE),
    "api-adjudication-pixels": ("GET", "any_adjudication", NO_ONE),
    "api-adjudication-scores": ("PUT", "any_adjudication", NO_ONE),
    "api-adjudication-submit": ("POST", "any_adjudication", NO_ONE),
    "reopening": ("GET", STUDY, SCORES),
    "request-reopening": ("POST", STUDY, SCORES),
    # No request is waiting; tests/review/test_reopening.py has the rest.
    "confirm-reopening": ("POST", STUDY, NO_ONE),
    "withdraw-reopening": ("POST", STUDY, NO_ONE),
}
OPEN_TO_ALL = {"invitation"}
# tests/readers/account_mail has their tests: a link of an email is all that they need.
OPEN_TO_ALL |= {"request-password-reset", "reset-password", "confirm-address", "unsubscribe"}
OTHERS_RULES = ("account_", "admin:")


def addresses() -> set[str]:
    """The names of all addresses but those of allauth and of Django's admin."""

    def walk(patterns: list[URLPattern | URLResolver], prefix: str = "") -> set[str]:
        routes: set[str] = set()
        for pattern in patterns:
            if isinstance(pattern, URLResolver):
                space = f"{pattern.namespace}:" if pattern.namespace else ""
                routes |= walk(pattern.url_patterns, prefix + space)
            else:
                routes.add(f"{prefix}{pattern.name}")
        return routes

    return {name for name in walk(get_resolver().url_patterns) if not name.startswith(OTHERS_RULES)}


def address_of(name: str, about: str | None, cast: Cast) -> str:
    arguments = {
        None: [],
        STUDY: [cast.study.slug],
        "site": [cast.study.slug, "B"],
        "figure": [cast.study.slug, "pairs"],
        "pairs": [cast.study.slug, "kappa"],
        "report": [cast.study.slug, cast.upload.pk],
        "reader": [cast.study.slug, cast.reader.label],
        "member": [cast.study.slug, cast.other_reader.pk],
        "invitation": [cast.study.slug, cast.invitation.pk],
        CASE: [cast.cases[0].pk],
        "label": [cast.study.slug, cast.cases[0].label],
        "adjudication": [cast.study.slug, cast.upload.pk],
        "any_adjudication": [cast.upload.pk],
        "landmark_set": [cast.cases[0].pk, 1],
        "kind": [cast.study.slug, "practice"],
        "round": [cast.study.slug, cast.practice.pk],
        "practice_round": [cast.practice.pk],
        "practice_reading": [cast.practice_reading.pk],
        "submitted_practice": [cast.submitted_practice.pk],
        "seen_refresher": [cast.seen_refresher.pk],
        "practice_case": [cast.study.slug, 1],
        "picture": [cast.study.slug, cast.picture.pk],
        "example": ["posterior", 2],
        "model": [cast.model.pk],
        "account": [cast.spare.pk],
        "run": [cast.run.pk],
        "run_of_study": [cast.study.slug, cast.run.pk],
        "model_of_study": [cast.study.slug, cast.model.pk],
        "thread": [cast.study.slug, cast.thread.pk],
        "announcement": [cast.study.slug, cast.announcement.pk],
        "announcement_alone": [cast.announcement.pk],
        UPLOAD: [cast.upload.pk],
        READING: [cast.reading.pk],
    }[about]
    if name in {"api-reading-cell", "api-practice-cell"}:
        arguments = [*arguments, "L1_anterior"]
    return reverse(name, args=arguments)


def test_every_address_has_a_rule():
    assert addresses() - OPEN_TO_ALL == set(RULES)


@pytest.mark.parametrize("name", RULES)
def test_only_those_who_may_get_an_answer(name, played, client_of):  # noqa: F811
    method, about, allowed = RULES[name]
    url = address_of(name, about, played)
    admin = make_user("ada", is_staff=True, is_superuser=True)
    people = {
        "outsider": played.outsider,
        "admin": admin,
        "statistician": played.statistician,
        "adjudicator": played.adjudicator,
        "other_reader": played.other_reader.user,
        "reader": played.reader.user,
        "site_coordinator": played.site_coordinator,
        "coordinator": played.coordinator,
    }
    expected = {role: role in allowed for role in people}
    expected["admin"] = allowed == ANYBODY or "admin" in allowed
    got = {
        role: getattr(client_of(person), method.lower())(url).status_code
        for role, person in people.items()
    }
    answered = {role: status not in {401, 403, 404} for role, status in got.items()}
    assert answered == expected, got


@pytest.mark.parametrize("name", RULES)
def test_nobody_gets_an_answer_without_signing_in(name, played, client):  # noqa: F811
    method, about, _ = RULES[name]
    answer = getattr(client, method.lower())(address_of(name, about, played))
    if name.startswith("api-"):
        assert answer.status_code == 401
        assert b"signed_out" in answer.content
    else:
        assert answer.status_code == 302
        assert answer["Location"].startswith("/accounts/login/")
