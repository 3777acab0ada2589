"""A coordinator's corrections of a case's landmarks, each stored as a new version."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from inference.geometry.body_heights import check_spacing
from inference.measurements import measure
from inference.results import Body, Landmarks, Side
from studies.audit.record import record
from studies.cases.images.decoding import decode_stored_image
from studies.cases.landmarks.diff import apply_moved_corners, compare_corners, update_column
from studies.cases.landmarks.relabelling import flipped_bodies, relabelled
from studies.cases.landmarks.versions import add_version, measurements_of, store_spacing
from studies.cases.models import Case, Image, LandmarkSet
from studies.cases.row_locks import check_study_unlocked, lock_case_for_change
from studies.errors import Conflict, NotFound, StudyError
from studies.readers.models import User


def shift_levels(*, case: Case, by: int, actor: User, based_on: int | None = None) -> LandmarkSet:
    """Relabel every vertebral body by one level.

    Parameters
    ----------
    by
        1 gives each body the label of the next lower level (L1 becomes L2), so that the labels
        move cranially on the image; -1 the opposite. A body that the network marked beyond T12 or
        L5 takes the label that becomes free.
    based_on
        The landmark version that the person saw; None skips the check.

    Raises
    ------
    Conflict
        The study is locked, the landmarks changed in the meantime, or no label would be left.
    """
    case, current = _read_current(case, based_on)
    return _correct(case, current, actor, LandmarkSet.Source.SHIFTED, relabelled(current, by))


def preview_relabelling(*, case: Case, by: int) -> Landmarks:
    """Return the corners as ``shift_levels`` would label them, without storing them."""
    if case.landmark_set is None:
        raise Conflict("not_analysed", "This case has not been analysed yet.")
    return relabelled(case.landmark_set, by)


def flip_side(*, case: Case, actor: User, based_on: int | None = None) -> LandmarkSet:
    """Swap sides: the anterior and posterior corners of every body exchange their names."""
    case, current = _read_current(case, based_on)
    side: Side = "left" if current.anterior == "right" else "right"
    flipped = Landmarks.from_dict(current.landmarks).flipped()
    return _correct(case, current, actor, LandmarkSet.Source.FLIPPED, flipped, anterior=side)


def move_corners(
    *, case: Case, landmarks: Landmarks, based_on: int, actor: User, reason: str = ""
) -> LandmarkSet:
    """Store corners that a coordinator moved, added or removed, in pixels of the original image.

    ``based_on`` is the version that the coordinator saw.
    """
    case, current = _read_correctable(case, based_on)
    before = Landmarks.from_dict(current.landmarks)
    moved = apply_moved_corners(before, landmarks)
    image = Image.objects.get(case=case)
    # A version without a change would count the case as corrected by a person.
    if not compare_corners(before, moved, image.pixel_size).corners:
        raise Conflict("nothing_moved", "No corner was moved, so there is nothing to save.")
    if not moved.bodies:
        raise StudyError("nothing_left", "At least one corner must remain.")
    if moved.within(image.width, image.height) != moved:
        raise StudyError(
            "outside", "A corner lies outside the image. Remove it or move it into the image."
        )
    column = update_column([Body.from_dict(body) for body in current.bodies], before, moved)
    return _correct(case, current, actor, LandmarkSet.Source.MOVED, moved, column, reason=reason)


def restore_landmark_set(*, case: Case, version: int, based_on: int, actor: User) -> LandmarkSet:
    """Make an earlier version's landmarks the current ones, as a new version."""
    case, current = _read_correctable(case, based_on)
    earlier = case.landmark_sets.filter(version=version).first()
    if earlier is None:
        raise NotFound(f"This case has no landmark version {version}.")
    if earlier == current:
        raise Conflict("is_current", f"Version {version} is already the current one.")
    landmarks = Landmarks.from_dict(earlier.landmarks)
    side: Any = earlier.anterior
    return _correct(case, earlier, actor, LandmarkSet.Source.TAKEN, landmarks, anterior=side)


@transaction.atomic
def accept_level_labels(*, case: Case, actor: User, based_on: int | None = None) -> Case:
    """Accept the level labels of the current landmarks although the labelling is uncertain."""
    case, current = _lock_current(case, based_on)
    if current.level_uncertainty is None:
        raise Conflict("not_uncertain", "The level labelling of this case is not uncertain.")
    case.uncertainty_accepted_for = current
    case.save(update_fields=["uncertainty_accepted_for"])
    record("case.level_labelling_accepted", actor=actor, study=case.study, subject=case.label)
    return case


@transaction.atomic
def confirm_corners(*, case: Case, actor: User, based_on: int | None = None) -> Case:
    """Confirm that the corners of the current landmarks are correct as they are."""
    case, current = _lock_current(case, based_on)
    if case.state != Case.State.READY:
        raise Conflict("not_ready", "Corners can be confirmed only if the case is ready.")
    if case.corners_confirmed:
        raise Conflict("confirmed", "The corners have already been corrected or confirmed.")
    case.corners_confirmed_for = current
    case.save(update_fields=["corners_confirmed_for"])
    record(
        "landmarks.confirmed",
        actor=actor,
        study=case.study,
        subject=case.label,
        version=current.version,
    )
    return case


def _read_current(case: Case, based_on: int | None) -> tuple[Case, LandmarkSet]:
    """Return the case and its landmarks without a lock; `_correct` checks them again."""
    case = Case.objects.select_related("study", "landmark_set").get(pk=case.pk)
    check_study_unlocked(case.study)
    return case, _current_set(case, based_on)


def _lock_current(case: Case, based_on: int | None) -> tuple[Case, LandmarkSet]:
    """Return the case, locked, and its landmarks, if those are the ones that the person saw."""
    case = lock_case_for_change(case)
    return case, _current_set(case, based_on)


def _current_set(case: Case, based_on: int | None) -> LandmarkSet:
    current = case.landmark_set
    if current is None:
        raise Conflict("not_analysed", "This case has not been analysed yet.")
    if based_on not in (None, current.version):
        raise Conflict(
            "stale",
            f"{current.shown_author} saved version {current.version} in the meantime, so yours "
            "was not saved. Check the new version, then decide again.",
            version=current.version,
        )
    return current


def _read_correctable(case: Case, based_on: int) -> tuple[Case, LandmarkSet]:
    case, current = _read_current(case, based_on)
    if case.state != Case.State.READY:
        raise Conflict("not_ready", "Only a case that is ready can be corrected.")
    return case, current


def _correct(
    read: Case,
    parent: LandmarkSet,
    actor: User,
    source: LandmarkSet.Source,
    landmarks: Landmarks,
    column: Sequence[Body] | None = None,
    *,
    anterior: Side | None = None,
    reason: str = "",
) -> LandmarkSet:
    """Measure the corners, then store them if the case has not changed in the meantime.

    ``read`` is the case as it was read without a lock. Decoding and measuring take seconds, so
    nothing is locked until the short transaction at the end.
    """
    side: Any = anterior or parent.anterior
    bodies = parent.bodies if column is None else [body.to_dict() for body in column]
    # Outside the transaction: decoding and measuring take longer than others should wait for a
    # lock.
    image = decode_stored_image(Image.objects.get(case=read))
    values = {
        "model_name": parent.model_name,
        "model_checksum": parent.model_checksum,
        "model_note": parent.model_note,
        "anterior": side,
        "landmarks": landmarks.to_dict(),
        "bodies": flipped_bodies(bodies) if side != parent.anterior else bodies,
        "level_uncertainty": parent.level_uncertainty,
        # The probabilities are those of the network's labels, which a person may have changed.
        "level_names": None if source == LandmarkSet.Source.SHIFTED else parent.level_names,
        "reason": reason,
        **measurements_of(measure(image, landmarks, side).to_dict()),
    }
    spacing = check_spacing(image, landmarks)
    with transaction.atomic():
        # Checked again under the lock, so that the second of two simultaneous corrections is
        # rejected.
        case = _lock_unchanged(read)
        store_spacing(case, spacing.spacing_mm, spacing.source)
        return _add_correction(case, parent, actor, source, values)


def _lock_unchanged(read: Case) -> Case:
    """Return the case, locked; raise Conflict when its landmarks or its state have changed."""
    if read.landmark_set is None:
        raise ValueError("A case without landmarks cannot be corrected.")
    case, _ = _lock_current(read, read.landmark_set.version)
    # A case that was excluded or returned to review meanwhile must not become ready again.
    if case.state != read.state:
        raise Conflict(
            "stale", f"{case.label} was changed in the meantime. Check it, then decide again."
        )
    return case


def _add_correction(
    case: Case,
    parent: LandmarkSet,
    actor: User,
    source: LandmarkSet.Source,
    values: dict[str, Any],
) -> LandmarkSet:
    landmark_set = add_version(case, source=source, parent=parent, author=actor, **values)
    # Relabelling is itself the decision about the labels; other corrections keep an earlier one.
    if source == LandmarkSet.Source.SHIFTED or case.uncertainty_accepted_for_id == parent.pk:
        case.uncertainty_accepted_for = landmark_set
    if _corners_confirmed(case, parent, landmark_set):
        case.corners_confirmed_for = landmark_set
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


def _corners_confirmed(case: Case, parent: LandmarkSet, landmark_set: LandmarkSet) -> bool:
    """Return whether a person has moved or confirmed the corners of a new version."""
    if landmark_set.source == LandmarkSet.Source.TAKEN:
        # A confirmation was a decision about another version, but moved corners stay moved.
        return LandmarkSet.Source.MOVED in landmark_set.corrections
    if landmark_set.source == LandmarkSet.Source.SHIFTED and _has_new_body(parent, landmark_set):
        return False
    # Relabelling and flipping do not change where the other corners are.
    moved = landmark_set.source == LandmarkSet.Source.MOVED
    return moved or case.corners_confirmed_for_id == parent.pk


def _has_new_body(parent: LandmarkSet, landmark_set: LandmarkSet) -> bool:
    """Return whether a vertebra from beyond T12 or L5 has become one of those between."""
    before, after = (
        list(Landmarks.from_dict(one.landmarks).bodies.values()) for one in (parent, landmark_set)
    )
    return any(body not in before for body in after)
