"""Tables of an evaluation: CSV for spreadsheets, text for the terminal."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from inference.evaluation.errors import corner_errors, mean_error_by_image
from inference.evaluation.labelling import judge_labels, level_shift
from inference.evaluation.outcome import LANDMARKS_USED, METHODS, Outcome

ERROR_COLUMNS = ("names", "group", "of", "definition", "unit", "n", "mean", "median", "p95")
DEFINITIONS = {
    "absolute_coordinate": "absolute difference per coordinate",
    "euclidean": "distance",
}
UNITS = {"frame_px": "px of 512 x 1024", "image_px": "px of the image", "mm": "mm"}
LABELLING = {
    "as_named": "all predicted corners, by label",
    "rightly_named": "correctly labelled bodies",
}
LANDMARKS = {"found": "predicted", "true": "true"}
SUCCESS_RADII = {"mm": (1.0, 2.0, 3.0, 4.0), "frame_px": (2.0, 5.0, 10.0)}


def errors_csv(summary: Mapping[str, Any]) -> str:
    """Return all error statistics as CSV, one per row."""
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
    """Return error, labels, anterior side and crop verdicts as CSV, one image per row."""
    text = io.StringIO()
    means = mean_error_by_image(corner_errors(outcomes))
    rows = [_image_row(outcome, means.get(index)) for index, outcome in enumerate(outcomes)]
    # Without images there are no columns except the key.
    table = csv.DictWriter(text, list(rows[0]) if rows else ["key"], lineterminator="\n")
    table.writeheader()
    table.writerows(rows)
    return text.getvalue()


def text_table(summary: Mapping[str, Any]) -> str:
    """Return the main results as text."""
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
        lines += _family_lines(summary["levels_by_family"])
    if summary["side"]["images"]:
        lines.append(f"Anterior side correct: {_of(summary['side'], 'right', 'images')}")
    lines += _crop_lines(summary["crop"])
    if summary["worst"]:
        lines += ["", "Images with the largest mean distance (px of 512 x 1024)"]
        lines += [
            f"  {w['mean_frame_px']:9.2f}  {w['key']} ({w['family']})" for w in summary["worst"]
        ]
    return "\n".join(lines) + "\n"


def _image_row(outcome: Outcome, mean: float | None) -> dict[str, Any]:
    verdicts = [] if outcome.predicted is None else list(judge_labels(outcome).values())
    return {
        "key": outcome.key,
        "family": outcome.family,
        "mean_frame_px": None if mean is None else round(mean, 3),
        "bodies": len(verdicts),
        "right": verdicts.count("right"),
        "wrong": verdicts.count("wrong"),
        "missed": verdicts.count("missed"),
        "shift": level_shift(outcome),
        "levels_uncertain": outcome.levels_uncertain,
        "view_uncertain": outcome.view_uncertain,
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
    lines = ["", f"Error, {LABELLING[names]}", f"  {'':<54}{'mean':>9}{'median':>9}{'95 %':>9}"]
    for definition, units in groups["all"].items():
        for unit, spread in units.items():
            if spread["n"]:
                lines.append(_row(f"{DEFINITIONS[definition]}, {UNITS[unit]}", spread))
    for group in ("vertebra", "corner", "family"):
        for of, table in groups[group].items():
            # Distances in mm where pixel spacing is known, otherwise in frame pixels.
            spread = table["euclidean"]["mm"]
            unit = "mm"
            if not spread["n"]:
                spread, unit = table["euclidean"]["frame_px"], UNITS["frame_px"]
            if spread["n"]:
                lines.append(_row(f"  {of}: distance, {unit}", spread))
    return lines


def _row(title: str, spread: Mapping[str, float]) -> str:
    figures = "".join(f"{spread[name]:9.2f}" for name in ("mean", "median", "p95"))
    return f"  {title:<54}{figures}"


def _success_lines(curves: Mapping[str, Any]) -> list[str]:
    lines = ["", "True corners found within a radius of"] if curves else []
    for unit, radii in SUCCESS_RADII.items():
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
            f"Bodies labelled correctly: {_of(levels, 'bodies_right', 'bodies')}, with "
            f"another label {levels['bodies_wrong']}, missed {levels['bodies_missed']}"
        ),
        f"Images with all labels correct: {_of(levels, 'images_all_right', 'images')}",
        (
            f"Images with a wrong label: {levels['images_with_a_wrong_name']}, of these flagged as "
            f"uncertain {levels['of_these_uncertain']}; all correct but flagged "
            f"{levels['all_right_but_uncertain']}"
        ),
        *_knowable_lines(levels["knowable"]),
    ]


def _family_lines(families: Mapping[str, Any]) -> list[str]:
    """Return one line per family on its labels, if there are several families."""
    if len(families) < 2:
        return []
    heads = f"{'identifiable':>13}{'correct':>9}{'flagged':>9}{'others':>8}{'flagged':>9}"
    lines = ["", f"{'Labels by family':<36}{heads}{'missed bodies':>15}"]
    for name, levels in families.items():
        # Whether levels can be identified is known of phantoms only.
        if (known := levels["knowable"]) is not None:
            lines.append(
                f"  {name:<34}{known['images']:>13}{known['right']:>9}"
                f"{known['right_but_uncertain']:>9}{known['wrong_or_unknowable']:>8}"
                f"{known['of_these_uncertain']:>9}{levels['bodies_missed']:>15}"
            )
    return lines if len(lines) > 2 else []


def _knowable_lines(knowable: Mapping[str, int] | None) -> list[str]:
    if knowable is None:
        return []
    return [
        (
            "Images with identifiable levels, labelled correctly: "
            f"{_of(knowable, 'right', 'images')}, "
            f"of these flagged as uncertain {_of(knowable, 'right_but_uncertain', 'right')}"
        ),
        (
            "Images labelled wrongly or with unidentifiable levels, flagged as uncertain: "
            f"{_of(knowable, 'of_these_uncertain', 'wrong_or_unknowable')}"
        ),
        (
            "Images without T12 or L5, labelled correctly: "
            f"{_of(knowable, 'end_missing_right', 'end_missing')}, of these flagged as uncertain "
            f"{_of(knowable, 'end_missing_right_but_uncertain', 'end_missing_right')}"
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
            title = f"{method} rule, {LANDMARKS[used]} landmarks"
            lines.append(
                f"  {title:<34}{accuracy:>10}{sensitivity:>13}"
                f"{specificity:>13}{decided:>9}{rates['borderline']:>12}{rates['unknown']:>9}"
            )
    return lines


def _of(table: Mapping[str, int], part: str, whole: str) -> str:
    share = f" ({table[part] / table[whole]:.1%})" if table[whole] else ""
    return f"{table[part]} of {table[whole]}{share}"
