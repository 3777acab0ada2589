import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.annotations.makesense import NAMES, read_makesense, write_makesense
from inference.annotations.marked_images import FormatError, MarkedImage
from tests.inference.annotations.marks import PARTIAL, marked, same
from tests.inference.spines import PUBLISHED, published


def test_published_example_is_read_as_intended():
    """The example has 24 rows in the authors' order."""
    (width, height), text = PUBLISHED["10623583"]
    rows = [f"1,{pair},10623583.jpg,{width},{height}" for pair in text.split()]
    (image,) = read_makesense("\n".join(["label,x,y,fname,x_dim,y_dim", *rows]))
    assert (image.file, image.width, image.height) == ("10623583.jpg", 402, 1104)
    assert image.landmarks == published("10623583")[2]
    assert write_makesense([image]).splitlines()[1:] == rows


@given(st.lists(marked(PARTIAL), max_size=3))
def test_landmarks_survive_a_round_trip(images):
    images = [MarkedImage(f"{n}.png", i.width, i.height, i.landmarks) for n, i in enumerate(images)]
    restored = {image.file: image.landmarks for image in read_makesense(write_makesense(images))}
    for image in images:
        assert same(image.landmarks, restored.get(image.file, type(image.landmarks)({})))


def test_set_with_a_missing_corner_has_named_labels():
    width, height, landmarks = published("10623583")
    fewer = landmarks.moved(next(iter(landmarks.bodies)), "superior_anterior", None)
    text = write_makesense([MarkedImage("a", width, height, fewer)])
    assert "\nT12_superior_posterior,138,491,a,402,1104\n" in text
    (image,) = read_makesense(text)
    assert image.landmarks == fewer


@pytest.mark.parametrize("text", ["1,2,3", "1,x,3,a,4,5", "1,1,1,a.png,10,10"])
def test_other_tables_are_rejected(text):
    with pytest.raises(FormatError, match=r"row 1|24 are needed"):
        read_makesense(text)


def rows_of(labels, points):
    pairs = zip(labels, points, strict=True)
    return "\n".join(f"{label},{x},{y},a.png,402,1104" for label, (x, y) in pairs)


def points_of(landmarks):
    return [tuple(point) for point in landmarks.as_array().reshape(-1, 2)]


def test_unnamed_points_in_another_order_are_rejected():
    points = points_of(published("10623583")[2])
    for wrong in (points[::-1], points[4:] + points[:4], [*points[2:4], *points[:2], *points[4:]]):
        with pytest.raises(FormatError, match="do not run from T12 down to L5"):
            read_makesense(rows_of(["1"] * 24, wrong))


def test_unknown_or_repeated_label_is_rejected():
    points = points_of(published("10623583")[2])
    names = [f"{vertebra}_{corner}" for vertebra, corner in NAMES]
    with pytest.raises(FormatError, match="'L1_upper' names no corner"):
        read_makesense(rows_of(["L1_upper", *names[1:]], points))
    with pytest.raises(FormatError, match="T12_superior_anterior is used twice"):
        read_makesense(rows_of([names[1], *names[1:]], points))


LEVELS = [vertebra.value for vertebra, _ in NAMES]


@pytest.mark.parametrize(
    "labels",
    [
        LEVELS,
        [level.lower() for level in LEVELS],
        [str(1 + index // 4) for index in range(24)],
        [str(1 + index) for index in range(24)],
        [str(1 + index % 4) for index in range(24)],
        ["vertebra"] * 24,
        [f"{vertebra} {corner}".replace("_", " ").upper() for vertebra, corner in NAMES],
    ],
)
def test_labels_that_match_the_order_are_accepted(labels):
    landmarks = published("10623583")[2]
    (image,) = read_makesense(rows_of(labels, points_of(landmarks)))
    assert image.landmarks == landmarks


@pytest.mark.parametrize(
    ("labels", "sentence"),
    [
        (
            ["T11"] * 4 + LEVELS[:20],
            r"a\.png, row 1: the label is T11, .* belongs to T12 .*T11 to L4",
        ),
        (LEVELS[4:] + ["S1"] * 4, r"a\.png, row 1: the label is L1, .* belongs to T12"),
        (LEVELS[:20] + ["L6"] * 4, r"a\.png, row 21: the label is L6, .* belongs to L5"),
        ([*LEVELS[:5], "L2", *LEVELS[6:]], r"row 6: the label is L2, .* belongs to L1"),
        (LEVELS[:20] + ["L4"] * 4, r"row 21: the label is L4, .* belongs to L5"),
        (["L1"] * 24, r"row 1: the label is L1, .* belongs to T12"),
        (["1"] * 23 + ["T12"], r"row 1: the label is 1, .* belongs to T12"),
        (["1"] * 12 + ["2"] * 12, r"row 13: the label is '2', the first one is '1'"),
        ([str(6 - index // 4) for index in range(24)], r"row 5: the label is '5'"),
    ],
)
def test_labels_that_contradict_the_order_are_rejected(labels, sentence):
    points = points_of(published("10623583")[2])
    with pytest.raises(FormatError, match=sentence) as caught:
        read_makesense(rows_of(labels, points))
    assert "Mark T12 to L5 from top to bottom" in str(caught.value)


def test_image_with_two_sizes_or_listed_twice_is_rejected():
    rows = rows_of(["1"] * 24, points_of(published("10623583")[2]))
    other = rows.replace("402,1104", "400,1104")
    with pytest.raises(FormatError, match=r"a\.png: 402 x 1104 pixels in row 1, .* in row 25"):
        read_makesense(f"{rows}\n{other}")
    with pytest.raises(FormatError, match=r"48 points \(rows 1 to 48\).*listed twice"):
        read_makesense(f"{rows}\n{rows}")


@pytest.mark.parametrize("value", ["nan", "inf", "-inf"])
def test_coordinate_that_is_not_a_number_is_rejected(value):
    rows = rows_of(["1"] * 24, points_of(published("10623583")[2])).splitlines()
    rows[6] = f"1,{value},100,a.png,402,1104"
    with pytest.raises(
        FormatError, match=rf"a\.png, row 7: the coordinates \({value}, 100\) are not numbers"
    ):
        read_makesense("\n".join(rows))


def test_columns_in_another_order_are_rejected():
    with pytest.raises(FormatError, match="columns must be label,x,y,fname,x_dim,y_dim"):
        read_makesense("label,y,x,fname,x_dim,y_dim\n1,2,3,a.png,10,10")
