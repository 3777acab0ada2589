import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.geometry.input_transform import Frame

SIDES = st.integers(1, 5000)
FRAMES = st.builds(
    Frame,
    width=SIDES,
    height=SIDES,
    net_width=st.integers(1, 1024),
    net_height=st.integers(1, 1024),
    mirrored=st.booleans(),
)
POINTS = st.lists(st.tuples(st.floats(-1e4, 1e4), st.floats(-1e4, 1e4)), min_size=1, max_size=5)


@given(frame=FRAMES, points=POINTS)
def test_points_survive_a_round_trip_through_the_frame(frame, points):
    restored = frame.to_source(frame.to_frame(points))
    np.testing.assert_allclose(restored, points, atol=1e-6)


@given(frame=FRAMES)
def test_image_borders_are_the_frame_borders(frame):
    corners = frame.to_frame([(-0.5, -0.5), (frame.width - 0.5, frame.height - 0.5)])
    left, right = sorted(corners[:, 0])
    assert (left, right) == pytest.approx((-0.5, frame.net_width - 0.5))
    assert tuple(corners[:, 1]) == pytest.approx((-0.5, frame.net_height - 0.5))


def test_frame_uses_half_pixel_centres():
    frame = Frame(width=808, height=1768, net_width=512, net_height=1024)
    ((u, v),) = frame.to_frame([(100, 200)])
    assert u == pytest.approx((100 + 0.5) * 512 / 808 - 0.5)
    assert v == pytest.approx((200 + 0.5) * 1024 / 1768 - 0.5)


def test_mirrored_frame_counts_from_the_right():
    frame = Frame(width=100, height=100, net_width=100, net_height=100, mirrored=True)
    assert frame.to_frame([(0, 7)]).tolist() == [[99.0, 7.0]]


@pytest.mark.parametrize("antialias", [False, True])
def test_constant_image_stays_constant(antialias):
    frame = Frame(width=37, height=91, net_width=16, net_height=128)
    resized = frame.resize(np.full((91, 37), 0.3, np.float32), antialias=antialias)
    np.testing.assert_allclose(resized, 0.3, atol=1e-6)


@pytest.mark.parametrize("antialias", [False, True])
@pytest.mark.parametrize("mirrored", [False, True])
def test_image_and_points_are_transformed_alike(antialias, mirrored):
    """On a ramp, a frame pixel has the value of its position, to 0.05 px with averaging."""
    frame = Frame(width=60, height=90, net_width=40, net_height=45, mirrored=mirrored)
    across, down = np.meshgrid(np.arange(60.0), np.arange(90.0))
    resized = frame.resize((across + 100 * down).astype(np.float32), antialias=antialias)
    for u, v in [(5, 7), (20, 22), (33, 40)]:
        ((x, y),) = frame.to_source([(u, v)])
        assert resized[v, u] == pytest.approx(x + 100 * y, abs=5 if antialias else 0.01)


@pytest.mark.parametrize("antialias", [False, True])
def test_resize_equals_torch(antialias):
    torch = pytest.importorskip("torch")
    pixels = np.random.default_rng(0).random((173, 81), dtype=np.float32)
    expected = torch.nn.functional.interpolate(
        torch.from_numpy(pixels)[None, None],
        size=(102, 51),
        mode="bilinear",
        align_corners=False,
        antialias=antialias,
    )
    resized = Frame(81, 173, 51, 102).resize(pixels, antialias=antialias)
    np.testing.assert_allclose(resized, expected[0, 0].numpy(), atol=2e-5)


def test_array_of_another_size_is_rejected():
    with pytest.raises(ValueError, match="expected an array of shape"):
        Frame(10, 20, 5, 5).resize(np.zeros((10, 20), np.float32))


def test_empty_frame_is_rejected():
    with pytest.raises(ValueError, match="at least one pixel"):
        Frame(0, 20, 5, 5)
