from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch.utils.data import default_collate

from inference.training.run import TRAINING_SEEDS, Settings, Trainer, main, rate_at, run
from inference.training.samples import Recipe, draw_example, targets
from inference.vertenet.checkpoint import load_checkpoint

SETTINGS = Settings(steps=4, batch=2, workers=0)


@pytest.fixture(scope="module")
def batches() -> list[dict[str, torch.Tensor]]:
    examples = [targets(draw_example(TRAINING_SEEDS + k, Recipe())) for k in range(4)]
    return [default_collate(examples[:2]), default_collate(examples[2:])]


def test_loss_falls_on_a_batch_that_is_seen_again(batches: list[dict[str, torch.Tensor]]) -> None:
    trainer = Trainer(Settings(steps=100, batch=2, warm_up=1), Recipe(), pretrained=True)
    losses = [trainer.train_on(batches[0])["total"] for _ in range(5)]
    assert losses[-1] < 0.8 * losses[0]


def test_run_taken_up_again_goes_on_exactly(
    batches: list[dict[str, torch.Tensor]], tmp_path: Path
) -> None:
    straight = Trainer(SETTINGS, Recipe(), pretrained=False)
    straight.train_on(batches[0])
    straight.save(tmp_path)
    again = Trainer(SETTINGS, Recipe(), pretrained=False)
    assert again.resume(tmp_path)
    assert again.next_seed() == TRAINING_SEEDS + 2
    torch.set_rng_state(torch.load(tmp_path / "state.pt", weights_only=True)["random"])
    first = straight.train_on(batches[1])
    torch.set_rng_state(torch.load(tmp_path / "state.pt", weights_only=True)["random"])
    second = again.train_on(batches[1])
    assert first == second


def test_finished_run_leaves_weights_that_say_what_they_are(tmp_path: Path) -> None:
    trainer = Trainer(Settings(steps=1, batch=1, workers=0), Recipe(), pretrained=False)
    run(trainer, tmp_path, save_every=10)
    checkpoint = load_checkpoint(tmp_path / "last.safetensors")
    assert checkpoint.about["trained_on"] == "synthetic phantoms only"
    assert checkpoint.about["step"] == 1


def test_rate_warms_up_and_falls() -> None:
    settings = Settings(steps=1000, warm_up=100)
    assert rate_at(0, 0.0, settings) < rate_at(99, 0.099, settings)
    assert rate_at(999, 0.999, settings) < 0.02 * settings.rate


def test_seeds_kept_for_tests_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--first-seed", "5"])
    assert "lower seeds are for tests" in capsys.readouterr().err
