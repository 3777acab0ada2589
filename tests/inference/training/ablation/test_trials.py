from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import pytest

from inference.__main__ import main
from inference.network.configuration import CHANGES, SMALL, FusionPlan
from inference.training.ablation.tables import interval_of_mean, table_markdown, trials_csv
from inference.training.ablation.trials import WHOLE, Protocol, Trial, ablate, variants
from inference.training.data.sources import read_data
from inference.training.recipes import RECIPES
from inference.training.trainer import RunMismatch
from inference.training.training_run import RunOptions
from tests.inference.training.marked_images import write_marked

PLAIN = FusionPlan("plain", width=16)


def trial(network: str, seed: int, error: float) -> Trial:
    return Trial(network, seed, 1000, "random", error, 0.9, 2.0)


def test_variants_are_the_full_network_and_every_baseline() -> None:
    assert list(variants(SMALL)) == [WHOLE, *CHANGES]


def test_interval_follows_the_t_distribution() -> None:
    """Mean 2, standard deviation 1, n 3: 2 +- 4.3027 / sqrt(3)."""
    assert interval_of_mean([1.0, 2.0, 3.0]) == pytest.approx((-0.4842, 4.4842), abs=1e-3)
    assert interval_of_mean([1.0]) is None


def test_difference_is_marked_only_where_the_paired_interval_excludes_zero() -> None:
    whole = [trial(WHOLE, seed, error) for seed, error in enumerate((3.0, 5.0, 7.0))]
    worse = [trial("plain", seed, error) for seed, error in enumerate((4.0, 6.1, 7.9))]
    alike = [trial("vld", seed, error) for seed, error in enumerate((2.0, 6.0, 8.0))]
    lone = [trial("mean-pooling", 0, 9.0)]
    lines = table_markdown([*whole, *worse, *alike, *lone], label="Label").splitlines()
    cells = {row.split("|")[1].strip(): row.split("|") for row in lines[4:]}
    assert lines[0] == "Label"
    assert [cells[name][6].strip() for name in (WHOLE, "plain", "vld", "mean-pooling")] == [
        "-",
        "yes",
        "no",
        "no",
    ]
    assert cells["plain"][5].strip() == "+1.0 [+0.8, +1.2]"
    assert cells["mean-pooling"][5].strip() == "+6.0"


def test_finished_trials_are_reused(tmp_path: Path) -> None:
    config = replace(SMALL, input_size=(128, 64), fusions=(PLAIN, PLAIN, PLAIN))
    recipe = replace(RECIPES["averaged"], batch=2)
    run_options = RunOptions(validation_phantoms=1, test_phantoms=1, workers=0)
    protocol = Protocol(config, recipe, steps=1, run_options=run_options)
    data = {0: read_data(["phantom"], seed=0)}
    stream = io.StringIO()
    first = list(ablate(protocol, data, tmp_path, stream, ["plain"]))
    again = list(ablate(protocol, data, tmp_path, stream, ["plain"]))
    assert first == again
    assert stream.getvalue().count("== plain, seed 0") == 1
    assert trials_csv(first).splitlines()[1].startswith("plain,0,")
    for other in (
        replace(protocol, steps=2),
        replace(protocol, recipe=replace(recipe, rate=0.5)),
        replace(protocol, run_options=replace(run_options, test_phantoms=2)),
    ):
        with pytest.raises(RunMismatch, match="another protocol"):
            list(ablate(other, data, tmp_path, stream, ["plain"]))


@pytest.mark.slow
def test_table_includes_trials_of_all_commands_on_a_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = replace(SMALL, input_size=(128, 64), fusions=(PLAIN, PLAIN, PLAIN))
    (tmp_path / "tiny.json").write_text(json.dumps(config.to_dict()))
    write_marked(tmp_path / "export", range(3_000_000, 3_000_004))
    common = ["ablate", "--config", str(tmp_path / "tiny.json"), "--data", str(tmp_path / "export")]
    common += ["--steps", "2", "--batch", "1", "--workers", "0", "--cpu"]
    common += ["--out", str(tmp_path / "out")]
    for seed in ("0", "1"):
        selection = ["--first-seed", seed, "--seeds", "1", "--only", WHOLE, "plain"]
        assert main([*common, *selection]) == 0
    written = (tmp_path / "out" / "ablation.md").read_text()
    assert main([*common, "--table"]) == 0
    assert (tmp_path / "out" / "ablation.md").read_text() == written
    assert capsys.readouterr().out.endswith(written)
    assert [row.split("|")[3].strip() for row in written.splitlines()[4:]] == ["2", "2"]
    assert main([*common, "--table", "--rate", "0.5"]) == 0
    assert len((tmp_path / "out" / "ablation.csv").read_text().splitlines()) == 1


def test_unknown_baseline_is_rejected(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["ablate", "--out", "x", "--only", "nonsense"])
    assert "invalid choice: 'nonsense'" in capsys.readouterr().err
