"""Arms are listed from the least to the most assistance, without a change of any draw."""

from __future__ import annotations

import pytest
from django.utils import timezone

from studies.protocol.design_files import design_document
from studies.protocol.models import Arm, Study
from studies.reports.summaries.study import summarise_study
from studies.review.forms import RulesForm
from tests.make import Cast

pytestmark = pytest.mark.django_db
FOUR = ["unguided", "guided", "guided corrected", "measured"]


@pytest.fixture
def study() -> Study:
    return Cast(arms=[FOUR[index] for index in (2, 3, 1, 0)]).study


def test_every_arm_code_has_a_rank(study):
    Arm.objects.all().delete()
    for code in reversed(Arm.Code.values):
        Arm.objects.create(study=study, code=code)
    assert [arm.code for arm in study.arms.listed()] == Arm.Code.values


def test_arms_are_listed_in_the_same_order_on_pages_and_in_files(study, client):
    assert [arm.code for arm in study.arms.listed()] == FOUR
    coordinator = study.memberships.filter(role="coordinator", site=None).get().user
    client.force_login(coordinator)
    page = client.get(f"/studies/{study.slug}/").content.decode()
    names = ("Unguided", "Guided", "Guided, corrected landmarks", "Measured")
    assert "".join(f"<div>{name}</div>" for name in names) in page
    document = design_document(study=study, actor=coordinator, with_seed=False)
    assert document["arms"] == FOUR
    assert [code for code, _ in RulesForm(study).fields["arm"].choices] == FOUR


def test_summary_of_the_report_lists_arms_in_the_same_order(study):
    summary = summarise_study(study, snapshot_at=timezone.now(), data_hash="")
    assert summary.arms == tuple(FOUR)


def test_order_on_which_the_draw_depends_is_that_of_the_codes(study):
    """Another order would change the plan that a seed gives."""
    codes = [arm.code for arm in study.arms.all()]
    assert codes == sorted(FOUR, reverse=True)
