import json

import pytest

from inference.__main__ import main
from inference.decoding.level_calibration import read_calibration
from inference.decoding.level_cues import CUES


@pytest.mark.slow
def test_constants_figures_and_diagrams_are_written_and_can_be_judged_again(tmp_path, capsys):
    """Few phantoms: only the files and their form are tested, not the figures."""
    out = tmp_path / "calibration"
    options = ["--out", str(out), "--families", "ge_prodigy", "--threads", "1", "--variations"]
    seeds = ["--fit", "4", "--fit-seed", "7910000", "--test", "3", "--test-seed", "7920000"]
    assert main(["calibrate", *options, *seeds]) == 0
    output = capsys.readouterr().out
    assert "with variations" in output and "pelvis hidden" in output
    assert {path.name for path in out.iterdir()} == {
        "level_calibration.json",
        "calibration.json",
        "reliability.png",
        "reliability.svg",
        "reliability.csv",
        "cues.json",
        "fit.jsonl",
        "test.jsonl",
    }
    constants = read_calibration(out / "level_calibration.json")
    assert set(constants.weights) == set(CUES)
    assert constants.origin["seeds"] == [7_910_000, 7_910_003]
    assert constants.origin["command"].startswith("python -m inference calibrate --out")
    figures = (out / "calibration.json").read_text()
    fitted = ["--constants", str(out / "level_calibration.json")]
    assert main(["calibrate", *options, *seeds, *fitted]) == 0
    assert (out / "calibration.json").read_text() == figures
    assert json.loads(figures)["one view"]["all"]["images"] == 3


def test_observations_of_other_families_are_not_mixed(tmp_path):
    out = tmp_path / "calibration"
    options = ["--out", str(out), "--fit", "1", "--test", "1", "--threads", "1"]
    main(["calibrate", *options, "--families", "ge_prodigy"])
    with pytest.raises(SystemExit, match="Choose another folder"):
        main(["calibrate", *options, "--families", "hologic_se"])
