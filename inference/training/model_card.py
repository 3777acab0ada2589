"""Model card of trained weights, in Markdown."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from inference.evaluation.labelling import judge_levels
from inference.evaluation.outcome import Outcome
from inference.evaluation.summary import summarize
from inference.network.checkpoint import load_checkpoint
from inference.network.vertenet.network import count_parameters
from inference.phantom.seeds import TEST_SEEDS, TRAINING_SEEDS, VALIDATION_SEEDS
from inference.training.data.split import describe_split
from inference.training.settings import Settings

Spread = Mapping[str, float]


def write_card(
    path: Path, weights: Path, settings: Settings, tests: Mapping[str, Sequence[Outcome]]
) -> None:
    """Write a model card with data, seed, configuration, accuracy and checksum.

    Parameters
    ----------
    path
        The file to write.
    weights
        The weights file to describe.
    settings
        Settings of the training.
    tests
        Outcomes on test images, by name of the test set.
    """
    # Facts are read from the file itself, not from memory.
    checkpoint = load_checkpoint(weights)
    height, width = checkpoint.config.input_size
    facts = {
        "File": f"`{weights.name}`, {weights.stat().st_size:,} bytes",
        "SHA-256": f"`{checkpoint.checksum}`",
        "Network": f"{checkpoint.config.name}, encoder {checkpoint.config.encoder}, "
        f"{count_parameters(checkpoint.network):,} parameters",
        "Input": f"{height} x {width}, the whole image resized",
        "Trained on": settings.trained_on,
        "Seed": str(settings.seed),
        "Recipe": f"{settings.recipe.name}, {settings.steps} steps of {settings.recipe.batch}",
        "These weights": f"after step {checkpoint.about['step']}, the best by validation",
        "Initial encoder weights": settings.encoder,
    }
    if settings.start is not None:
        facts["Initial weights"] = ", ".join(
            value for value in settings.start.values() if isinstance(value, str)
        )
    lines = [f"# {checkpoint.config.name}", "", "**For research, not for diagnosis.**", ""]
    lines += ["| | |", "|---|---|", *(f"| {name} | {fact} |" for name, fact in facts.items())]
    lines += ["", "## Data", "", *_data_lines(settings.data)]
    for name, outcomes in tests.items():
        lines += ["", f"## Accuracy on {name}", "", *_accuracy_lines(outcomes)]
    lines += ["", "## Configuration", "", "```json", _settings_text(settings), "```", ""]
    path.write_text("\n".join(lines))


def _data_lines(data: Mapping[str, Any]) -> list[str]:
    lines = [
        "| source | weight | training images | SHA-256 of image names |",
        "|---|---|---|---|",
    ]
    for source in data["sources"]:
        images, names = source["images"] or "drawn during training", source["list_sha256"][:12]
        name = Path(source["name"]).name  # without the folder, which is private
        lines.append(f"| {name} | {source['weight']:g} | {images} | {names} |")
    phantoms = (
        f"Phantom seeds: from {VALIDATION_SEEDS:,} for validation, from {TEST_SEEDS:,} for tests, "
        f"from {TRAINING_SEEDS:,} for training."
    )
    return [*lines, "", f"{describe_split(data)} {phantoms}".strip()]


def _accuracy_lines(outcomes: Sequence[Outcome]) -> list[str]:
    errors = summarize(outcomes, None)["errors"]["as_named"]
    levels = judge_levels(outcomes)
    counts = (
        f"{len(outcomes)} images. Bodies labelled correctly {levels['bodies_right']} of "
        f"{levels['bodies']}, with another label {levels['bodies_wrong']}, missed "
        f"{levels['bodies_missed']}. Errors of all predicted corners by label:"
    )
    head = (
        "| | per coordinate, px of 512 x 1024: mean / median / 95 % "
        "| distance, mm: mean / median / 95 % |"
    )
    lines = [counts, "", head, "|---|---|---|", _row("all", errors["all"])]
    for group in ("vertebra", "family"):
        lines += [_row(name, table) for name, table in errors[group].items()]
    return lines


def _row(name: str, table: Mapping[str, Mapping[str, Spread]]) -> str:
    px, mm = table["absolute_coordinate"]["frame_px"], table["euclidean"]["mm"]
    return f"| {name} | {_spread(px)} | {_spread(mm)} |"


def _spread(spread: Spread) -> str:
    if not spread["n"]:
        return "-"
    return " / ".join(f"{spread[name]:.2f}" for name in ("mean", "median", "p95"))


def _settings_text(settings: Settings) -> str:
    data = settings.to_dict()
    return json.dumps(
        {k: data[k] for k in ("config", "recipe", "steps", "epoch", "seed")}, indent=1
    )
