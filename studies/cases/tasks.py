"""The Celery task that analyses cases. Only workers load this module: it needs the predictor."""

from __future__ import annotations

import logging
from functools import cache
from typing import Any

from celery.signals import heartbeat_sent

from inference.image import UnreadableImage
from inference.network.weights_header import CheckpointError, read_header
from inference.pipeline import analyze
from studies.cases.images.decoding import decode_stored_image
from studies.cases.landmarks.analysis import begin_analysis, fail_analysis, store_analysis
from studies.cases.models import Case, Image
from studies.cases.predictors import LoadedPredictors
from studies.cases.queueing import ANALYSES, LOCATE_LANDMARKS
from studies.celery import app
from studies.jobs.attempt import Reasons, attempt
from studies.jobs.claims import MAX_ATTEMPTS
from studies.jobs.requeue import Kind, watch
from studies.monitoring.heartbeat import Heartbeat, publish_heartbeat
from studies.registry.installed import installed_path
from studies.registry.study_models import model_of

logger = logging.getLogger(__name__)
PREDICTORS = LoadedPredictors()
"""The predictors that the tasks of this worker process share."""


REASONS = Reasons(
    too_long="The analysis took too long. Run it again.",
    unavailable="The stored image could not be read. Run the analysis again.",
    failed="The analysis failed. See the worker's log for details.",
    broken_off=(
        f"The analysis was interrupted {MAX_ATTEMPTS} times because its worker stopped. "
        "Run it again."
    ),
)


@app.task(name=LOCATE_LANDMARKS)
def locate_landmarks_task(case_id: str) -> None:
    """Analyse one case with the model of its study.

    Does nothing when the case no longer waits for an analysis.
    """
    case = begin_analysis(case_id=case_id)
    if case is None:
        return
    with attempt(case, fail=_fail, reasons=REASONS):
        try:
            predictor = PREDICTORS.get(model_of(case.study))
            analysis = analyze(decode_stored_image(Image.objects.get(case=case)), predictor)
        except UnreadableImage as error:
            _fail(case, error.text)
            return
        store_analysis(case=case, analysis=analysis)


def _fail(case: Case, reason: str) -> None:
    fail_analysis(case=case, reason=reason)


watch(Kind(Case, LOCATE_LANDMARKS, ANALYSES, _fail, REASONS))


@cache
def model_problem() -> str:
    """Return the class of the error that prevents reading the weights; "" when there is none."""
    try:
        read_header(installed_path())
    except CheckpointError as error:
        logger.error("the weights cannot be used: %s", error)
        return type(error).__name__
    return ""


@heartbeat_sent.connect
def publish_worker_heartbeat(**_: Any) -> None:
    """Report to the health check that this worker is connected and can load its weights."""
    queues = app.amqp.queues.consume_from
    publish_heartbeat(Heartbeat(model_problem=model_problem()), queues)
