"""The Celery task that analyses cases. Only workers load this module: it needs the predictor."""

from __future__ import annotations

import logging
from functools import cache
from typing import Any, Final

from celery.signals import heartbeat_sent

from inference.image import UnreadableImage
from inference.network.weights_header import CheckpointError, read_header
from inference.pipeline import analyze
from studies.cases.images.decoding import decode_stored_image
from studies.cases.landmarks.analysis import (
    ModelChanged,
    begin_analysis,
    fail_analysis,
    model_for,
    store_analysis,
)
from studies.cases.models import Case, Image
from studies.cases.predictors import LoadedPredictors
from studies.cases.queueing import ANALYSES, LOCATE_LANDMARKS
from studies.celery import app
from studies.errors import Conflict
from studies.jobs.attempt import Reasons, attempt
from studies.jobs.claims import MAX_ATTEMPTS
from studies.jobs.requeue import Kind, watch
from studies.monitoring.heartbeat import Heartbeat, publish_heartbeat
from studies.registry.installed import installed_path

logger = logging.getLogger(__name__)
MAX_ANALYSES: Final = 3
"""Analyses of a case in one attempt; the others are for models that changed meanwhile."""
MODEL_KEPT_CHANGING = (
    f"The model of the study changed during each of {MAX_ANALYSES} analyses. Run it again."
)
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
            stored = any(_store_landmarks(case) for _ in range(MAX_ANALYSES))
        except UnreadableImage as error:
            _fail(case, error.text)
        except Conflict as error:
            _fail(case, error.message)
        else:
            if not stored:
                _fail(case, MODEL_KEPT_CHANGING)


def _store_landmarks(case: Case) -> bool:
    """Analyse a case; return False if the study got another model meanwhile."""
    image = Image.objects.get(case=case)
    predictor = PREDICTORS.get(model_for(case, image))
    analysis = analyze(decode_stored_image(image), predictor)
    try:
        store_analysis(case=case, analysis=analysis)
    except ModelChanged:
        logger.info("the model of the study of case %s changed: analysing it again", case.pk)
        return False
    return True


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
