import json
from dataclasses import replace

import PIL.Image
import pytest

from inference.annotations.coco import write_coco
from inference.annotations.makesense import write_makesense
from inference.annotations.marked_images import FormatError, MarkedImage
from inference.evaluation.samples import phantom_samples, read_samples
from inference.phantom.export import write_phantoms
from inference.results import Vertebra
from tests.inference.spines import straight

INFINITE = {"id": 1, "file_name": "a.png", "width": float("inf"), "height": 1}


@pytest.fixture
def picture(tmp_path):
    (tmp_path / "images").mkdir()
    PIL.Image.new("L", (300, 400), 90).save(tmp_path / "images" / "a.png")
    return MarkedImage("a.png", 300, 400, straight())


def test_makesense_and_coco_with_images_in_an_adjacent_folder(picture, tmp_path):
    table, document = tmp_path / "truth.csv", tmp_path / "truth.json"
    table.write_text(write_makesense([picture]))
    document.write_text(write_coco([picture]))
    for sample in read_samples([table, document]):
        image, truth = sample.open()
        assert (image.width, image.height) == (300, 400)
        assert truth.landmarks == straight()


def test_phantoms_of_a_folder_are_read_and_other_files_ignored(tmp_path):
    write_phantoms(2, 7_000_200, tmp_path)
    (tmp_path / "notes.json").write_text("{}")
    (tmp_path / "notes.csv").write_text("a,b")
    samples = read_samples([tmp_path])
    assert len(samples) == 2
    image, truth = samples[0].open()
    assert (truth.width, truth.height) == (image.width, image.height)
    assert truth.crop in ("ok", "cropped")


def test_invalid_landmark_file_in_a_folder_is_rejected(picture, tmp_path):
    write_phantoms(1, 5, tmp_path)
    (tmp_path / "labels.csv").write_text("label,x,y\n1,2,3\n")
    with pytest.raises(FormatError, match=r"labels\.csv: row 2 is not a point"):
        read_samples([tmp_path])


def test_folder_without_landmark_files_is_rejected_with_a_reason(tmp_path):
    (tmp_path / "notes.csv").write_text("name,age\nSmith,47\n")
    with pytest.raises(FormatError, match=r"notes\.csv: row 1 is not a point"):
        read_samples([tmp_path])


def test_image_in_two_files_of_a_folder_counts_once(picture, tmp_path):
    (tmp_path / "landmarks.csv").write_text(write_makesense([picture]))
    (tmp_path / "landmarks.json").write_text(write_coco([replace(picture, anterior="left")]))
    (sample,) = read_samples([tmp_path])
    assert sample.open()[1].anterior == "left"


def test_family_is_the_scanner_where_the_file_gives_none(tmp_path):
    (path,) = write_phantoms(1, 7_000_200, tmp_path)
    truth = json.loads(path.with_suffix(".json").read_text())
    truth["family"] = None
    path.with_suffix(".json").write_text(json.dumps(truth))
    (sample,) = read_samples([path.with_suffix(".json")])
    assert sample.open()[1].family.startswith(("GE Healthcare ", "Hologic, Inc. "))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", "1,2"),
        ("a.csv", f'"{"x" * 200_000}"'),
        ("a.json", "{}"),
        ("a.json", "["),
        ("a.json", "[" * 100_000),
        ("a.json", json.dumps({"annotations": [], "categories": [], "images": [INFINITE]})),
    ],
    ids=["short row", "long field", "nothing", "unfinished", "deep", "infinite"],
)
def test_other_files_are_rejected_with_their_name(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    with pytest.raises(FormatError, match=name):
        read_samples([tmp_path / name])


def test_missing_image_is_reported(picture, tmp_path):
    (tmp_path / "images" / "a.png").unlink()
    (tmp_path / "truth.csv").write_text(write_makesense([picture]))
    with pytest.raises(FormatError, match=r"the image a\.png was not found"):
        read_samples([tmp_path / "truth.csv"])


def test_phantoms_are_drawn_when_opened_and_some_are_padded():
    samples = list(phantom_samples(range(7_000_200, 7_000_210), padded=0.5))
    padded = [sample for sample in samples if sample.key.endswith(" padded")]
    assert 0 < len(padded) < 10
    image, truth = padded[0].open()
    side = image.pixels[:, -1] if truth.anterior == "right" else image.pixels[:, 0]
    assert (side == 0).all()


def test_version_changes_with_landmarks_and_share_of_partial_fields(picture, tmp_path):
    table = tmp_path / "truth.csv"
    versions = set()
    for landmarks in (straight(), straight().flipped()):
        table.write_text(write_makesense([MarkedImage("a.png", 300, 400, landmarks)]))
        versions |= {sample.version for sample in read_samples([table, table])}
    assert len(versions) == 2
    (some,), (all_of_them,) = (phantom_samples([7], partial=share) for share in (0.1, 1.0))
    assert some.version != all_of_them.version


def test_image_listed_twice_in_a_file_is_rejected(picture, tmp_path):
    document = tmp_path / "truth.json"
    document.write_text(write_coco([picture, picture]))
    with pytest.raises(FormatError, match=r"truth\.json: a\.png is listed twice"):
        read_samples([document])
    table = tmp_path / "truth.csv"
    table.write_text(write_makesense([picture, replace(picture, file="a.dcm")]))
    with pytest.raises(FormatError, match=r"truth\.csv: a\.dcm is listed twice .* file a\.png"):
        read_samples([table])


@pytest.mark.parametrize(
    ("size", "sentence"),
    [((301, 400), "Use the image that was marked"), ((400, 300), "Width and height are swapped")],
)
def test_landmarks_of_another_image_size_are_rejected_before_opening_images(
    picture, tmp_path, size, sentence
):
    table = tmp_path / "truth.csv"
    wrong = replace(picture, width=size[0], height=size[1])
    table.write_text(write_makesense([wrong]))
    sizes = rf"truth\.csv: a\.png: marked on {size[0]} x {size[1]} pixels, but .* has 300 x 400"
    with pytest.raises(FormatError, match=rf"{sizes}.*{sentence}"):
        read_samples([table])


def test_size_of_a_dicom_image_is_checked(tmp_path):
    (path,) = write_phantoms(1, 7_000_200, tmp_path)
    truth = json.loads(path.with_suffix(".json").read_text())
    truth["width"] += 1
    path.with_suffix(".json").write_text(json.dumps(truth))
    with pytest.raises(FormatError, match=r"\.json: .* marked on .* but the image has"):
        read_samples([path.with_suffix(".json")])


@pytest.mark.parametrize("form", [write_coco, write_makesense])
def test_implausible_landmarks_are_rejected_with_the_file_name(picture, tmp_path, form):
    crossed = straight().moved(Vertebra.L1, "superior_anterior", (90.0, 165.0))
    wrong = replace(picture, landmarks=crossed)
    path = tmp_path / ("truth.json" if form is write_coco else "truth.csv")
    path.write_text(form([wrong]))
    with pytest.raises(FormatError, match=rf"{path.name}: a\.png: "):
        read_samples([path])


def test_table_without_a_header_is_not_ignored_in_a_folder(picture, tmp_path):
    (tmp_path / "good.json").write_text(write_coco([picture]))
    rows = write_makesense([picture]).splitlines()[1:]
    (tmp_path / "labels.csv").write_text("\n".join(["T11" + rows[0][1:], *rows[1:]]))
    with pytest.raises(FormatError, match=r"labels\.csv: a\.png, row 1"):
        read_samples([tmp_path])


def test_image_names_may_be_in_either_unicode_form(picture, tmp_path):
    (tmp_path / "images" / "a.png").rename(tmp_path / "images" / "Mu\u0308ller.png")
    table = tmp_path / "truth.csv"
    table.write_text(write_makesense([replace(picture, file="M\u00fcller.png")]))
    assert len(read_samples([table])) == 1
