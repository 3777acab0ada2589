import json

from inference.__main__ import main
from inference.phantom.export import write_phantoms


def test_phantoms_are_written_with_their_reference_standard(tmp_path, capsys):
    assert main(["phantom", "--count", "2", "--seed", "5", "--out", str(tmp_path)]) == 0
    scans = sorted(tmp_path.glob("*.dcm"))
    assert len(scans) == 2
    truth = json.loads(scans[0].with_suffix(".json").read_text())
    assert {"landmarks", "aac24", "family", "guides", "anterior"} <= set(truth)
    again = tmp_path / "again"
    write_phantoms(1, 5, again)
    assert next(again.glob("*.dcm")).read_bytes() == scans[0].read_bytes()


def test_one_family_can_be_chosen(tmp_path):
    assert main(["phantom", "--count", "1", "--family", "ge_de", "--out", str(tmp_path)]) == 0
    truth = json.loads(next(tmp_path.glob("*.json")).read_text())
    assert (truth["family"], truth["scanner"]) == ("ge_de", "ge_de")
