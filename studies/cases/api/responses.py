"""The response to a change of a case."""

from __future__ import annotations

from uuid import UUID

from rest_framework.response import Response

from studies.cases.access import get_coordinated_case
from studies.cases.representations.cases import case_detail_json
from studies.readers.models import User


def case_response(user: User, pk: UUID) -> Response:
    """Return a case after a change. Raises NotFound for people who do not coordinate it."""
    # Read again, so that the response shows what is stored.
    return Response(case_detail_json(get_coordinated_case(user, pk), user))
