"""Choice of the format of a response: an endpoint has one, whatever the request accepts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request


class OneFormatNegotiation(DefaultContentNegotiation):
    """Respond in the only format of the endpoint, and choose where there are several.

    REST framework would return 406 for ``Accept: image/png`` although the endpoint returns a PNG,
    because it knows only the renderer of the errors; and 404 for an unknown query ``format``.
    """

    def select_renderer(
        self,
        request: Request,
        renderers: Iterable[BaseRenderer],
        format_suffix: str | None = None,
    ) -> tuple[BaseRenderer, str]:
        """Return the renderer and its media type; the arguments are those of REST framework."""
        available: Sequence[BaseRenderer] = list(renderers)
        if len(available) == 1:
            return available[0], available[0].media_type
        choice: tuple[BaseRenderer, str]
        choice = super().select_renderer(request, available, format_suffix)
        return choice
