"""The image of a practice case as the reading room gets it."""

from __future__ import annotations

from django.http import HttpResponse

from studies.cases.images.responses import CACHED, pixels_response
from studies.practice.models import PracticeCase
from studies.practice.phantoms import practice_pixels


def practice_case_pixels(practice_case: PracticeCase) -> HttpResponse:
    """Return the image of a practice case."""
    if practice_case.case is not None:
        return pixels_response(practice_case.case.image)
    assert practice_case.seed is not None  # by a database constraint
    response = HttpResponse(
        practice_pixels(practice_case.seed), content_type="application/octet-stream"
    )
    response["Content-Encoding"] = "gzip"
    response["Cache-Control"] = CACHED
    return response
