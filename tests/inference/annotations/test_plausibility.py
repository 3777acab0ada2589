"""Landmarks that cannot be those of a spine are rejected, with body, position and remedy."""

from dataclasses import replace

import pytest

from inference.annotations.marked_images import FormatError, MarkedImage
from inference.annotations.plausibility import check_plausibility
from inference.annotations.verteread_json import image_from_document
from inference.phantom import generate
from inference.results import VERTEBRAE, Body, Landmarks, Vertebra
from tests.inference.spines import mapped, published, straight

WIDTH, HEIGHT = 300, 400


def marked(landmarks, **more):
    return MarkedImage("a.png", WIDTH, HEIGHT, landmarks, **more)


def changed(vertebra, change):
    """Return the straight spine with the corners of one body changed."""
    body = straight().bodies[vertebra]
    corners = [
        body.superior_posterior,
        body.superior_anterior,
        body.inferior_posterior,
        body.inferior_anterior,
    ]
    return Landmarks({**straight().bodies, vertebra: Body(*change(*corners))})


def scaled(x, y):
    return mapped(straight(), lambda u, v: (u * x, v * y))


@pytest.mark.parametrize("seed", range(7_000_300, 7_000_320))
def test_whole_and_partial_phantoms_are_plausible(seed):
    for partial in (0.0, 1.0):
        check_plausibility(image_from_document(generate(seed, partial=partial).truth))


def test_published_sets_are_plausible_on_either_side():
    for name in ("10623583", "10699236"):
        width, height, landmarks = published(name)
        mirrored = mapped(landmarks, lambda x, y, last=width - 1: (last - x, y))
        for landmark_set in (landmarks, mirrored):
            check_plausibility(MarkedImage(name, width, height, landmark_set))


@pytest.mark.parametrize(
    ("landmarks", "sentence"),
    [
        (scaled(1 / WIDTH, 1 / HEIGHT), "all coordinates lie between 0 and 1"),
        (scaled(100 / WIDTH, 0.05), "another scale, such as per cent"),
        (changed("L2", lambda a, b, c, d: (a, (400.0, 180.0), c, d)), "far outside the image of"),
        (changed("L2", lambda a, b, c, d: (a, b, d, c)), "L2 .* two of its edges cross"),
        (changed("L2", lambda a, b, c, d: (c, b, a, d)), "L2 .* (edges cross|lie above)"),
        (changed("L2", lambda a, b, c, d: (c, d, a, b)), "L2 .* lower corners lie above"),
        (changed("L2", lambda a, b, c, d: (a, a, c, c)), "L2 .* on one line"),
        (changed("L2", lambda a, b, c, d: (b, a, d, c)), "L2 .* lie on the left"),
        (
            Landmarks(dict(zip(VERTEBRAE, reversed(straight().bodies.values()), strict=True))),
            "L1 .* does not lie below T12",
        ),
        (
            Landmarks({Vertebra.L1: straight().bodies["L3"], Vertebra.L4: straight().bodies["L2"]}),
            "L4 .* does not lie below L1",
        ),
    ],
)
def test_contradictory_landmarks_are_rejected(landmarks, sentence):
    with pytest.raises(FormatError, match=rf"^a\.png: .*{sentence}"):
        check_plausibility(marked(landmarks))


def test_message_states_the_position_in_the_file():
    wrong = changed("L2", lambda a, b, c, d: (c, d, a, b))
    image = marked(wrong, locations={Vertebra.L2: "annotation 9"})
    with pytest.raises(FormatError, match=r"a\.png: L2 \(annotation 9\): its lower corners"):
        check_plausibility(image)


def test_spine_with_sides_swapped_is_rejected_unless_the_file_states_the_side():
    width, height, landmarks = published("10623583")
    image = MarkedImage("a.png", width, height, landmarks.flipped())
    with pytest.raises(FormatError, match="anterior and posterior corners are probably swapped"):
        check_plausibility(image)
    with pytest.raises(FormatError, match="swapped"):
        check_plausibility(replace(image, anterior="right"))
    check_plausibility(replace(image, anterior="left"))


def test_few_or_no_landmarks_and_corners_slightly_outside_are_plausible():
    check_plausibility(marked(Landmarks({})))
    check_plausibility(marked(Landmarks({Vertebra.L1: straight().bodies["L1"]})))
    check_plausibility(marked(straight().moved(Vertebra.L5, "inferior_anterior", None)))
    check_plausibility(MarkedImage("a.png", 135, 400, straight()))


@pytest.mark.parametrize("size", [(1, 1), (2, 3)])
def test_image_of_a_few_pixels_may_have_small_coordinates(size):
    tiny = Landmarks({Vertebra.L1: Body((0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0))})
    check_plausibility(MarkedImage("a.png", *size, tiny))
