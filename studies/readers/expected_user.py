from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse

HEADER = "X-Expected-User"


class ExpectedUser:
    """Refuse a page's request once another person has signed in on the same browser.

    A page that sends what a person entered names that person in ``X-Expected-User``.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        expected = request.headers.get(HEADER)
        user = request.user
        if expected is None or not user.is_authenticated or expected == str(user.pk):
            return self.get_response(request)
        message = f"{user.shown_name} is signed in on this browser. Nothing was sent or changed."
        error = {"code": "other_user", "message": message}
        return JsonResponse({"error": error}, status=409)
