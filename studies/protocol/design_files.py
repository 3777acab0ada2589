"""The design of a study as a JSON file, to be kept, published or used for another study.

The file has the design, the arms and the sites. It has no people, cases or secrets, and the random
seed only if that is requested: two studies with the same seed would have related draws.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from django.core.exceptions import ValidationError

from studies.audit.record import record
from studies.errors import StudyError
from studies.protocol.design import DESIGN_FIELDS, add_site, check_arms, complete_contrast
from studies.protocol.models import Arm, Site, Study

FORMAT: Final = "verteread-design"
VERSION: Final = 1
MAX_BYTES: Final = 64 * 1024
MAX_SITES: Final = 200
FIELDS: Final = ("description", *DESIGN_FIELDS)
"""Fields of the study in the file, besides name, arms and sites."""


@dataclass(frozen=True, slots=True)
class DesignFile:
    """A validated design: the arguments of `create_study`, and code and name of each site."""

    fields: dict[str, Any]
    arms: list[str]
    sites: list[tuple[str, str]]


def design_document(*, study: Study, actor: Any, with_seed: bool) -> dict[str, Any]:
    """Return the design of a study for a JSON file, and record the export."""
    names = [name for name in FIELDS if with_seed or name != "seed"]
    record("study.design_exported", actor=actor, study=study, with_seed=with_seed)
    return {
        "format": FORMAT,
        "version": VERSION,
        "name": study.name,
        "arms": [arm.code for arm in study.arms.listed()],
        "sites": [{"code": site.code, "name": site.name} for site in study.sites.all()],
        "design": {name: getattr(study, name) for name in names},
    }


def read_design(content: bytes) -> DesignFile:
    """Return the design of a JSON file.

    Raises StudyError with the field and the reason if the document is invalid.
    """
    document = _parse(content)
    design = _mapping(document.get("design"), "design")
    unknown = sorted(set(document) - {"format", "version", "name", "arms", "sites", "design"})
    unknown += sorted(set(design) - set(FIELDS))
    if unknown:
        raise _invalid(f"This version of VerteRead has no field “{unknown[0][:40]}”.")
    fields = {name: _value(name, value) for name, value in design.items()}
    fields["name"] = _value("name", document.get("name"))
    arms = _arms(document.get("arms"))
    fields.setdefault("design", Study.Design.CROSSOVER)
    try:
        check_arms(fields["design"], arms)
        fields |= complete_contrast(arms, fields)
    except ValidationError as error:
        raise _invalid(" ".join(error.messages)) from error
    return DesignFile(fields, arms, _sites(document.get("sites", [])))


def add_sites(*, study: Study, actor: Any, sites: list[tuple[str, str]]) -> None:
    """Add the sites of a design file to a new study."""
    for code, name in sites:
        add_site(study=study, actor=actor, code=code, name=name)


def _parse(content: bytes) -> dict[str, Any]:
    if len(content) > MAX_BYTES:
        raise _invalid(f"A design file can have at most {MAX_BYTES // 1024} KiB.")
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise _invalid("It is not a JSON file.") from error
    document = _mapping(document, "file")
    if document.get("format") != FORMAT:
        raise _invalid(f"Its “format” is not “{FORMAT}”. Select a design exported by VerteRead.")
    version = document.get("version")
    if version != VERSION or isinstance(version, bool):
        raise _invalid(f"Its version is not {VERSION}. Export the design with this version.")
    return document


def _value(name: str, value: Any) -> Any:
    field: Any = Study._meta.get_field(name)
    # The database refuses the NUL character, and bool is an int in Python.
    plain = isinstance(value, str | int) and "\x00" not in str(value)
    if not plain or isinstance(value, bool) != isinstance(field.get_default(), bool):
        raise _invalid(f"{name}: this value is not allowed.")
    try:
        return field.clean(value, None)
    except ValidationError as error:
        raise _invalid(f"{name}: {' '.join(error.messages)}") from error


def _arms(value: Any) -> list[str]:
    codes = set(Arm.Code.values)
    if not isinstance(value, list) or not all(
        isinstance(arm, str) and arm in codes for arm in value
    ):
        raise _invalid(f"arms: list one or more of {', '.join(sorted(codes))}.")
    if not value or len(set(value)) != len(value):
        raise _invalid("arms: list each arm once.")
    return value


def _sites(value: Any) -> list[tuple[str, str]]:
    if not isinstance(value, list) or len(value) > MAX_SITES:
        raise _invalid(f"sites: list at most {MAX_SITES} sites.")
    sites: dict[str, str] = {}
    for entry in value:
        site = _mapping(entry, "sites")
        code, name = site.get("code"), site.get("name")
        if not isinstance(code, str) or not isinstance(name, str) or "\x00" in code + name:
            raise _invalid("sites: each site has a code and a name.")
        try:
            Site(code=code, name=name).clean_fields(exclude=["study"])
        except ValidationError as error:
            raise _invalid(f"sites: {' '.join(error.messages)}") from error
        if code in sites:
            raise _invalid(f"sites: the code {code} occurs twice.")
        sites[code] = name
    return list(sites.items())


def _mapping(value: Any, name: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _invalid(f"{name}: an object with named values is expected.")
    return value


def _invalid(reason: str) -> StudyError:
    return StudyError("design_invalid", f"The design was not imported. {reason}")
