"""The analysis of cases as a task. Only a worker loads this module: it needs the predictor."""

from __future__ import annotations

import logging
from functools import cache
from typing import Any

from celery.signals import heartbeat_sent
from django.conf import settings

from inference.image import UnreadableImage
from inference.network.weights_header import CheckpointError, read_header
from inference.pipeline import analyze
from inference.predictor import SHIPPED_WEIGHTS, Predictor
from inference.runtime.selection import usable_threads
from studies.cases.landmarks.sets import begin_analysis, fail_analysis, store_analysis
from studies.cases.models import Case, Image
from studies.cases.queueing import ANALYSES, LOCATE_LANDMARKS
from studies.cases.stored_images import stored_image
from studies.celery import app
from studies.jobs.attempt import Reasons, attempt
from studies.jobs.claims import MOST_ATTEMPTS
from studies.jobs.requeue import Kind, watch
from studies.monitoring.heartbeat import Heartbeat, publish_heartbeat

logger = logging.getLogger(__name__)


@cache
def predictor() -> Predictor:
    """The one warm session of this worker process, with its part of the processors."""
    threads = usable_threads(processes=app.conf.worker_concurrency)
    return Predictor.load(settings.WEIGHTS or None, threads=threads)


REASONS = Reasons(
    too_long="The analysis took too long. Try it again.",
    unavailable="The stored image cannot be read. Try it again.",
    failed="The analysis failed. The worker's log has the details.",
    broken_off=(
        f"The analysis was broken off {MOST_ATTEMPTS} times because its worker stopped. "
        "Try it again."
    ),
)


@app.task(name=LOCATE_LANDMARKS)
def locate_landmarks_task(case_id: str) -> None:
    """Analyse one case; run twice it finds nothing left to do."""
    case = begin_analysis(case_id=case_id)
    if case is None:
        return
    with attempt(case, fail=_fail, reasons=REASONS):
        try:
            analysis = analyze(stored_image(Image.objects.get(case=case)), predictor())
        except UnreadableImage as error:
            _fail(case, error.text)
            return
        store_analysis(case=case, analysis=analysis)


def _fail(case: Case, reason: str) -> None:
    fail_analysis(case=case, reason=reason)


watch(Kind(Case, LOCATE_LANDMARKS, ANALYSES, _fail, REASONS))


@cache
def model_problem() -> str:
    """Name the error that keeps this worker's weights from being read; empty when there is none."""
    try:
        read_header(settings.WEIGHTS or SHIPPED_WEIGHTS)
    except CheckpointError as error:
        logger.error("the weights cannot be used: %s", error)
        return type(error).__name__
    return ""


@heartbeat_sent.connect
def report_alive(**_: Any) -> None:
    publish_heartbeat(Heartbeat(model_problem=model_problem()))
