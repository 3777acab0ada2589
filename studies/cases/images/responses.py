"""HTTP responses that carry the image of a case, for coordinators and for readers."""

from __future__ import annotations

from django.http import HttpResponse

from studies.cases.models import Case, Image
from studies.errors import NotFound
from studies.storage.files import read_stored

# An image changes its address with its version, so browsers may keep it for a day.
CACHED = "private, max-age=86400, immutable"
NOT_CACHED = "private, no-store"


def pixels_response(image: Image) -> HttpResponse:
    """Return the packed pixels: gzip-compressed rows, which the browser's fetch decompresses."""
    response = HttpResponse(read_stored(image.pixels), content_type="application/octet-stream")
    # Stored compressed and sent as it is: neither side spends time on packing it per request.
    response["Content-Encoding"] = "gzip"
    response["Cache-Control"] = CACHED
    return response


def thumbnail_response(image: Image) -> HttpResponse:
    """Return the thumbnail as PNG."""
    response = HttpResponse(read_stored(image.thumbnail), content_type="image/png")
    response["Cache-Control"] = CACHED
    return response


def image_of(case: Case) -> Image:
    """Return the image of a case; raises NotFound when it was removed with the rejection."""
    if case.state == Case.State.REJECTED:
        raise NotFound("The image of this case was removed when the case was rejected.")
    return case.image


def forbid_caching_while_pending(response: HttpResponse, case: Case) -> HttpResponse:
    """Keep an image that is pending review, and may show a name, out of browser caches."""
    if case.state == Case.State.PENDING_REVIEW:
        response["Cache-Control"] = NOT_CACHED
    return response
