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


def test_makesense_and_coco_with_images_in_a_folder_beside(picture, tmp_path):
    table, document = tmp_path / "truth.csv", tmp_path / "truth.json"
    table.write_text(write_makesense([picture]))
    document.write_text(write_coco([picture]))
    for sample in read_samples([table, document]):
        image, truth = sample.open()
        assert (image.width, image.height) == (300, 400)
        assert truth.landmarks == straight()


def test_phantoms_of_a_folder_and_other_files_passed_over(tmp_path):
    write_phantoms(2, 7_000_200, tmp_path)
    (tmp_path / "notes.json").write_text("{}")
    (tmp_path / "notes.csv").write_text("a,b")
    samples = read_samples([tmp_path])
    assert len(samples) == 2
    image, truth = samples[0].open()
    assert (truth.width, truth.height) == (image.width, image.height)
    assert truth.crop in ("ok", "cropped")


def test_file_of_a_folder_that_was_meant_as_truth_is_refused_in_words(picture, tmp_path):
    write_phantoms(1, 5, tmp_path)
    (tmp_path / "labels.csv").write_text("label,x,y\n1,2,3\n")
    with pytest.raises(FormatError, match=r"labels\.csv: row 2 is not a point"):
        read_samples([tmp_path])


def test_folder_with_other_files_alone_says_what_is_wrong_with_one(tmp_path):
    (tmp_path / "notes.csv").write_text("name,age\nsomebody,47\n")
    with pytest.raises(FormatError, match=r"notes\.csv: row 1 is not a point"):
        read_samples([tmp_path])


def test_image_that_two_files_of_a_folder_speak_of_counts_once(picture, tmp_path):
    (tmp_path / "landmarks.csv").write_text(write_makesense([picture]))
    (tmp_path / "landmarks.json").write_text(write_coco([replace(picture, anterior="left")]))
    (sample,) = read_samples([tmp_path])
    assert sample.open()[1].anterior == "left"


def test_family_is_the_scanner_where_the_truth_names_none(tmp_path):
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
def test_what_is_no_truth_is_refused_with_its_name(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    with pytest.raises(FormatError, match=name):
        read_samples([tmp_path / name])


def test_missing_image_is_named(picture, tmp_path):
    (tmp_path / "images" / "a.png").unlink()
    (tmp_path / "truth.csv").write_text(write_makesense([picture]))
    with pytest.raises(FormatError, match=r"no image a\.png lies beside it"):
        read_samples([tmp_path / "truth.csv"])


def test_phantoms_are_drawn_when_opened_and_the_share_is_padded():
    samples = list(phantom_samples(range(7_000_200, 7_000_210), padded=0.5))
    padded = [sample for sample in samples if sample.key.endswith(" padded")]
    assert 0 < len(padded) < 10
    image, truth = padded[0].open()
    side = image.pixels[:, -1] if truth.anterior == "right" else image.pixels[:, 0]
    assert (side == 0).all()


def test_corrected_truth_and_another_share_of_partial_fields_are_another_version(picture, tmp_path):
    table = tmp_path / "truth.csv"
    versions = set()
    for landmarks in (straight(), straight().flipped()):
        table.write_text(write_makesense([MarkedImage("a.png", 300, 400, landmarks)]))
        versions |= {sample.version for sample in read_samples([table, table])}
    assert len(versions) == 2
    (some,), (all_of_them,) = (phantom_samples([7], partial=share) for share in (0.1, 1.0))
    assert some.version != all_of_them.version


def test_image_that_one_file_lists_twice_is_refused(picture, tmp_path):
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
    [((301, 400), "Use the image that was marked"), ((400, 300), "Width and height were exch")],
)
def test_marks_of_another_size_are_refused_before_an_image_is_opened(
    picture, tmp_path, size, sentence
):
    table = tmp_path / "truth.csv"
    wrong = replace(picture, width=size[0], height=size[1])
    table.write_text(write_makesense([wrong]))
    told = rf"truth\.csv: a\.png: marked on {size[0]} x {size[1]} pixels, the image has 300 x 400"
    with pytest.raises(FormatError, match=rf"{told}.*{sentence}"):
        read_samples([table])


def test_size_of_a_dicom_image_is_checked_as_well(tmp_path):
    (path,) = write_phantoms(1, 7_000_200, tmp_path)
    truth = json.loads(path.with_suffix(".json").read_text())
    truth["width"] += 1
    path.with_suffix(".json").write_text(json.dumps(truth))
    with pytest.raises(FormatError, match=r"\.json: .* marked on .* the image has"):
        read_samples([path.with_suffix(".json")])


@pytest.mark.parametrize("form", [write_coco, write_makesense])
def test_marks_that_cannot_be_a_spine_are_refused_with_the_file(picture, tmp_path, form):
    crossed = straight().moved(Vertebra.L1, "superior_anterior", (90.0, 165.0))
    wrong = replace(picture, landmarks=crossed)
    path = tmp_path / ("truth.json" if form is write_coco else "truth.csv")
    path.write_text(form([wrong]))
    with pytest.raises(FormatError, match=rf"{path.name}: a\.png: "):
        read_samples([path])


def test_table_without_a_header_is_not_passed_over_in_a_folder(picture, tmp_path):
    (tmp_path / "good.json").write_text(write_coco([picture]))
    rows = write_makesense([picture]).splitlines()[1:]
    (tmp_path / "labels.csv").write_text("\n".join(["T11" + rows[0][1:], *rows[1:]]))
    with pytest.raises(FormatError, match=r"labels\.csv: a\.png, row 1"):
        read_samples([tmp_path])


def test_names_of_images_may_be_composed_or_not(picture, tmp_path):
    (tmp_path / "images" / "a.png").rename(tmp_path / "images" / "Mu\u0308ller.png")
    table = tmp_path / "truth.csv"
    table.write_text(write_makesense([replace(picture, file="M\u00fcller.png")]))
    assert len(read_samples([table])) == 1
