from hypothesis import given
from hypothesis import strategies as st

from inference.annotations.marked_images import MarkedImage
from inference.annotations.vertenet_csv import write_vertenet_csv
from inference.results import Landmarks, Vertebra
from tests.inference.annotations.marks import POINTS, bodies, marked, same
from tests.inference.annotations.vertenet_table import read_vertenet_csv
from tests.inference.spines import straight

BODIES = bodies(st.none() | POINTS, st.none() | st.floats(0, 1))


@given(marked(BODIES, anterior=st.sampled_from([None, "right", "left"])))
def test_landmarks_survive_a_round_trip(image):
    restored = read_vertenet_csv(
        write_vertenet_csv(image),
        width=image.width,
        height=image.height,
        anterior=image.anterior or "right",
    )
    assert same(image.landmarks, restored, tolerance=0.002)
    assert list(restored.bodies) == list(image.landmarks.bodies)


def test_table_has_the_authors_frame_and_columns():
    """L1 starts at (100, 140) of 256 x 512, hence (2 * 100.5 - 0.5, 2 * 140.5 - 0.5)."""
    one = Landmarks({Vertebra.L1: straight().bodies[Vertebra.L1]})
    header, row = write_vertenet_csv(MarkedImage("", 256, 512, one)).splitlines()
    assert header == (
        ",center_x,center_y,top_left_x,top_left_y,top_right_x,top_right_y,"
        "bottom_left_x,bottom_left_y,bottom_right_x,bottom_right_y,scale_factor"
    )
    assert row == "L1,240.5,310.5,200.5,280.5,280.5,280.5,200.5,340.5,280.5,340.5,"


def test_left_is_the_left_of_the_image_even_if_anterior_is_left():
    image = MarkedImage("", 512, 1024, straight().flipped(), "left")
    row = write_vertenet_csv(image).splitlines()[1].split(",")
    assert row[3:7] == ["100", "100", "140", "100"]
