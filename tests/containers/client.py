"""An HTTPS client that keeps cookies, fills in forms and calls the API, as a browser does."""

from __future__ import annotations

import json
import re
import ssl
import uuid
from dataclasses import dataclass
from http.client import HTTPException
from http.cookiejar import CookieJar
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode, urljoin
from urllib.request import (
    BaseHandler,
    HTTPCookieProcessor,
    HTTPRedirectHandler,
    HTTPSHandler,
    Request,
    build_opener,
)

from tests.containers.forms import form_with

TIMEOUT_S = 60


@dataclass(frozen=True)
class Answer:
    """A response; status 0 if no server answered."""

    status: int
    body: bytes
    url: str
    location: str = ""

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def data(self) -> Any:
        return json.loads(self.body)


class NoRedirect(HTTPRedirectHandler):
    """Return redirects instead of following them."""

    def redirect_request(self, *_: Any) -> None:
        """Do not follow the redirect."""


def get(url: str, **headers: str) -> Answer:
    """Send a GET request without an account and without following redirects."""
    return _send(Request(url, headers=headers))


def post(url: str) -> Answer:
    """Send an empty POST request without an account and without following redirects."""
    return _send(Request(url, data=b""))


def _send(request: Request) -> Answer:
    url = request.full_url
    try:
        return Client(url, NoRedirect()).send(request)
    except (OSError, HTTPException):
        return Answer(0, b"", url)


class Client:
    """The session of one person."""

    def __init__(self, url: str, *handlers: BaseHandler) -> None:
        self.url = url
        self._cookies = CookieJar()
        # The certificate of the test is self-signed.
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        self._opener = build_opener(
            HTTPSHandler(context=context), HTTPCookieProcessor(self._cookies), *handlers
        )

    def send(self, request: Request) -> Answer:
        try:
            with self._opener.open(request, timeout=TIMEOUT_S) as response:
                return Answer(response.status, response.read(), response.url)
        except HTTPError as error:
            location = error.headers.get("Location", "")
            return Answer(error.code, error.read(), request.full_url, location)

    def get(self, path: str) -> Answer:
        return self._expect(self.send(Request(self.url + path)))

    def api(self, method: str, path: str, **fields: Any) -> Any:
        body = json.dumps(fields).encode() if method != "GET" else None
        headers = self._headers() | {"Content-Type": "application/json"}
        request = Request(f"{self.url}/api/v1/{path}", body, headers, method=method)
        return self._expect(self.send(request)).data

    def fill_in(self, path: str, **fields: Any) -> Answer:
        """Fetch a page, change fields of its form, send the form and return the next page."""
        form = form_with(self.get(path).text, next(iter(fields)))
        values = form.values | fields | {"csrfmiddlewaretoken": self._token()}
        body = urlencode(values, doseq=True).encode()
        url = urljoin(self.url + path, form.action)
        return self._expect(self.send(Request(url, body, self._headers())))

    def upload(self, path: str, *, name: str, content: bytes, **fields: str) -> Any:
        """Send a file with other form fields and return the parsed answer."""
        boundary = uuid.uuid4().hex
        parts = [
            f'--{boundary}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'
            for key, value in fields.items()
        ]
        file_head = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
            "Content-Type: application/dicom\r\n\r\n"
        )
        body = "".join([*parts, file_head]).encode() + content + f"\r\n--{boundary}--\r\n".encode()
        headers = self._headers() | {"Content-Type": f"multipart/form-data; boundary={boundary}"}
        return self._expect(self.send(Request(f"{self.url}/api/v1/{path}", body, headers))).data

    def _headers(self) -> dict[str, str]:
        return {"X-CSRFToken": self._token(), "Referer": self.url + "/"}

    def _token(self) -> str:
        return next((c.value or "" for c in self._cookies if c.name == "csrftoken"), "")

    def _expect(self, answer: Answer) -> Answer:
        errors = re.findall(rb'<ul class="error.*?</ul>', answer.body, re.S)
        assert answer.status < 400 and not errors, (
            answer.url,
            answer.status,
            errors or answer.body[:1000],
        )
        return answer
