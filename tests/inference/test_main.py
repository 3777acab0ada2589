import json

import pytest

import inference.__main__ as command_line
from inference.__main__ import main
from inference.phantom.export import write_phantoms
from tests.dicom_files import gradient, lateral_file
from tests.inference.spines import straight
from tests.inference.test_pipeline import StandIn


@pytest.fixture
def network(monkeypatch):
    monkeypatch.setattr(command_line, "_load", lambda weights, threads: StandIn(straight()))


@pytest.fixture
def scan(tmp_path):
    path = tmp_path / "scan.dcm"
    path.write_bytes(lateral_file(gradient(400, 300)))
    return path


def lines_of(capsys):
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_one_line_of_json_a_file(network, scan, capsys):
    assert main(["predict", str(scan), str(scan)]) == 0
    first, second = lines_of(capsys)
    assert first == second
    assert (first["file"], first["width"], first["height"]) == (str(scan), 300, 400)
    assert len(first["guides"]) == 13


def test_unreadable_file_is_a_line_and_the_others_are_done(network, scan, tmp_path, capsys):
    broken = tmp_path / "broken.dcm"
    broken.write_bytes(b"no image")
    assert main(["predict", str(broken), str(tmp_path / "missing"), str(scan)]) == 1
    first, second, third = lines_of(capsys)
    assert set(first) == set(second) == {"file", "error"}
    assert first["file"] == str(broken)
    assert len(third["guides"]) == 13


def test_out_holds_json_and_overlay_of_each_file(network, scan, tmp_path, capsys):
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


def test_terminal_gets_a_sentence_unless_json_is_asked_for(network, scan, capsys, monkeypatch):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    assert main(["predict", str(scan)]) == 0
    assert capsys.readouterr().out.startswith(f"{scan}: T12, L1, L2, L3, L4, L5; anterior right")
    assert main(["predict", "--json", str(scan)]) == 0
    assert len(lines_of(capsys)) == 1


def test_unusable_weights_are_one_line(scan, tmp_path, capsys):
    bad = tmp_path / "bad.safetensors"
    bad.write_bytes(b"nonsense")
    with pytest.raises(SystemExit) as caught:
        main(["predict", str(scan), "--weights", str(bad)])
    assert str(caught.value.code).startswith("The weights cannot be used")


def test_phantoms_are_written_with_their_truth(tmp_path, capsys):
    assert main(["phantom", "--count", "2", "--seed", "5", "--out", str(tmp_path)]) == 0
    scans = sorted(tmp_path.glob("*.dcm"))
    assert len(scans) == 2
    truth = json.loads(scans[0].with_suffix(".json").read_text())
    assert {"landmarks", "aac24", "family", "guides", "anterior"} <= set(truth)
    again = tmp_path / "again"
    write_phantoms(1, 5, again)
    assert next(again.glob("*.dcm")).read_bytes() == scans[0].read_bytes()


@pytest.mark.parametrize("command", [[], ["predict"], ["phantom"], ["train"], ["evaluate"]])
def test_help_is_there_for_everything(command, capsys):
    with pytest.raises(SystemExit) as caught:
        main([*command, "--help"])
    assert caught.value.code == 0
    assert "usage: python -m inference" in capsys.readouterr().out
