"""What changes a case's landmarks: the network, and a coordinator's corrections.

Each makes a new LandmarkSet; the earlier ones stay.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from django.db import transaction

from inference.geometry.body_heights import judge_spacing
from inference.measurements import measure
from inference.results import VERTEBRAE, Analysis, Body, Landmarks, Side, Spacing
from studies.audit.record import record
from studies.cases.editable import changeable_case, check_study_changeable
from studies.cases.landmarks.diff import column_after, moves_between, placed_by_hand
from studies.cases.models import Case, Image, LandmarkSet
from studies.cases.stored_images import stored_image
from studies.errors import Conflict, NotFound, StudyError
from studies.jobs.claims import ClaimLost, claim, locked_claim
from studies.readers.models import User


def begin_analysis(*, case_id: Any) -> Case | None:
    """Claim a case for its analysis; None when it no longer waits for one."""
    return claim(Case.objects.all(), case_id)


@transaction.atomic
def store_analysis(*, case: Case, analysis: Analysis) -> LandmarkSet:
    """Store the network's landmarks; raises ClaimLost when the case was settled meanwhile."""
    case = locked_claim(case, "study")
    found = analysis.to_dict()
    _keep_spacing(case, analysis.spacing_mm, analysis.spacing_source)
    landmark_set = _add_version(
        case,
        source=LandmarkSet.Source.MODEL,
        model_name=analysis.model.name,
        model_checksum=analysis.model.checksum,
        model_note=analysis.model.training_note,
        anterior=analysis.prediction.anterior,
        **_measured(found),
        landmarks=found["landmarks"],
        bodies=[body.to_dict() for body in analysis.prediction.bodies],
        level_doubt=found["level_doubt"],
    )
    view_doubt = analysis.prediction.view_doubt
    if view_doubt is not None and not case.released:
        case.state = Case.State.PENDING_REVIEW
        case.reason_code, case.reason_text = "view_doubtful", view_doubt.detail
    else:
        case.state = Case.State.READY
        case.reason_code = case.reason_text = ""
    case.save()
    record("case.analysed", study=case.study, subject=case.label, version=landmark_set.version)
    return landmark_set


@transaction.atomic
def fail_analysis(*, case: Case, reason: str) -> None:
    """Store why the claimed analysis failed; a case that was settled meanwhile stays as it is."""
    with suppress(ClaimLost):
        case = locked_claim(case, "study")
        case.state = Case.State.FAILED
        case.reason_code, case.reason_text = "analysis_failed", reason
        case.save()
        record("case.failed", study=case.study, subject=case.label)


def shift_levels(*, case: Case, by: int, actor: User, based_on: int | None = None) -> LandmarkSet:
    """Give every body the name one level below (1) or above (-1) its own.

    With 1 the labels move cranially on the image, with -1 caudally.

    A body that the network marked beyond T12 or L5 takes the name that becomes free.
    """
    case, current = _seen(case, based_on)
    return _correct(case, current, actor, LandmarkSet.Source.SHIFTED, _relabelled(current, by))


def relabelling_preview(*, case: Case, by: int) -> Landmarks:
    """The corners as ``shift_levels`` would name them; nothing is stored."""
    if case.landmark_set is None:
        raise Conflict("not_analysed", "This case has not been analysed yet.")
    return _relabelled(case.landmark_set, by)


def flip_side(*, case: Case, actor: User, based_on: int | None = None) -> LandmarkSet:
    """Call the other side anterior: each body's anterior and posterior corners change names."""
    case, current = _seen(case, based_on)
    side: Side = "left" if current.anterior == "right" else "right"
    flipped = Landmarks.from_dict(current.landmarks).flipped()
    return _correct(case, current, actor, LandmarkSet.Source.FLIPPED, flipped, anterior=side)


def move_corners(
    *, case: Case, landmarks: Landmarks, based_on: int, actor: User, reason: str = ""
) -> LandmarkSet:
    """Put corners where a coordinator set them; ``based_on`` is the version that was looked at."""
    case, current = _correctable(case, based_on)
    before = Landmarks.from_dict(current.landmarks)
    moved = placed_by_hand(before, landmarks)
    image = Image.objects.get(case=case)
    if not moves_between(before, moved, image.pixel_size).corners:
        raise Conflict("nothing_moved", "No corner was moved: there is nothing to save.")
    if not moved.bodies:
        raise StudyError("nothing_left", "No corner would be left.")
    if moved.within(image.width, image.height) != moved:
        raise StudyError("outside", "A corner outside the image is left out, not set there.")
    column = column_after([Body.from_dict(body) for body in current.bodies], before, moved)
    return _correct(case, current, actor, LandmarkSet.Source.MOVED, moved, column, reason=reason)


def take_again(*, case: Case, version: int, based_on: int, actor: User) -> LandmarkSet:
    """Make an earlier set the case's current one, as a new version."""
    case, current = _correctable(case, based_on)
    earlier = case.landmark_sets.filter(version=version).first()
    if earlier is None:
        raise NotFound(f"This case has no version {version} of its landmarks.")
    if earlier == current:
        raise Conflict("is_current", f"Version {version} is the current one already.")
    again = Landmarks.from_dict(earlier.landmarks)
    side: Any = earlier.anterior
    return _correct(case, earlier, actor, LandmarkSet.Source.TAKEN, again, anterior=side)


@transaction.atomic
def accept_doubt(*, case: Case, actor: User, based_on: int | None = None) -> Case:
    """Take the names of the levels as right although the network doubts them."""
    case, current = _current(case, based_on)
    if current.level_doubt is None:
        raise Conflict("no_doubt", "The levels of this case are not in doubt.")
    case.doubt_accepted_for = current
    case.save(update_fields=["doubt_accepted_for"])
    record("case.doubt_accepted", actor=actor, study=case.study, subject=case.label)
    return case


def _seen(case: Case, based_on: int | None) -> tuple[Case, LandmarkSet]:
    """The case and its set without a lock, to compute from; `_correct` looks again."""
    case = Case.objects.select_related("study", "landmark_set").get(pk=case.pk)
    check_study_changeable(case.study)
    return case, _current_set(case, based_on)


def _current(case: Case, based_on: int | None) -> tuple[Case, LandmarkSet]:
    """The case, locked, and its set, if that is still the one that the person looked at."""
    case = changeable_case(case)
    return case, _current_set(case, based_on)


def _current_set(case: Case, based_on: int | None) -> LandmarkSet:
    current = case.landmark_set
    if current is None:
        raise Conflict("not_analysed", "This case has not been analysed yet.")
    if based_on not in (None, current.version):
        raise Conflict(
            "stale",
            f"{current.shown_author} saved version {current.version} in the meantime. Yours was "
            "not saved: look at theirs first, then decide again.",
            version=current.version,
        )
    return current


def _correctable(case: Case, based_on: int) -> tuple[Case, LandmarkSet]:
    case, current = _seen(case, based_on)
    if case.state != Case.State.READY:
        raise Conflict("not_ready", "Only a case that is ready can be corrected.")
    return case, current


def _correct(
    seen: Case,
    parent: LandmarkSet,
    actor: User,
    source: LandmarkSet.Source,
    landmarks: Landmarks,
    column: Sequence[Body] | None = None,
    *,
    anterior: Side | None = None,
    reason: str = "",
) -> LandmarkSet:
    """Measure the corners, then store them in a short transaction if the case is as it was seen.

    Nothing is locked while the image is read and measured.
    """
    side: Any = anterior or parent.anterior
    bodies = parent.bodies if column is None else [body.to_dict() for body in column]
    image = stored_image(Image.objects.get(case=seen))
    values = {
        "model_name": parent.model_name,
        "model_checksum": parent.model_checksum,
        "model_note": parent.model_note,
        "anterior": side,
        "landmarks": landmarks.to_dict(),
        "bodies": _flipped(bodies) if side != parent.anterior else bodies,
        "level_doubt": parent.level_doubt,
        "reason": reason,
        **_measured(measure(image, landmarks, side).to_dict()),
    }
    spacing = judge_spacing(image, landmarks)
    with transaction.atomic():
        case = _unchanged(seen)
        _keep_spacing(case, spacing.spacing_mm, spacing.source)
        return _add_correction(case, parent, actor, source, values)


def _unchanged(seen: Case) -> Case:
    """The case, locked; raises Conflict when its landmarks or its state have changed meanwhile."""
    if seen.landmark_set is None:
        raise ValueError("A case without landmarks cannot be corrected.")
    case, _ = _current(seen, seen.landmark_set.version)
    if case.state != seen.state:
        raise Conflict(
            "stale", f"{case.label} was changed in the meantime. Look at it, then decide again."
        )
    return case


def _add_correction(
    case: Case,
    parent: LandmarkSet,
    actor: User,
    source: LandmarkSet.Source,
    values: dict[str, Any],
) -> LandmarkSet:
    landmark_set = _add_version(case, source=source, parent=parent, author=actor, **values)
    named_by_hand = source == LandmarkSet.Source.SHIFTED
    if named_by_hand or case.doubt_accepted_for_id == parent.pk:
        case.doubt_accepted_for = landmark_set
    case.save()
    reason = landmark_set.reason
    record(
        "landmarks.corrected",
        actor=actor,
        study=case.study,
        subject=case.label,
        version=landmark_set.version,
        source=source,
        parent=parent.version,
        **({"reason": reason} if reason else {}),
    )
    return landmark_set


def _keep_spacing(case: Case, spacing_mm: Spacing | None, source: str) -> None:
    """Show lengths in mm only where the bodies' heights bear the header's pixel size out."""
    shown = None if spacing_mm is None else list(spacing_mm)
    Image.objects.filter(case=case).update(spacing_mm=shown, spacing_source=source)


def _relabelled(current: LandmarkSet, by: int) -> Landmarks:
    if by not in (1, -1):
        raise Conflict("invalid", "Levels can be relabelled by one vertebra at a time.")
    moved = _renamed(current, by)
    if not moved.bodies:
        raise Conflict("nothing_left", "No vertebra would keep a label.")
    return moved


def _renamed(current: LandmarkSet, by: int) -> Landmarks:
    named = Landmarks.from_dict(current.landmarks)
    column = [Body.from_dict(body) for body in current.bodies]
    places = [(column.index(body), v) for v, body in named.bodies.items() if body in column]
    if not places:
        return named.shifted(by)
    place, vertebra = places[0]
    first = VERTEBRAE.index(vertebra) - place + by
    return Landmarks(
        {
            VERTEBRAE[first + index]: body
            for index, body in enumerate(column)
            if 0 <= first + index < len(VERTEBRAE)
        }
    )


def _flipped(bodies: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [Body.from_dict(body).flipped().to_dict() for body in bodies]


def _measured(found: dict[str, Any]) -> dict[str, Any]:
    return {name: found[name] for name in ("guides", "crop", "morphometry", "warnings")}


def _add_version(case: Case, **values: Any) -> LandmarkSet:
    last = case.landmark_sets.order_by("-version").first()
    landmark_set = LandmarkSet(case=case, version=last.version + 1 if last else 1, **values)
    landmark_set.full_clean(exclude=["case"])
    landmark_set.save()
    case.landmark_set = landmark_set
    case.anterior = landmark_set.anterior
    return landmark_set
