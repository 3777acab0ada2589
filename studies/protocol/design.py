"""Making a study and changing its design, until the first list is dealt."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError, RestrictedError
from django.utils.text import slugify

from studies.audit.record import record
from studies.errors import Conflict
from studies.protocol.models import Arm, Site, Study

DESIGN_FIELDS = (
    "readers_per_case",
    "washout_days",
    "moderate_from",
    "high_from",
    "boundary",
    "primary_outcome",
    "primary_weights",
    "seed",
)
ATTEMPTS = 10
FIELDS = ("name", "description", *DESIGN_FIELDS)


@transaction.atomic
def create_study(*, actor: Any, arms: list[str], **fields: Any) -> Study:
    study = _saved_with_free_slug(Study(**fields))
    _set_arms(study, arms)
    record("study.created", actor=actor, study=study, seed=study.seed, arms=arms)
    return study


@transaction.atomic
def change_study(*, study: Study, actor: Any, arms: list[str], **fields: Any) -> Study:
    """Change name and description at any time before the lock, the design until lists are dealt."""
    study = Study.objects.select_for_update().get(pk=study.pk)
    if study.locked:
        raise Conflict("locked", "The study is locked: its design can be changed no more.")
    changed = {name: value for name, value in fields.items() if getattr(study, name) != value}
    old_arms = sorted(arm.code for arm in study.arms.all())
    arms_changed = sorted(set(arms)) != old_arms
    design_changed = set(changed) & set(DESIGN_FIELDS) or arms_changed
    if design_changed and study.reading_lists.exists():
        raise Conflict("dealt", "Lists are dealt: the study's design can be changed no more.")
    for name, value in changed.items():
        setattr(study, name, value)
    study.full_clean()
    study.save()
    if arms_changed:
        study.arms.all().delete()
        _set_arms(study, arms)
    record("study.changed", actor=actor, study=study, fields=sorted(changed), arms=sorted(arms))
    return study


@transaction.atomic
def add_site(*, study: Study, actor: Any, code: str, name: str) -> Site:
    study = _with_changeable_sites(study)
    if study.sites.filter(code=code).exists():
        raise ValidationError(f"This study already has a site with the code {code}.")
    site = Site(study=study, code=code, name=name)
    site.full_clean()
    site.save()
    record("site.added", actor=actor, study=study, subject=site.code)
    return site


@transaction.atomic
def remove_site(*, site: Site, actor: Any) -> None:
    study, code = _with_changeable_sites(site.study), site.code
    try:
        site.delete()
    except (ProtectedError, RestrictedError) as error:
        raise Conflict("site_used", f"{code} has people or cases and cannot be removed.") from error
    record("site.removed", actor=actor, study=study, subject=code)


def _with_changeable_sites(study: Study) -> Study:
    """Return the study with its row locked; raise Conflict once the study is locked."""
    study = Study.objects.select_for_update().get(pk=study.pk)
    if study.locked:
        raise Conflict("locked", "The study is locked. Its sites can no longer be changed.")
    return study


def _set_arms(study: Study, arms: list[str]) -> None:
    Arm.objects.bulk_create([Arm(study=study, code=code) for code in dict.fromkeys(arms)])


def _saved_with_free_slug(study: Study) -> Study:
    """Save a new study; somebody else may take its slug at the same moment."""
    for _ in range(ATTEMPTS):
        study.slug = _free_slug(study.name)
        study.full_clean()
        try:
            with transaction.atomic():
                study.save()
        except IntegrityError:
            continue
        return study
    raise Conflict(
        "name_taken", "Other studies of this name are being created. Try again, or change the name."
    )


def _free_slug(name: str) -> str:
    base = slugify(name)[:50] or "study"
    taken = set(Study.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    taken.add("new")
    return next(
        slug
        for slug in (base, *(f"{base}-{number}" for number in range(2, len(taken) + 3)))
        if slug not in taken
    )
