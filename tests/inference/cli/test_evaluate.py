import csv
import json

import PIL.Image
import pytest

import inference.cli.evaluate as command
from inference.__main__ import main
from inference.annotations.makesense import write_makesense
from inference.annotations.marked_images import MarkedImage
from inference.phantom.export import write_phantoms
from tests.inference.spines import mapped, straight
from tests.inference.test_pipeline import StandIn

PREDICTED = mapped(straight(), lambda x, y: (x + 1.0, y))


@pytest.fixture
def truth(tmp_path, monkeypatch):
    """Return two marked pictures; every predicted corner is one pixel too far to the right."""
    monkeypatch.setattr(command, "load_network", lambda options: StandIn(PREDICTED))
    images = []
    for name in ("a.png", "b.png"):
        PIL.Image.new("L", (256, 400), 90).save(tmp_path / name)
        images.append(MarkedImage(name, 256, 400, straight()))
    path = tmp_path / "truth.csv"
    path.write_text(write_makesense(images))
    return path


def test_table_and_files(truth, tmp_path, capsys):
    out = tmp_path / "out"
    assert main(["evaluate", "--reference", str(truth), "--out", str(out)]) == 0
    output = capsys.readouterr().out
    assert "Corners found: 48 of 48" in output
    assert "distance, px of 512 x 1024" in output
    assert {path.name for path in out.iterdir()} == {
        "evaluation.json",
        "evaluation.csv",
        "evaluation.png",
        "images.csv",
        "images.jsonl",
    }
    table = json.loads((out / "evaluation.json").read_text())
    figures = table["errors"]["as_named"]["all"]
    assert figures["euclidean"]["frame_px"]["mean"] == 2
    assert figures["absolute_coordinate"]["frame_px"]["mean"] == 1
    assert table["model"]["name"] == "stand-in"
    rows = list(csv.DictReader((out / "evaluation.csv").open()))
    assert {row["definition"] for row in rows} == {"absolute_coordinate", "euclidean"}
    images = list(csv.DictReader((out / "images.csv").open()))
    assert [row["mean_frame_px"] for row in images] == ["2.0", "2.0"]
    assert PIL.Image.open(out / "evaluation.png").width > 1000


def test_earlier_name_of_the_option_is_accepted(truth, capsys):
    assert main(["evaluate", "--truth", str(truth)]) == 0
    assert "Corners found: 48 of 48" in capsys.readouterr().out


def test_several_sources_and_json_output(truth, tmp_path, capsys):
    folder = tmp_path / "phantoms"
    write_phantoms(1, 7_000_400, folder)
    sources = ["--reference", str(truth), str(folder), "--phantoms", "1"]
    assert main(["evaluate", *sources, "--json"]) == 0
    table = json.loads(capsys.readouterr().out)
    assert table["images"] == 4
    rates = table["crop"]["true"]["field"]
    assert rates["accuracy"]["n"] + rates["borderline"] + rates["unknown"] == 2
    assert rates["decided"]["n"] == 2


def test_table_shows_the_share_that_the_crop_rules_decide(truth, capsys):
    assert main(["evaluate", "--reference", str(truth), "--phantoms", "2", "--rules-only"]) == 0
    (heads,) = [line for line in capsys.readouterr().out.splitlines() if "specificity" in line]
    assert heads.split()[-3:] == ["decided", "borderline", "unknown"]


def test_folder_with_results_of_other_weights_is_rejected(truth, tmp_path):
    out = tmp_path / "out"
    main(["evaluate", "--reference", str(truth), "--out", str(out)])
    with pytest.raises(SystemExit, match="Choose another folder"):
        main(["evaluate", "--reference", str(truth), "--out", str(out), "--rules-only"])


def test_unusable_reference_standard_gives_a_one_line_error(tmp_path):
    with pytest.raises(SystemExit, match=r"The reference standard cannot be used: .*none\.csv"):
        main(["evaluate", "--reference", str(tmp_path / "none.csv")])


def test_seeds_of_training_are_rejected(truth, capsys):
    with pytest.raises(SystemExit):
        main(["evaluate", "--phantoms", "1", "--seed", "10000000"])
    assert "are reserved for training" in capsys.readouterr().err


def test_unreadable_image_is_reported_and_the_others_are_evaluated(truth, tmp_path, capsys):
    (tmp_path / "b.png").write_bytes(b"\x89PNG\r\n\x1a\n broken")
    assert main(["evaluate", "--reference", str(truth)]) == 1
    streams = capsys.readouterr()
    assert "b.png: not evaluated" in streams.err
    assert streams.out.startswith("1 image,")


def test_contradictory_reference_standard_is_rejected_before_the_network_is_loaded(
    truth, monkeypatch
):
    rows = truth.read_text().splitlines()
    levels = [level for level in ("T11", "T12", "L1", "L2", "L3", "L4") for _ in range(4)]
    wrong = [f"{level}{row[1:]}" for level, row in zip(levels, rows[1:25], strict=True)]
    truth.write_text("\n".join([rows[0], *wrong, *rows[25:]]))
    monkeypatch.setattr(command, "load_network", lambda options: pytest.fail("network loaded"))
    with pytest.raises(SystemExit, match=r"truth\.csv: a\.png, row 2: the label is T11"):
        main(["evaluate", "--reference", str(truth)])
