"""Reading of a CSV file as numbered rows by column name.

Separators, line ends and a byte order mark are detected. Files that cannot be read with certainty,
such as UTF-16 text or workbooks, are rejected with a message that says how to save them.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from itertools import chain
from pathlib import Path
from typing import BinaryIO, Final, TextIO

from studies.analytics.io.field_parsing import TableError
from studies.analytics.names import clean_text

REQUIRED_COLUMNS: Final = ("reader", "case", "level", "wall", "score")
USED_COLUMNS: Final = (
    *REQUIRED_COLUMNS,
    *("study", "arm", "period", "replicate", "position", "patient", "validity", "reference"),
    *("reader_site", "case_site", "scanner", "active_ms", "idle_ms", "wall_ms", "simulated"),
    *("position_in_session", "session_elapsed_ms"),
)
MEASURED_COLUMNS: Final = ("measured_score", "calcified_mm")
"""Columns of measured arms, which are used where a file has them."""
EXPORT_ONLY_COLUMNS: Final = (
    *("reading_session", "reason", "started_at", "submitted_at", "guides_shown", "landmark_set"),
    *("app_version", "model_version"),
    *("view_preset", "view_presets", "view_zoom", "view_zoom_min", "view_zoom_max", "view_scale"),
    *("window_center", "window_center_min", "window_center_max"),
    *("window_width", "window_width_min", "window_width_max", "window_inverted"),
    *("image_height_px", "image_height_min_px"),
    *("wall_length_mm", "calcified_share", "measured_aac8"),
    *("first_score", "first_validity", "first_reason", "revisions", "reopenings", "revision_ms"),
    *("started_from_score", "started_from_validity"),
)
"""Columns of VerteRead's exports that agreement does not depend on."""
DELIMITERS: Final = (",", ";", "\t")
AS_UTF8: Final = 'Save the file again as "CSV UTF-8 (comma delimited)".'

_SEPARATOR_LINE: Final = re.compile(
    r'\ufeff*"?sep=(?P<delimiter>[^\r\n"]?)[",;\t ]*[\r\n]*', re.IGNORECASE
)
_SIGNATURES: Final = {
    b"\xff\xfe": f"Row 1 contains a character that is not UTF-8: the file is UTF-16. {AS_UTF8}",
    b"\xfe\xff": f"Row 1 contains a character that is not UTF-8: the file is UTF-16. {AS_UTF8}",
    b"PK\x03\x04": f"The file is a workbook or a ZIP archive, not CSV. {AS_UTF8}",
    b"\xd0\xcf\x11\xe0": f"The file is an Excel workbook, not CSV. {AS_UTF8}",
}


@contextmanager
def open_csv(path: Path) -> Iterator[TextIO]:
    """Open a CSV file as UTF-8 text, with line ends as they are in the file.

    Raises
    ------
    TableError
        If the file cannot be opened or is not UTF-8.
    """
    try:
        with path.open("rb") as file:
            _check_signature(file)
            # The module csv needs line ends unchanged, because quoted values may contain them.
            with io.TextIOWrapper(file, encoding="utf-8-sig", newline="") as lines:
                yield lines
    except OSError as problem:
        raise TableError(f"{path} cannot be opened: {problem.strerror}.") from problem
    except UnicodeDecodeError as problem:
        row = _first_row_not_utf8(path)
        raise TableError(
            f"Row {row} contains a character that is not UTF-8. {AS_UTF8}"
        ) from problem


def numbered_rows(lines: Iterable[str], notes: list[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the number and the values, by column name, of every row.

    Parameters
    ----------
    lines : iterable of str
        Lines of the file.
    notes : list of str
        Receives a sentence for every column that was not used although its name suggests that it
        should be.

    Yields
    ------
    (int, dict)
        Line number in the file, and values by column name.

    Raises
    ------
    TableError
        If the lines are not valid CSV or required columns are missing.
    """
    lines = _without_nul(iter(lines))
    start, delimiter, skipped = _start(lines)
    # Strict, because a misplaced quotation mark would otherwise merge rows without an error.
    reader = csv.reader(chain(start, lines), delimiter=delimiter, strict=True)
    try:
        header = next((row for row in reader if any(map(str.strip, row))), [])
        names = [_column_name(name) for name in header]
        _check_header(names, skipped + max(reader.line_num, 1))
        notes += _unused(names, skipped + reader.line_num)
        for values in reader:
            if not any(value.strip() for value in values):
                continue
            if len(values) != len(names):
                raise TableError(
                    f"Row {skipped + reader.line_num} has {len(values)} values, but the header has "
                    f"{len(names)}. Put text that contains a separator in double quotes."
                )
            yield skipped + reader.line_num, dict(zip(names, values, strict=True))
    except csv.Error as problem:
        raise TableError(
            f"Row {skipped + reader.line_num} is not valid CSV ({problem}). "
            "Check its quotation marks."
        ) from problem


def _check_signature(file: BinaryIO) -> None:
    # Peeked, so that the bytes are still there for the text.
    start = file.peek(4)[:4] if isinstance(file, io.BufferedReader) else b""
    for signature, sentence in _SIGNATURES.items():
        if start.startswith(signature):
            raise TableError(sentence)


def _first_row_not_utf8(path: Path) -> int:
    # The position in the error counts bytes of a buffer; the user needs a row.
    for number, line in enumerate(re.split(rb"\r\n|\r|\n", path.read_bytes()), start=1):
        try:
            line.decode()
        except UnicodeDecodeError:
            return number
    return 1


def _without_nul(lines: Iterator[str]) -> Iterator[str]:
    for number, line in enumerate(lines, start=1):
        # UTF-16 without a byte order mark has no signature, but a NUL in every ASCII character.
        if "\0" in line:
            raise TableError(
                f"Row {number} contains NUL characters: the file is UTF-16 text or damaged. "
                f"{AS_UTF8}"
            )
        yield line


def _start(lines: Iterator[str]) -> tuple[list[str], str, int]:
    """Return the lines up to the header, the separator, and the number of lines before them."""
    start: list[str] = []
    delimiter, skipped = "", 0
    for line in lines:
        if not start and not skipped and (mark := _SEPARATOR_LINE.fullmatch(line)):
            delimiter, skipped = mark["delimiter"], 1
            continue
        start.append(line)
        if line.strip():
            break
    if start:
        # Text that was not read from a file may still begin with the mark.
        start[0] = start[0].lstrip("\ufeff")
        # The names of the columns contain none of the separators.
        delimiter = delimiter or max(DELIMITERS, key=start[-1].count)
    return start, delimiter or ",", skipped


def _column_name(written: str) -> str:
    return re.sub(r"[ \-]+", "_", clean_text(written).lower())


def _check_header(names: Sequence[str], row: int) -> None:
    if not any(names):
        raise TableError(
            "The file is empty. Its first row must name the columns: "
            f"{', '.join(REQUIRED_COLUMNS)}."
        )
    missing = [name for name in REQUIRED_COLUMNS if name not in names]
    if missing:
        raise TableError(
            f"Row {row} lacks the column{'s' if len(missing) > 1 else ''} {', '.join(missing)}. "
            f"The first row must name at least: {', '.join(REQUIRED_COLUMNS)}."
        )
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if twice:
        raise TableError(f"Row {row} names the column {twice[0]} twice. Keep one of them.")


def _unused(names: Sequence[str], row: int) -> Iterator[str]:
    """Yield a warning for every unused column with nearly the name of a column that is used."""
    absent = [name for name in USED_COLUMNS if name not in names]
    for name in names:
        if not name or name in (*USED_COLUMNS, *MEASURED_COLUMNS, *EXPORT_ONLY_COLUMNS):
            continue
        meant = [used for used in absent if used in name.split("_")]
        # Only a similar name is worth a warning: other columns are the user's.
        meant = meant or get_close_matches(name, absent, n=1, cutoff=0.8)
        if meant:
            which = " or ".join(f'"{column}"' for column in meant)
            yield (
                f'Row {row}: the column "{name}" was not used. If it holds the '
                f"{' or '.join(meant)}, name it {which}."
            )
