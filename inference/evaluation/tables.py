"""An evaluation as tables: CSV for a spreadsheet, text for a terminal."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from inference.evaluation.errors import corner_errors, mean_error_by_image
from inference.evaluation.labelling import judge_labels, shift
from inference.evaluation.outcome import LANDMARKS_USED, METHODS, Outcome

ERROR_COLUMNS = ("names", "group", "of", "definition", "unit", "n", "mean", "median", "p95")
DEFINITIONS = {
    "absolute_coordinate": "absolute difference per coordinate",
    "euclidean": "distance",
}
UNITS = {"frame_px": "px of 512 x 1024", "image_px": "px of the image", "mm": "mm"}
NAMES = {
    "as_named": "every corner by the name it bears",
    "rightly_named": "bodies that bear the right name",
}
SHARE_RADII = {"mm": (1.0, 2.0, 3.0, 4.0), "frame_px": (2.0, 5.0, 10.0)}


def errors_csv(summary: Mapping[str, Any]) -> str:
    """Every error figure, one a row."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(ERROR_COLUMNS)
    for names, groups in summary["errors"].items():
        for group, tables in groups.items():
            for of, figures in ({"all": tables} if group == "all" else tables).items():
                for definition, units in figures.items():
                    for unit, spread in units.items():
                        table.writerow([names, group, of, definition, unit, *spread.values()])
    return text.getvalue()


def images_csv(outcomes: Sequence[Outcome]) -> str:
    """One row an image: error, names, side, crop verdicts."""
    text = io.StringIO()
    means = mean_error_by_image(corner_errors(outcomes))
    rows = [_image_row(outcome, means.get(place)) for place, outcome in enumerate(outcomes)]
    table = csv.DictWriter(text, list(rows[0]) if rows else ["key"], lineterminator="\n")
    table.writeheader()
    table.writerows(rows)
    return text.getvalue()


def text_table(summary: Mapping[str, Any]) -> str:
    """The figures that a person looks for first."""
    lines = ["1 image" if summary["images"] == 1 else f"{summary['images']} images"]
    if summary["model"] is not None:
        lines[0] += f", {summary['model']['name']} {summary['model']['checksum'][:12]}"
        lines[0] += ", in bf16" if summary.get("precision") == "bf16" else ""
    if summary["corners_wanted"]:
        lines += ["", f"Corners found: {summary['corners_found']} of {summary['corners_wanted']}"]
        for names, groups in summary["errors"].items():
            lines += _error_lines(names, groups)
        lines += _success_lines(summary["success"])
        lines += _level_lines(summary["levels"])
    if summary["side"]["images"]:
        lines.append(f"Side of the front right: {_of(summary['side'], 'right', 'images')}")
    lines += _crop_lines(summary["crop"])
    if summary["worst"]:
        lines += ["", "Worst images (mean distance, px of 512 x 1024)"]
        lines += [
            f"  {w['mean_frame_px']:9.2f}  {w['key']} ({w['family']})" for w in summary["worst"]
        ]
    return "\n".join(lines) + "\n"


def _image_row(outcome: Outcome, mean: float | None) -> dict[str, Any]:
    judged = list(judge_labels(outcome).values()) if outcome.found is not None else []
    return {
        "key": outcome.key,
        "family": outcome.family,
        "mean_frame_px": None if mean is None else round(mean, 3),
        "bodies": len(judged),
        "right": judged.count("right"),
        "wrong": judged.count("wrong"),
        "missed": judged.count("missed"),
        "shift": shift(outcome),
        "level_doubted": outcome.level_doubted,
        "view_doubted": outcome.view_doubted,
        "anterior_true": outcome.anterior_truth,
        "anterior_found": outcome.anterior_found,
        "crop_true": outcome.crop_truth,
        **{
            f"crop_{method}_{used}": outcome.crop.get(used, {}).get(method)
            for used in LANDMARKS_USED
            for method in METHODS
        },
    }


def _error_lines(names: str, groups: Mapping[str, Any]) -> list[str]:
    lines = ["", f"Error, {NAMES[names]}", f"  {'':<54}{'mean':>9}{'median':>9}{'95 %':>9}"]
    for definition, units in groups["all"].items():
        for unit, spread in units.items():
            if spread["n"]:
                lines.append(_row(f"{DEFINITIONS[definition]}, {UNITS[unit]}", spread))
    for group in ("vertebra", "corner", "family"):
        for of, table in groups[group].items():
            spread = table["euclidean"]["mm"]
            unit = "mm"
            if not spread["n"]:
                spread, unit = table["euclidean"]["frame_px"], UNITS["frame_px"]
            if spread["n"]:
                lines.append(_row(f"  {of}: distance, {unit}", spread))
    return lines


def _row(words: str, spread: Mapping[str, float]) -> str:
    figures = "".join(f"{spread[name]:9.2f}" for name in ("mean", "median", "p95"))
    return f"  {words:<54}{figures}"


def _success_lines(curves: Mapping[str, Any]) -> list[str]:
    lines = ["", "True corners found within"] if curves else []
    for unit, radii in SHARE_RADII.items():
        if unit in curves:
            at = dict(zip(curves[unit]["radius"], curves[unit]["share"], strict=True))
            lines.append(
                "  " + ", ".join(f"{radius:g} {UNITS[unit]}: {at[radius]:.1%}" for radius in radii)
            )
    return lines


def _level_lines(levels: Mapping[str, Any]) -> list[str]:
    return [
        "",
        (
            f"Bodies named right: {_of(levels, 'bodies_right', 'bodies')}, under another name "
            f"{levels['bodies_wrong']}, missed {levels['bodies_missed']}"
        ),
        f"Images with every name right: {_of(levels, 'images_all_right', 'images')}",
        (
            f"Images with a wrong name: {levels['images_with_a_wrong_name']}, of these doubted "
            f"{levels['of_these_doubted']}; right but doubted {levels['all_right_but_doubted']}"
        ),
        *_knowable_lines(levels["knowable"]),
    ]


def _knowable_lines(knowable: Mapping[str, int] | None) -> list[str]:
    if knowable is None:
        return []
    return [
        (
            "Images that show enough to name levels, named right: "
            f"{_of(knowable, 'right', 'images')}, "
            f"of these doubted {_of(knowable, 'right_but_doubted', 'right')}"
        ),
        (
            "Images named wrong or that do not show enough, doubted: "
            f"{_of(knowable, 'of_these_doubted', 'wrong_or_unknowable')}"
        ),
    ]


def _crop_lines(crop: Mapping[str, Any]) -> list[str]:
    if not crop:
        return []
    heads = f"{'accuracy':>10}{'sensitivity':>13}{'specificity':>13}"
    lines = ["", f"{'Crop check':<36}{heads}{'decided':>9}{'borderline':>12}{'unknown':>9}"]
    for used, methods in crop.items():
        for method, rates in methods.items():
            accuracy, sensitivity, specificity, decided = (
                "-" if rates[name]["value"] is None else f"{rates[name]['value']:.1%}"
                for name in ("accuracy", "sensitivity", "specificity", "decided")
            )
            lines.append(
                f"  {f'{method} rule, {used} landmarks':<34}{accuracy:>10}{sensitivity:>13}"
                f"{specificity:>13}{decided:>9}{rates['borderline']:>12}{rates['unknown']:>9}"
            )
    return lines


def _of(table: Mapping[str, int], part: str, whole: str) -> str:
    share = f" ({table[part] / table[whole]:.1%})" if table[whole] else ""
    return f"{table[part]} of {table[whole]}{share}"
