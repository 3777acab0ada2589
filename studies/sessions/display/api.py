"""REST endpoint of the display check at the start of a reading session."""

from __future__ import annotations

from typing import Annotated, Any, TypedDict

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from studies.protocol.models import Study
from studies.readers.access import get_membership
from studies.readers.models import Role
from studies.readers.requests import UserAPIRequest, user_api_view
from studies.sessions.display.checks import display_check_status, save_display_check
from studies.sessions.display.letters import (
    ALPHABET,
    CONTRASTS,
    ENDS,
    LETTERS_PER_CONTRAST,
)
from studies.sessions.reading_sessions.requests import ClientInput, take_client

# A row has two letters; readers may type spaces or surplus letters.
MAX_TYPED = 10


class DisplayCheckStatusJSON(TypedDict):
    """Whether a display check is due, and how to show one.

    ``contrasts`` are differences from black and white in grey levels of 0 to 255;
    ``required_contrast`` is the largest one at which a reader must read all letters to pass.
    """

    option: Annotated[str, Study.DisplayCheck]
    due: bool
    passed: bool
    waived: bool
    contrasts: list[int]
    required_contrast: int
    alphabet: str
    letters_per_contrast: int


class DisplayCheckJSON(TypedDict):
    """The result of a display check; a contrast is null if no letters were read."""

    dark_contrast: int | None
    bright_contrast: int | None
    letters_correct: int
    letters_shown: int
    required_contrast: int
    passed: bool


class EndInput(serializers.Serializer[Any]):
    """Letters at the dark or the bright end, one text per contrast, from strong to weak."""

    shown = serializers.ListField(
        child=serializers.RegexField(
            rf"^[{ALPHABET}]{{{LETTERS_PER_CONTRAST}}}\Z",
            max_length=LETTERS_PER_CONTRAST,
            trim_whitespace=False,
        ),
        min_length=len(CONTRASTS),
        max_length=len(CONTRASTS),
    )
    typed = serializers.ListField(
        child=serializers.CharField(max_length=MAX_TYPED, allow_blank=True),
        min_length=len(CONTRASTS),
        max_length=len(CONTRASTS),
        help_text="Blank where the reader could not see any letter.",
    )


class DisplayCheckInput(ClientInput):
    """The letters that were shown and typed, and the window of the browser."""

    check_id = serializers.UUIDField(
        help_text="A request with the id of a stored check stores nothing."
    )
    dark = EndInput()
    bright = EndInput()


CHECK = DisplayCheckInput()


@extend_schema(methods=["GET"], responses={200: DisplayCheckStatusJSON})
@extend_schema(methods=["POST"], request=DisplayCheckInput, responses={200: DisplayCheckJSON})
@user_api_view("GET", "POST")
def display_check(request: UserAPIRequest, slug: str) -> Response:
    """Return whether a display check is due, or store one for the current reading session."""
    reader = get_membership(request.user, slug, Role.READER)
    if request.method == "GET":
        status = display_check_status(reader=reader, client=take_client({}, request._request))
        answer: DisplayCheckStatusJSON = {
            "option": status.option,
            "due": status.due,
            "passed": status.passed,
            "waived": status.waived,
            "contrasts": list(CONTRASTS),
            "required_contrast": status.contrast,
            "alphabet": ALPHABET,
            "letters_per_contrast": LETTERS_PER_CONTRAST,
        }
        return Response(answer)
    values = dict(CHECK.run_validation(request.data))
    client = take_client(values, request._request)
    letters = {end: {name: list(rows) for name, rows in values[end].items()} for end in ENDS}
    check = save_display_check(
        reader=reader, check_id=values["check_id"], letters=letters, client=client
    )
    result: DisplayCheckJSON = {
        "dark_contrast": check.dark_contrast,
        "bright_contrast": check.bright_contrast,
        "letters_correct": check.letters_correct,
        "letters_shown": check.letters_shown,
        "required_contrast": check.required_contrast,
        "passed": check.passed,
    }
    return Response(result)
