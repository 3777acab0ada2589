import json

import PIL.Image
import pytest

import inference.cli.predict as command
from inference.__main__ import main
from inference.annotations.coco import read_coco
from inference.annotations.makesense import read_makesense
from inference.results import Landmarks
from tests.dicom_files import gradient, lateral_file
from tests.inference.annotations.vertenet_table import read_vertenet_csv
from tests.inference.spines import straight
from tests.inference.test_pipeline import StandIn


@pytest.fixture
def network(monkeypatch):
    monkeypatch.setattr(command, "load_network", lambda options: StandIn(straight()))


@pytest.fixture
def scan(tmp_path):
    path = tmp_path / "scan.dcm"
    path.write_bytes(lateral_file(gradient(400, 300)))
    return path


def lines_of(capsys):
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_one_line_of_json_per_file(network, scan, capsys):
    assert main(["predict", str(scan), str(scan)]) == 0
    first, second = lines_of(capsys)
    assert first == second
    assert (first["file"], first["width"], first["height"]) == (str(scan), 300, 400)
    assert len(first["guides"]) == 13


def test_unreadable_file_gives_a_line_and_the_others_are_processed(network, scan, tmp_path, capsys):
    broken = tmp_path / "broken.dcm"
    broken.write_bytes(b"no image")
    assert main(["predict", str(broken), str(tmp_path / "missing"), str(scan)]) == 1
    first, second, third = lines_of(capsys)
    assert set(first) == set(second) == {"file", "error"}
    assert first["file"] == str(broken)
    assert len(third["guides"]) == 13


def test_out_contains_json_and_overlay_of_each_file(network, scan, tmp_path, capsys):
    out = tmp_path / "new" / "out"
    twin = tmp_path / "other" / "scan.dcm"
    twin.parent.mkdir()
    twin.write_bytes(scan.read_bytes())
    assert main(["predict", str(scan), str(twin), "--out", str(out), "--overlay"]) == 0
    assert {path.name for path in out.iterdir()} == {
        "scan.json",
        "scan.overlay.png",
        "scan-2.json",
        "scan-2.overlay.png",
    }
    assert json.loads((out / "scan-2.json").read_text())["file"] == str(twin)


def test_terminal_shows_a_sentence_unless_json_is_requested(network, scan, capsys, monkeypatch):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    assert main(["predict", str(scan)]) == 0
    assert capsys.readouterr().out.startswith(f"{scan}: T12, L1, L2, L3, L4, L5; anterior right")
    assert main(["predict", "--json", str(scan)]) == 0
    assert len(lines_of(capsys)) == 1


def test_sentence_says_what_to_do_without_l5(scan, capsys, monkeypatch):
    bodies = dict(list(straight().bodies.items())[:5])
    stand_in = StandIn(Landmarks(bodies))
    monkeypatch.setattr(command, "load_network", lambda options: stand_in)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    assert main(["predict", str(scan)]) == 0
    assert ". L5 not visible: place guide L4/L5 from L4 and the sacrum" in capsys.readouterr().out


def test_unusable_weights_give_a_one_line_error(scan, tmp_path, capsys):
    bad = tmp_path / "bad.safetensors"
    bad.write_bytes(b"nonsense")
    with pytest.raises(SystemExit) as caught:
        main(["predict", str(scan), "--weights", str(bad)])
    assert str(caught.value.code).startswith("The weights cannot be used")


def test_one_table_for_all_files(network, scan, tmp_path, capsys):
    assert main(["predict", "--format", "makesense", str(scan), str(scan)]) == 0
    (image,) = read_makesense(capsys.readouterr().out.replace("scan.dcm", "a.dcm", 24))[:1]
    assert (image.file, image.width, image.landmarks) == ("a.dcm", 300, straight())
    assert main(["predict", "--format", "coco", str(scan), str(scan), "--out", str(tmp_path)]) == 0
    output = capsys.readouterr().out.strip()
    assert output == str(tmp_path / "landmarks.coco.json")
    assert [i.landmarks for i in read_coco((tmp_path / "landmarks.coco.json").read_text())] == [
        straight()
    ] * 2


def test_files_with_the_same_name_have_their_path_in_a_table(network, scan, tmp_path, capsys):
    twin = tmp_path / "other" / scan.name
    twin.parent.mkdir()
    twin.write_bytes(scan.read_bytes())
    assert main(["predict", "--format", "makesense", str(scan), str(twin)]) == 0
    images = read_makesense(capsys.readouterr().out)
    assert {image.file for image in images} == {str(scan), str(twin)}


def test_authors_format_has_one_table_per_file(network, scan, tmp_path, capsys):
    assert main(["predict", "--format", "vertenet-csv", str(scan)]) == 0
    landmarks = read_vertenet_csv(capsys.readouterr().out, width=300, height=400)
    assert list(landmarks.bodies) == list(straight().bodies)
    with pytest.raises(SystemExit):
        main(["predict", "--format", "vertenet-csv", str(scan), str(scan)])
    assert "--out DIR" in capsys.readouterr().err
    two = ["--format", "vertenet-csv", str(scan), str(scan), "--out", str(tmp_path)]
    assert main(["predict", *two]) == 0
    assert {path.name for path in tmp_path.glob("*.csv")} == {
        "scan.vertenet.csv",
        "scan-2.vertenet.csv",
    }


def test_unreadable_file_does_not_affect_the_table(network, scan, tmp_path, capsys):
    assert main(["predict", "--format", "makesense", str(tmp_path / "missing"), str(scan)]) == 1
    streams = capsys.readouterr()
    assert len(read_makesense(streams.out)) == 1
    assert "missing: not read" in streams.err


def test_network_is_loaded_with_the_options(scan, monkeypatch, capsys):
    calls = []

    def load(*weights, **options):
        calls.append((weights, options))
        return StandIn(straight())

    monkeypatch.setattr("inference.predictor.Predictor.load", load)
    assert main(["predict", str(scan), "--precision", "bf16", "--threads", "2"]) == 0
    assert calls == [((None,), {"threads": 2, "precision": "bf16"})]
    for wrong in (["--threads", "0"], ["--threads", "-1"], ["--precision", "f64"]):
        with pytest.raises(SystemExit):
            main(["predict", str(scan), *wrong])
    assert "0 is less than 1" in capsys.readouterr().err


def test_outputs_of_files_with_the_same_name_are_numbered(network, scan, tmp_path, capsys):
    image = PIL.Image.new("L", (300, 400), 90)
    names = ["a.png", "a.jpg", "a-2.png"]
    for name in names:
        image.save(tmp_path / name)
    files = [str(tmp_path / name) for name in names]
    assert main(["predict", "--overlay", *files]) == 0
    assert len(list(tmp_path.glob("*.overlay.png"))) == 3


def test_folder_that_cannot_be_created_gives_a_one_line_error(network, scan, capsys):
    assert main(["predict", str(scan), "--out", str(scan / "out")]) == 1
    output = capsys.readouterr().err
    assert output.startswith("python -m inference predict: ")
    assert len(output.splitlines()) == 1
