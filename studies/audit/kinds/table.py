"""All kinds of events. Every code that `record` is called with is here; a test compares them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from studies.audit.kinds.cases import CASE_KINDS
from studies.audit.kinds.kind import About, Group, Kind
from studies.audit.kinds.messages import MESSAGE_KINDS
from studies.audit.kinds.people import ACCOUNT_KINDS, PEOPLE_KINDS
from studies.audit.kinds.readings import READING_KINDS
from studies.audit.kinds.results import MODEL_KINDS, RESULT_KINDS
from studies.audit.kinds.review import REVIEW_KINDS
from studies.audit.kinds.study import PRACTICE_KINDS, STUDY_KINDS

KINDS: Final[dict[str, Kind]] = {
    **CASE_KINDS,
    **READING_KINDS,
    **PEOPLE_KINDS,
    **MESSAGE_KINDS,
    **STUDY_KINDS,
    **PRACTICE_KINDS,
    **RESULT_KINDS,
    **REVIEW_KINDS,
    **MODEL_KINDS,
    **ACCOUNT_KINDS,
}


def kinds_about(*subjects: About) -> list[str]:
    """Return the codes of the kinds whose subject is one of these."""
    return [code for code, kind in KINDS.items() if kind.about in subjects]


def kinds_in(group: Group, codes: Collection[str] = KINDS) -> list[str]:
    """Return those of the codes that are in a group, in the order of the table."""
    return [code for code, kind in KINDS.items() if kind.group is group and code in codes]


def kind_choices(*, without: About | None = None) -> list[tuple[Group, list[tuple[str, str]]]]:
    """Return the choices of a filter by kind: each group, and its kinds with their titles."""
    hidden = set(kinds_about(without)) if without else set()
    codes = [code for code in KINDS if code not in hidden]
    choices = [
        (group, [(code, KINDS[code].title) for code in kinds_in(group, codes)]) for group in Group
    ]
    return [(group, kinds) for group, kinds in choices if kinds]
