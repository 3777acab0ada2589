import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.geometry.morphometry import genant_grade, measure_bodies
from inference.geometry.pixel_size import PixelSize
from inference.results import Landmarks, Vertebra
from tests.inference.spines import PUBLISHED_LORDOSIS_DEG, mapped, published, straight

SQUARE = PixelSize.of(None)
NAMES = st.sampled_from(["10623583", "10699236"])


@pytest.mark.parametrize("name", list(PUBLISHED_LORDOSIS_DEG))
def test_lordosis_of_the_published_spines(name):
    _, _, landmarks = published(name)
    lordosis = measure_bodies(landmarks, SQUARE, "right").lordosis_deg
    assert lordosis == pytest.approx(PUBLISHED_LORDOSIS_DEG[name], abs=0.05)


@given(NAMES, st.floats(0.2, 5), st.floats(0.2, 5), st.floats(-300, 300), st.booleans())
def test_shape_and_lordosis_do_not_depend_on_the_pixel_grid(name, across, tall, by, flip):
    _, _, landmarks = published(name)
    sign = -1 if flip else 1
    moved = mapped(landmarks, lambda x, y: (sign * x * across + by, y * tall + by))
    plain = measure_bodies(landmarks, PixelSize.of((1.0, 1.0)), "right")
    other = measure_bodies(moved, PixelSize.of((1 / tall, 1 / across)), "left" if flip else "right")
    assert other.lordosis_deg == pytest.approx(plain.lordosis_deg, abs=0.02)
    for vertebra, shape in plain.shapes.items():
        same = other.shapes[vertebra]
        assert same.wedge == pytest.approx(shape.wedge, abs=2e-4)
        assert same.posterior_height_mm == pytest.approx(shape.posterior_height_mm, abs=0.02)


def test_rectangles_are_normal_and_straight():
    morphometry = measure_bodies(straight(), PixelSize.of((0.5, 0.25)), "right")
    shape = morphometry.shapes[Vertebra.L3]
    assert (shape.posterior_height_mm, shape.anterior_height_mm) == (15, 15)
    assert (shape.wedge, shape.reverse_wedge, shape.crush) == (0, 0, 0)
    assert shape.grade == "normal"
    assert morphometry.lordosis_deg == 0


def test_wedge_by_hand():
    """Anterior height 21 of 30: a wedge of 30 %, moderate; its neighbours are not crushed."""
    wedged = straight().moved(Vertebra.L2, "superior_anterior", (140.0, 189.0))
    shape = measure_bodies(wedged, SQUARE, "right").shapes[Vertebra.L2]
    assert shape.wedge == pytest.approx(0.3)
    assert shape.reverse_wedge == pytest.approx(1 - 30 / 21, abs=1e-4)
    assert shape.grade == "moderate"


def test_crush_by_hand():
    """Posterior and anterior height 15 among neighbours of 30: a crush of 50 %, severe."""
    crushed = straight()
    for wall, x in (("posterior", 100.0), ("anterior", 140.0)):
        crushed = crushed.moved(Vertebra.L3, f"superior_{wall}", (x, 235.0))
    shape = measure_bodies(crushed, SQUARE, "right").shapes[Vertebra.L3]
    assert (shape.crush, shape.grade) == (0.5, "severe")


@pytest.mark.parametrize(
    ("loss", "grade"),
    [
        (0.0, "normal"),
        (0.199, "normal"),
        (0.2, "mild"),
        (0.25, "mild"),
        (0.26, "moderate"),
        (0.4, "moderate"),
        (0.401, "severe"),
    ],
)
def test_genant_grades(loss, grade):
    assert genant_grade(loss) == grade


def test_no_millimetres_without_spacing_but_ratios():
    shape = measure_bodies(straight(), SQUARE, "right").shapes[Vertebra.L1]
    assert shape.posterior_height_mm is None
    assert shape.wedge == 0


def test_measures_that_need_missing_corners_are_null():
    landmarks = straight().moved(Vertebra.L1, "superior_anterior", None)
    morphometry = measure_bodies(landmarks, SQUARE, "right")
    assert morphometry.lordosis_deg is None
    shape = morphometry.shapes[Vertebra.L1]
    assert (shape.wedge, shape.grade) == (None, None)
    assert shape.crush == 0


def test_lone_vertebra_has_no_neighbours():
    alone = Landmarks({Vertebra.L5: straight().bodies[Vertebra.L5]})
    morphometry = measure_bodies(alone, SQUARE, "right")
    assert morphometry.shapes[Vertebra.L5].crush is None
    assert morphometry.to_dict()["T12"] is None
