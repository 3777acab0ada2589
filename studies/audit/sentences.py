"""Sentences of audit events, from the templates in `studies.audit.kinds`.

A template has placeholders: ``{name}`` for a value, ``{cases:case}`` for a number with its noun.
Text in ``[ ]`` is left out if a value in it is missing or zero. Text in ``< >`` is in addition left
out for everyone except coordinators of the whole study, because it is about other sites.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from studies.audit.kinds.table import KINDS

SYSTEM: Final = "VerteRead"
_OPTIONAL: Final = re.compile(r"\[([^\]]*)\]|<([^>]*)>")
_PLACEHOLDER: Final = re.compile(r"\{(\w+)(?::([\w -]+))?\}")


def sentence(
    action: str,
    *,
    actor: str,
    subject: str = "",
    data: Mapping[str, Any] | None = None,
    whole_study: bool = False,
    details: bool = True,
) -> str:
    """Return an event as an English sentence.

    Parameters
    ----------
    action
        The code of the kind. A code that no longer exists gives a general sentence.
    actor
        The person as the viewer may see them, or `SYSTEM`.
    subject, data
        As stored in the event. Only values that the template names are shown.
    whole_study
        Whether the viewer coordinates the whole study.
    details
        Whether optional parts, such as the reasons that people entered, are shown.

    Examples
    --------
    >>> sentence("case.excluded", actor="CO01", subject="C0007", data={"reason": "motion"})
    'CO01 excluded case C0007: motion.'
    >>> sentence("study.locked", actor="CO01", data={"unread": 1}, whole_study=True)
    'CO01 locked the study with 1 unread reading.'
    """
    kind = KINDS.get(action)
    if kind is None:
        return f"{actor}: event recorded by an earlier version ({action})."
    values = {**(data or {}), "actor": actor, "subject": subject}

    def optional(match: re.Match[str]) -> str:
        text, restricted = match.group(1), match.group(2)
        if text is None:
            text = restricted if whole_study else ""
        names = [name for name, _ in _PLACEHOLDER.findall(text)]
        return text if details and all(values.get(name) for name in names) else ""

    # The optional parts first: values are inserted last, so that brackets in them do no harm.
    text = _OPTIONAL.sub(optional, kind.text)
    text = _PLACEHOLDER.sub(lambda match: _in_words(values, *match.groups()), text)
    # A reason may end with a full stop.
    return text.rstrip(" .") + "."


def _in_words(values: Mapping[str, Any], name: str, noun: str | None) -> str:
    value = values.get(name)
    if value is None or value == "":
        return "unknown"
    if noun is not None:
        return f"{value} {noun}" + ("" if value == 1 else "s")
    if isinstance(value, list | tuple):
        return ", ".join(str(item).replace("_", " ") for item in value)
    # One line, so that lists and CSV stay readable.
    return " ".join(str(value).split())
