"""Landmark sets for property tests: any bodies, with corners missing."""

from hypothesis import strategies as st

from inference.annotations.marked_images import MarkedImage
from inference.results import CORNERS, VERTEBRAE, Body, Landmarks

WIDTH, HEIGHT = 402, 1104
NOTHING = st.none()
PLACES = st.tuples(st.floats(-0.5, WIDTH - 0.5), st.floats(-0.5, HEIGHT - 0.5))


def bodies(corner, confidence=NOTHING):
    return st.builds(Body, *[corner] * len(CORNERS), confidence)


def marked(body, *, anterior=NOTHING):
    landmarks = st.dictionaries(st.sampled_from(VERTEBRAE), body).map(Landmarks)
    return st.builds(
        lambda found, side: MarkedImage("a.png", WIDTH, HEIGHT, found, side), landmarks, anterior
    )


COMPLETE = bodies(PLACES)
PARTIAL = bodies(st.none() | PLACES)


def same(one, other, tolerance=0.001):
    """Whether two sets hold the same corners to a thousandth of a pixel."""
    return all(
        (a is None) == (b is None)
        and (a is None or max(abs(a[0] - b[0]), abs(a[1] - b[1])) <= tolerance)
        for vertebra in VERTEBRAE
        for name in CORNERS
        for a, b in [(one.corner(vertebra, name), other.corner(vertebra, name))]
    )
