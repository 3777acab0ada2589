"""Parse HTML forms with the values that a browser would send."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class Form:
    """A form with its current values."""

    action: str
    values: dict[str, list[str]] = field(default_factory=dict)
    options: dict[str, dict[str, str]] = field(default_factory=dict)
    """Values of the options of each selection list, by their texts."""


def forms_of(page: str) -> list[Form]:
    parser = _Parser()
    parser.feed(page)
    return parser.forms


def form_with(page: str, name: str) -> Form:
    """Return the form of a page that has a certain field."""
    for form in forms_of(page):
        if name in form.values or name in form.options:
            return form
    raise AssertionError(f"no form with the field {name} in:\n{page}")


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._list = ""
        self._option: str | None = None
        self._textarea = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(action=attributes.get("action", "")))
        if not self.forms:
            return
        values, name = self.forms[-1].values, attributes.get("name", "")
        if tag == "input" and name:
            toggle = attributes.get("type") in {"checkbox", "radio"}
            values.setdefault(name, [])
            if not toggle or "checked" in attributes:
                values[name].append(attributes.get("value", "on" if toggle else ""))
        elif tag == "textarea" and name:
            self._textarea = name
            values[name] = [""]
        elif tag == "select" and name:
            self._list = name
            self.forms[-1].options[name] = {}
        elif tag == "option" and self._list:
            self._option = attributes.get("value", "")
            if "selected" in attributes or self._list not in values:
                values[self._list] = [self._option]

    def handle_data(self, data: str) -> None:
        if self._textarea:
            self.forms[-1].values[self._textarea][0] += data
        elif self._option is not None and data.strip():
            self.forms[-1].options[self._list][data.strip()] = self._option

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._textarea = ""
        elif tag == "option":
            self._option = None
        elif tag == "select":
            self._list = ""
