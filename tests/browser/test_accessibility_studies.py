"""axe finds nothing on the pages of conduct, review, results, administration and email."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core import signing
from django.urls import reverse
from playwright.sync_api import Browser, expect

from studies.analytics.study.disagreements.selection import SelectionRules
from studies.cases.linkage.entries import keep_linkage, store_identifiers
from studies.demonstration.correspondence import (
    add_messages_of_finished_study,
    add_messages_of_open_study,
    add_review_notes,
)
from studies.mail.models import OutgoingMail
from studies.protocol.models import Study
from studies.readers.account_mail import addresses
from studies.readers.account_mail.subscriptions import unsubscribe_path
from studies.readers.invitations import create_invitation
from studies.readers.members import add_member
from studies.readers.models import Membership, Role, User
from studies.review.adjudication.rounds import start_round
from studies.review.reopening.actions import request_reopening
from tests.browser.axe import AXE, Audit
from tests.browser.conftest import LINKAGE_KEY
from tests.browser.people import new_page
from tests.browser.reading.test_unsent import sign_in
from tests.browser.reviewing.reviewed_study import make_reviewed_study
from tests.make import make_case, make_reader, make_site, make_study, make_user

LOCKED_PAGES = [
    *("", "review", "adjudication", "reopening", "agreement", "downloads", "report-details"),
    *("precision", "log", "messages", "announcements", "progress-by-period", "progress-by-case"),
]
OPEN_PAGES = ["", "assignment", "people", "announcements", "messages", "linkage", "linkage/list"]
ADMINISTRATION = ["", "/studies", "/people", "/trail"]


@dataclass(frozen=True)
class Pages:
    """A locked study, one that is being set up, and the paths of pages without sign-in."""

    locked: Study
    early: Study
    without_sign_in: list[str]


@pytest.fixture
def pages(server: str, tmp_path: Path, settings: Any) -> Pages:
    clara = User.objects.get(username="clara")
    make_user("ada", is_staff=True, is_superuser=True)
    locked = make_reviewed_study(
        tmp_path, adjudicator_scores="shown", before_lock=add_messages_of_finished_study
    )
    coordinator = Membership.objects.get(study=locked, user=clara)
    add_review_notes(locked)
    rules = SelectionRules(cell_differs_by=1)
    start_round(study=locked, by=coordinator, arm="unguided", rules=rules)
    request_reopening(study=locked, by=coordinator, reason="Wrong image.")
    return Pages(locked, _make_early_study(clara, settings), _paths_without_sign_in(clara, locked))


def _make_early_study(clara: User, settings: Any) -> Study:
    """Return a study before assignment, with a linkage list, messages and a site coordinator."""
    settings.LINKAGE_KEYS = [LINKAGE_KEY]
    study = make_study(clara, name="Early trial")
    site = make_site(study)
    for name in ("ruth", "ralf"):
        make_reader(study, site, name)
    add_member(study=study, user=make_user("sita"), role=Role.COORDINATOR, site=site)
    keep_linkage(study=study, by=clara)
    for number in range(2):
        case = make_case(study, site)
        identifiers: Any = SimpleNamespace(patient_id=f"P{number}", accession_number="A1")
        store_identifiers(case=case, identifiers=identifiers, file_name="IM1.dcm")
    add_messages_of_open_study(study)
    return study


def _paths_without_sign_in(clara: User, study: Study) -> list[str]:
    _, token = create_invitation(
        study=study, role=Role.STATISTICIAN, site=None, note="", by=clara, address=""
    )
    user = make_user("erik", email="erik@example.org")
    confirmation = signing.dumps({"user": user.pk, "address": user.email}, salt=addresses.SALT)
    return [
        reverse("invitation", args=[token]),
        reverse("confirm-address", args=[confirmation]),
        unsubscribe_path(user, OutgoingMail.Kind.REMINDER),
        "/accounts/login/",
        "/no-such-page",
    ]


@pytest.mark.slow
@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed: make setup")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_pages_of_conduct_and_review(
    scheme: str, pages: Pages, browser: Browser, server: str
) -> None:
    locked, early = f"/studies/{pages.locked.slug}", f"/studies/{pages.early.slug}"
    paths = {
        "clara": [
            *(f"{locked}/{path}" for path in LOCKED_PAGES),
            *(f"{early}/{path}" for path in OPEN_PAGES),
            "/studies/new",
            "/profile",
        ],
        "stan": [f"{locked}/reopening"],
        "sita": [f"{early}/announcements", f"{early}/progress-by-case", f"{early}/log"],
        "adam": [f"{locked}/adjudicate"],
        "rita": ["/", f"{locked}/messages", "/profile/reader"],
        "ada": [f"/administration{path}" for path in ADMINISTRATION],
    }
    violations: list[str] = []
    audit = Audit(page := new_page(browser, server), scheme)
    for path in pages.without_sign_in:
        audit.visit(path)
    violations += audit.violations
    page.context.close()
    for name, of_person in paths.items():
        audit = Audit(page := new_page(browser, server), scheme)
        sign_in(page, name)
        for path in of_person:
            audit.visit(path)
        if name == "clara":
            page.goto(f"{locked}/review")
            page.get_by_role("button", name="Review cases").click()
            expect(page.locator(".review-pad")).to_have_count(2)
            audit.check("review of a case")
            page.goto(f"{early}/messages")
            page.get_by_role("link", name="General question").first.click()
            audit.check("thread")
        if name == "adam":
            page.get_by_role("button", name="Open next case").click()
            expect(page.locator(".pad-cell")).to_have_count(8)
            audit.check("adjudication")
            page.keyboard.press("x")
            audit.check("adjudication, reason")
        violations += audit.violations
        page.context.close()
    assert not violations, "\n".join(violations)
