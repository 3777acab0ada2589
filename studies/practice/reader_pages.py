"""Pages of a reader's own practice: overview, start of a round, and the reading room for it."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from studies.errors import NotFound
from studies.practice.certification import attempts_used
from studies.practice.instructions.api import instructions_json
from studies.practice.models import PracticeRound
from studies.practice.practice_set import active_practice_cases
from studies.practice.rounds.queries import get_round
from studies.practice.rounds.starting import start_round
from studies.practice.summary import rounds_of
from studies.readers.access import get_membership
from studies.readers.models import Role
from studies.readers.requests import UserRequest


@login_required
def practice(request: UserRequest, slug: str) -> HttpResponse:
    """Show instructions, scoring guide, practice and certification to a reader."""
    reader = get_membership(request.user, slug, Role.READER)
    study = reader.study
    rules = getattr(study, "certification_rules", None) if study.certification_required else None
    used = attempts_used(reader)
    rounds = rounds_of(reader)
    unfinished = {entry.kind for entry in rounds if entry.finished_at is None}
    context = {
        "study": study,
        "membership": reader,
        "instructions": instructions_json(reader),
        "rules": rules,
        "attempts_left": max(0, rules.attempts - used) if rules else 0,
        "rounds": rounds[::-1],
        "unfinished": unfinished,
        "available": active_practice_cases(study).count(),
    }
    return render(request, "practice/reader.html", context)


@login_required
@require_POST
def start(request: UserRequest, slug: str, kind: str) -> HttpResponse:
    """Start a round, or continue the one that is not finished."""
    reader = get_membership(request.user, slug, Role.READER)
    # Refreshers start by themselves, and an answer must not tell whether one is due.
    if kind not in {PracticeRound.Kind.PRACTICE, PracticeRound.Kind.CERTIFICATION}:
        raise NotFound
    started = start_round(reader=reader, kind=PracticeRound.Kind(kind))
    return redirect("practice-room", slug=slug, pk=started.pk)


@login_required
def practice_room(request: UserRequest, slug: str, pk: UUID) -> HttpResponse:
    """Show the reading room for one round."""
    practice_round = get_round(user=request.user, pk=pk)
    reader = practice_round.reader
    if reader.study.slug != slug:
        raise NotFound
    data = {
        "study": slug,
        "api": "/api/v1/",
        "round": str(pk),
        "reader": reader.label,
        "user": request.user.pk,
    }
    context = {
        "study": reader.study,
        "page_data": data,
        "practice_round": practice_round,
        "home": reverse("practice", args=[slug]),
    }
    return render(request, "practice/room.html", context)
