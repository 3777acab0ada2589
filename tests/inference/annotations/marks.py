"""Hypothesis strategies for landmark sets, with missing bodies and corners."""

from hypothesis import strategies as st

from inference.annotations.marked_images import MarkedImage
from inference.results import CORNERS, VERTEBRAE, Body, Landmarks

WIDTH, HEIGHT = 402, 1104
NONE = st.none()
POINTS = st.tuples(st.floats(-0.5, WIDTH - 0.5), st.floats(-0.5, HEIGHT - 0.5))


def bodies(corner, confidence=NONE):
    return st.builds(Body, *[corner] * len(CORNERS), confidence)


def marked(body, *, anterior=NONE):
    landmarks = st.dictionaries(st.sampled_from(VERTEBRAE), body).map(Landmarks)
    return st.builds(
        lambda corners, side: MarkedImage("a.png", WIDTH, HEIGHT, corners, side),
        landmarks,
        anterior,
    )


COMPLETE = bodies(POINTS)
PARTIAL = bodies(st.none() | POINTS)


def same(one, other, tolerance=0.001):
    """Return whether two sets have the same corners within a tolerance in pixels."""
    return all(
        (a is None) == (b is None)
        and (a is None or max(abs(a[0] - b[0]), abs(a[1] - b[1])) <= tolerance)
        for vertebra in VERTEBRAE
        for name in CORNERS
        for a, b in [(one.corner(vertebra, name), other.corner(vertebra, name))]
    )
