import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.geometry.guides import clip_segment, draw_guides, mean_width
from inference.geometry.pixel_size import PixelSize
from inference.results import Landmarks, Vertebra
from tests.inference.spines import mapped, published, straight

SQUARE = PixelSize.of(None)
NAMES = [
    "T12/L1",
    "L1 1/3",
    "L1 2/3",
    "L1/L2",
    "L2 1/3",
    "L2 2/3",
    "L2/L3",
    "L3 1/3",
    "L3 2/3",
    "L3/L4",
    "L4 1/3",
    "L4 2/3",
    "L4/L5",
]


def ends(lines):
    return np.array([[line.posterior, line.anterior, line.end] for line in lines])


def test_thirteen_lines_are_named_from_cranial_to_caudal():
    lines = draw_guides(straight(), SQUARE)
    assert [line.name for line in lines] == NAMES
    assert [line.kind for line in lines].count("third") == 8


def test_straight_spine_by_hand():
    """The first disc spans y = 130 to 140 and the bodies are 40 pixels wide, so W = 40."""
    lines = {line.name: line for line in draw_guides(straight(), SQUARE)}
    first = lines["T12/L1"]
    assert (first.posterior, first.anterior, first.end) == ((100, 135), (140, 135), (180, 135))
    assert lines["L1 1/3"].posterior[1] == pytest.approx(135 + 40 / 3)
    assert lines["L4 2/3"].anterior[1] == pytest.approx(255 + 80 / 3)
    assert lines["L4/L5"].posterior == (100, 295)


def test_published_spine_by_hand():
    """T12/L1 of the first published set: midpoints of (152, 545) (162, 567) and (248, 528)
    (239, 546)."""
    _, _, landmarks = published("10623583")
    first = draw_guides(landmarks, SQUARE)[0]
    assert first.posterior == (157.0, 556.0)
    assert first.anterior == (243.5, 537.0)


def test_mean_width_excludes_the_last_guide():
    _, _, landmarks = published("10623583")
    lines = draw_guides(landmarks, SQUARE)
    lengths = [SQUARE.length(line.posterior, line.anterior) for line in lines]
    assert mean_width(lines, SQUARE) == pytest.approx(np.mean(lengths[:12]))
    for line in lines:
        assert SQUARE.length(line.anterior, line.end) == pytest.approx(np.mean(lengths[:12]))


def test_lines_are_extended_by_equal_lengths_if_pixels_are_not_square():
    _, _, landmarks = published("10699236")
    size = PixelSize.of((0.5, 0.2))
    lengths = {
        round(size.length(line.anterior, line.end), 6) for line in draw_guides(landmarks, size)
    }
    assert len(lengths) == 1


@given(
    st.sampled_from(["10623583", "10699236"]),
    st.floats(-200, 200),
    st.floats(-200, 200),
    st.floats(0.2, 5),
    st.floats(0.2, 5),
    st.booleans(),
)
def test_lines_follow_shift_scale_aspect_and_flip(name, right, down, across, tall, flip):
    """On another pixel grid, the lines lie at the same anatomical positions."""
    _, _, landmarks = published(name)
    sign = -1 if flip else 1

    def move(x, y):
        return sign * x * across + right, y * tall + down

    plain = draw_guides(landmarks, PixelSize.of((1.0, 1.0)))
    moved = draw_guides(mapped(landmarks, move), PixelSize.of((1 / tall, 1 / across)))
    expected = ends(plain) * [sign * across, tall] + [right, down]
    np.testing.assert_allclose(ends(moved), expected, atol=1e-6)


def test_missing_vertebra_removes_its_lines():
    bodies = dict(straight().bodies)
    del bodies[Vertebra.L2]
    names = [line.name for line in draw_guides(Landmarks(bodies), SQUARE)]
    assert names == ["T12/L1", "L3/L4", "L4 1/3", "L4 2/3", "L4/L5"]


def test_missing_corner_removes_its_guide_and_thirds():
    landmarks = straight().moved(Vertebra.L5, "superior_anterior", None)
    names = [line.name for line in draw_guides(landmarks, SQUARE)]
    assert names == NAMES[:10]


def test_no_landmarks_give_no_lines():
    assert draw_guides(Landmarks({}), SQUARE) == ()


def test_clipping_returns_the_part_inside_the_image():
    assert clip_segment((10, 10), (30, 10), 20, 20) == ((10, 10), (19.5, 10))
    assert clip_segment((-10, 5), (30, 5), 20, 20) == ((-0.5, 5), (19.5, 5))
    assert clip_segment((3, 4), (5, 6), 20, 20) == ((3, 4), (5, 6))
    assert clip_segment((30, 30), (40, 40), 20, 20) is None
    assert clip_segment((-5, 30), (40, 30), 20, 20) is None


@given(*[st.floats(-50, 80)] * 4)
def test_clipped_ends_lie_in_the_image_and_on_the_line(ax, ay, bx, by):
    part = clip_segment((ax, ay), (bx, by), 20, 30)
    if part is None:
        return
    for x, y in part:
        assert -0.5 - 1e-6 <= x <= 19.5 + 1e-6
        assert -0.5 - 1e-6 <= y <= 29.5 + 1e-6
        assert (
            abs((bx - ax) * (y - ay) - (by - ay) * (x - ax)) < 1e-6 * (1 + abs(bx) + abs(by)) ** 2
        )
