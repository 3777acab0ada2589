"""REST endpoints of a study's agreement and reports, for those who may see its scores."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from studies.errors import Conflict
from studies.reports.choices import choice_from
from studies.reports.cut import NothingRead, current_cut
from studies.reports.models import ReportRun
from studies.reports.runs import ask_for_report, seeing_scores
from studies.reports.summary import answer
from studies.reports.tasks import queue_report

CHOICES = [OpenApiParameter(name, str) for name in ("outcome", "weights")]


@extend_schema(parameters=CHOICES, responses={200: OpenApiTypes.OBJECT})
@api_view(["GET"])
def agreement(request: Request, slug: str) -> Response:
    """The answer in a sentence and every record of the chosen outcome and weights."""
    study = seeing_scores(request.user, slug)
    try:
        cut = current_cut(study)
    except NothingRead as error:
        raise Conflict("nothing_read", "No reading has been submitted yet.") from error
    choice = choice_from(request.query_params.dict(), cut)
    said = answer(cut.table, cut.found, outcome=choice.outcome, weights=choice.weights)
    records = [
        result.record()
        for result in cut.found.results
        if result.outcome == choice.outcome and result.weights in (choice.weights, None)
    ]
    return Response(
        {
            "answer": {"verdict": said.verdict, "sentence": said.sentence, "caution": said.caution},
            "outcome": choice.outcome,
            "weights": choice.weights,
            "interim": not study.locked,
            "simulated": study.simulated,
            "data_cut": cut.facts.data_cut,
            "data_hash": cut.facts.data_hash,
            "results": records,
            "warnings": list(cut.found.warnings),
        }
    )


@extend_schema(request=None, responses={200: OpenApiTypes.OBJECT, 201: OpenApiTypes.OBJECT})
@api_view(["GET", "POST"])
def reports(request: Request, slug: str) -> Response:
    """The study's reports, newest first; POST asks for another."""
    study = seeing_scores(request.user, slug)
    if request.method == "POST":
        run = ask_for_report(study=study, by=request.user)
        queue_report(run)
        return Response(run_json(run), status=status.HTTP_201_CREATED)
    return Response({"results": [run_json(run) for run in study.report_runs.all()[:50]]})


def run_json(run: ReportRun) -> dict[str, Any]:
    done = run.state == ReportRun.State.DONE
    return {
        "id": str(run.pk),
        "state": run.state,
        "interim": run.interim,
        "steps_done": run.steps_done,
        "steps": run.steps,
        "failure": run.failure or None,
        "data_cut": run.data_cut,
        "data_hash": run.data_hash or None,
        "document_hash": run.document_hash or None,
        "created_at": run.created_at,
        "made_at": run.made_at,
        "url": reverse("report-file", args=[run.study.slug, run.pk]) if done else None,
    }
