"""Create a study, change its design until cases are assigned, and manage its sites."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError, RestrictedError
from django.utils.text import slugify

from studies.analytics.arms import arms_in_order
from studies.audit.record import record
from studies.errors import Conflict
from studies.protocol.amendments import amend_if_assigned
from studies.protocol.models import Arm, Site, Study

# Fields that cannot change once cases have been assigned.
DESIGN_FIELDS = (
    "design",
    "readers_per_case",
    "washout_days",
    "hidden_repeats",
    "hidden_repeat_share",
    "repeat_after_readings",
    "repeat_after_days",
    "stratified",
    "moderate_from",
    "high_from",
    "boundary",
    "scores",
    "primary_outcome",
    "primary_weights",
    "primary_interval",
    "primary_arm",
    "comparator_arm",
    "view_between_cases",
    "anterior_side",
    "break_after_minutes",
    "revision_rule",
    "minimum_image_px",
    "display_check",
    "display_contrast",
    "adjudicator_scores",
    "seed",
)
# Attempts to store a study whose address another request may take at the same moment.
ATTEMPTS = 10
# With more arms, reading lists would become longer than readers accept.
MAX_ARMS = 4
# From here on there are several contrasts, of which one is the primary one.
CONTRASTS_FROM = 3
GUIDED = (Arm.Code.GUIDED, Arm.Code.GUIDED_CORRECTED, Arm.Code.GUIDED_MEASURED)
MEASURED = (Arm.Code.MEASURED, Arm.Code.GUIDED_MEASURED)
FIELDS = ("name", "description", *DESIGN_FIELDS)


@transaction.atomic
def create_study(*, actor: Any, arms: list[str], **fields: Any) -> Study:
    """Create a study with its arms and an address made from its name."""
    fields["design"] = fields.get("design") or _default_design(arms)
    check_arms(fields["design"], arms)
    fields |= complete_contrast(arms, fields)
    study = _save_with_free_slug(Study(**fields))
    _set_arms(study, arms)
    record("study.created", actor=actor, study=study, seed=study.seed, arms=arms)
    return study


@transaction.atomic
def change_study(
    *, study: Study, actor: Any, arms: list[str], reason: str = "", **fields: Any
) -> Study:
    """Change name and description until the lock, and the design until cases are assigned.

    Once cases are assigned, a change is an amendment of the protocol with a reason. Raises Conflict
    when it is too late for a change, and StudyError without a reason where one is needed.
    """
    study = Study.objects.select_for_update().get(pk=study.pk)
    if study.locked:
        raise Conflict("locked", "The study is locked. It can no longer be changed.")
    fields["design"] = fields.get("design") or _default_design(arms, study.design)
    check_arms(fields["design"], arms)
    if not study.reading_lists.exists():
        fields |= complete_contrast(arms, {**study.__dict__, **fields})
    changed = {name: value for name, value in fields.items() if getattr(study, name) != value}
    old_arms = sorted(arm.code for arm in study.arms.all())
    arms_changed = sorted(set(arms)) != old_arms
    design_changed = set(changed) & set(DESIGN_FIELDS) or arms_changed
    if design_changed and study.reading_lists.exists():
        raise Conflict(
            "assigned", "Cases have been assigned. The study's design can no longer be changed."
        )
    if changed:
        change = "; ".join(_describe_change(study, name, changed[name]) for name in sorted(changed))
        amend_if_assigned(study=study, by=actor, change=change, reason=reason)
    for name, value in changed.items():
        setattr(study, name, value)
    study.full_clean()
    study.save()
    if arms_changed:
        # Nothing refers to the arms before cases are assigned.
        study.arms.all().delete()
        _set_arms(study, arms)
    record("study.changed", actor=actor, study=study, fields=sorted(changed), arms=sorted(arms))
    return study


def _describe_change(study: Study, field: str, value: Any) -> str:
    """Return what an amendment changes: the new name, or that the description changed."""
    if field == "name":
        return f"Name changed from “{study.name}” to “{value}”"
    return f"{field.replace('_', ' ').capitalize()} changed"


def check_arms(design: str, arms: list[str]) -> None:
    """Raise ValidationError if the number of arms does not fit the design."""
    count = len(set(arms))
    if design == Study.Design.SINGLE_ARM:
        if count > 1:
            raise ValidationError(
                f"A single-arm study has one arm, but {count} are selected. Select one arm, or "
                "another design to compare arms."
            )
        return
    if design == Study.Design.SEQUENTIAL:
        _check_sequential_arms(set(arms))
        return
    name = "crossover" if design == Study.Design.CROSSOVER else "parallel-group"
    if count < 2:
        raise ValidationError(
            f"A {name} study compares at least two arms. Select another arm, or the design "
            "“single arm”."
        )
    if count > MAX_ARMS:
        raise ValidationError(f"A study has at most {MAX_ARMS} arms, but {count} are selected.")


def complete_contrast(arms: list[str], fields: Mapping[str, Any]) -> dict[str, str]:
    """Return the primary contrast to store with these arms.

    With fewer than three arms there is a single contrast, and none is stored. With three or more,
    the arm with most assistance minus the one with least is stored unless both arms are named.

    Raises ValidationError if the named arms are not two different arms of the study.
    """
    if len(set(arms)) < CONTRASTS_FROM:
        return {"primary_arm": "", "comparator_arm": ""}
    first, second = fields.get("primary_arm") or "", fields.get("comparator_arm") or ""
    if not first and not second:
        ordered = arms_in_order(arms)
        first, second = str(ordered[-1]), str(ordered[0])
    if not first or not second or first == second:
        raise ValidationError(
            {"primary_arm": "The primary contrast compares two different arms. Select both."}
        )
    for field, arm in (("primary_arm", first), ("comparator_arm", second)):
        if arm not in arms:
            raise ValidationError(
                {field: f"The study has no arm “{Arm.Code(arm).label}”. Select one of its arms."}
            )
    return {"primary_arm": first, "comparator_arm": second}


def _check_sequential_arms(arms: set[str]) -> None:
    """Raise ValidationError unless a sequential study has the unguided arm and one other."""
    if len(arms) != 2 or Arm.Code.UNGUIDED not in arms:
        raise ValidationError(
            "A sequential study has two arms: the unguided arm, which is read first, and one other "
            "arm, which follows on the same case. Select “Unguided” and one other arm."
        )


@transaction.atomic
def add_site(*, study: Study, actor: Any, code: str, name: str, reason: str = "") -> Site:
    """Add a site; once cases are assigned, this is an amendment of the protocol with a reason.

    Raises ValidationError if the code is taken, StudyError without a reason where one is needed,
    and Conflict after the lock.
    """
    study = _lock_for_site_change(study)
    if study.sites.filter(code=code).exists():
        raise ValidationError(f"This study already has a site with the code {code}.")
    site = Site(study=study, code=code, name=name)
    site.full_clean()
    site.save()
    amend_if_assigned(study=study, by=actor, change=f"Site added: {code}, {name}", reason=reason)
    record("site.added", actor=actor, study=study, subject=site.code)
    return site


@transaction.atomic
def remove_site(*, site: Site, actor: Any, reason: str = "") -> None:
    """Remove a site; once cases are assigned, this is an amendment of the protocol with a reason.

    Raises Conflict if the site has members or cases, and after the lock, and StudyError without a
    reason where one is needed.
    """
    study, code = _lock_for_site_change(site.study), site.code
    change = f"Site removed: {code}, {site.name}"
    try:
        site.delete()
    except (ProtectedError, RestrictedError) as error:
        raise Conflict(
            "site_used", f"Site {code} has members or cases and cannot be removed."
        ) from error
    amend_if_assigned(study=study, by=actor, change=change, reason=reason)
    record("site.removed", actor=actor, study=study, subject=code)


def _lock_for_site_change(study: Study) -> Study:
    """Return the study with its row locked; raise Conflict once the study is locked."""
    study = Study.objects.select_for_update().get(pk=study.pk)
    if study.locked:
        raise Conflict("locked", "The study is locked. Its sites can no longer be changed.")
    return study


def _default_design(arms: list[str], current: str = Study.Design.CROSSOVER) -> str:
    """Return the design of a request that does not name one: the current one if it fits."""
    if len(set(arms)) == 1:
        return Study.Design.SINGLE_ARM
    return Study.Design.CROSSOVER if current == Study.Design.SINGLE_ARM else current


def _set_arms(study: Study, arms: list[str]) -> None:
    Arm.objects.bulk_create(
        Arm(study=study, code=code, guides=code in GUIDED, measured=code in MEASURED)
        for code in dict.fromkeys(arms)
    )


def _save_with_free_slug(study: Study) -> Study:
    """Save a new study under a free slug; try the next one if a concurrent request takes it."""
    for _ in range(ATTEMPTS):
        study.slug = _free_slug(study.name)
        study.full_clean()
        try:
            # In a savepoint, so that a taken slug does not abort the surrounding transaction.
            with transaction.atomic():
                study.save()
        except IntegrityError:
            continue
        return study
    raise Conflict(
        "name_taken",
        "Other studies with this name are being created. Try again, or change the name.",
    )


def _free_slug(name: str) -> str:
    base = slugify(name)[:50] or "study"
    taken = set(Study.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    # /studies/new and /studies/import are the pages that create a study.
    taken |= {"new", "import"}
    return next(
        slug
        for slug in (base, *(f"{base}-{number}" for number in range(2, len(taken) + 3)))
        if slug not in taken
    )
