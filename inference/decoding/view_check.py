"""Check whether an image shows a lateral spine at all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from inference.decoding.column_shape import size_jump, turns_deg
from inference.decoding.confidence_checks import SIZE_JUMP
from inference.decoding.vertebrae import DetectedBody
from inference.results import Uncertainty

# How the limits of bodies, confidence and turn were selected is not recorded.
MIN_BODIES: Final = 4
"""Fewer bodies than this are not accepted as a lateral spine."""
MIN_LATERAL: Final = 0.8
"""Minimum probability that the network gives to a lateral view. Of 240 lateral phantoms (seeds from
7,700,000) none was below 0.99; a real view of another kind had 0.77, for which 0.5 was too low."""
CONFIDENT: Final = 0.3
"""Confidence of a body from which on it counts for the shape of the column."""
VIEW_TURN: Final = 50.0
"""Turn, in degrees, beyond which the bodies do not form a column at all."""


def check_view(
    bodies: Sequence[DetectedBody], *, lateral: float | None = None
) -> Uncertainty | None:
    """Return why the image may not be a lateral spine at all.

    Parameters
    ----------
    bodies
        From cranial to caudal; corners in isotropic pixels.
    lateral
        Probability of a lateral view according to the network, ``None`` if it gives none.

    Returns
    -------
    Uncertainty or None
        ``not_lateral``, ``few_bodies`` or ``no_column``.
    """
    # The probability comes first: bodies that were detected in another view mean nothing.
    if lateral is not None and lateral < MIN_LATERAL:
        return Uncertainty(
            "not_lateral",
            "The network does not recognise this image as a lateral spine "
            f"(probability {lateral:.2f}).",
        )
    if len(bodies) < MIN_BODIES:
        count = (
            "1 vertebral body was" if len(bodies) == 1 else f"{len(bodies)} vertebral bodies were"
        )
        return Uncertainty("few_bodies", f"Only {count} detected.")
    # A single false detection must not make a spine look bent.
    confident = [body for body in bodies if body.confidence >= CONFIDENT]
    bend = max(turns_deg(confident), default=0.0)
    if bend > VIEW_TURN:
        return Uncertainty(
            "no_column", f"The bodies do not form a column: it turns by {bend:.0f} degrees."
        )
    # Twice the limit for level labels: only sizes that no spine has count here.
    if size_jump(confident) > 2 * SIZE_JUMP:
        return Uncertainty(
            "no_column", "The bodies differ too much in size to belong to one column."
        )
    return None
