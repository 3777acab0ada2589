"""Normalisation of names: readers, cases, patients, arms, sites and scanners.

Spellings that look the same on screen are one name: Unicode is composed (NFC), invisible characters
are removed, and every kind of space becomes a plain one. Spellings with a visible difference,
however small, remain different names, and a warning lists them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

MOST_LISTED: Final = 5
"""Names listed in one warning; the others are counted."""

_VISIBLE_FORMATS: Final = frozenset(
    "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2"
)
"""Arabic and Syriac signs that Unicode files under format characters although they are drawn."""
_BLANKS: Final = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\uffa0"
    "\ufe00-\ufe0f\U000e0100-\U000e01ef]"
)
"""Fillers, joiners and variation selectors: blank, but neither spaces nor format characters."""
_LOOK_ALIKES: Final = str.maketrans(
    "АВЕЅІЈКМНОРСТУХаеѕіјорсухΑΒΕΖΗΙΚΜΝΟΡΤΥΧον‐‑‒–—−_’‘ʼ`´",
    "ABESIJKMHOPCTYXaesijopcyxABEZHIKMNOPTYXov-------'''''",
)
"""Cyrillic and Greek letters, dashes and apostrophes drawn as their Latin or ASCII neighbours."""


def clean_text(text: str) -> str:
    """Return text in NFC, without invisible characters, with plain single spaces inside.

    Examples
    --------
    >>> clean_text(" Jose\\u0301\\u200b "), clean_text("Site\\u00a0A"), clean_text("\\ufeffR1")
    ('José', 'Site A', 'R1')
    """
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()
    visible = "".join(char for char in _BLANKS.sub("", text) if not _is_invisible(char))
    return " ".join(unicodedata.normalize("NFC", visible).split())


def strip_formula_guard(text: str) -> str:
    """Return text without the quote that keeps spreadsheets from reading it as a formula."""
    return text[1:] if len(text) > 1 and text[0] == "'" and text[1] in "=+-@" else text


def same_name(first: str, second: str) -> bool:
    """Return whether two spellings name the same arm, ignoring case."""
    return clean_text(first).casefold() == clean_text(second).casefold()


def spell_out(text: str) -> str:
    """Return text with invisible, combining and unusual blank characters as code points.

    Examples
    --------
    >>> spell_out("Jose\\u0301"), spell_out("A\\u00a0B"), spell_out("José")
    ('Jose<U+0301>', 'A<U+00A0>B', 'José')
    """
    return "".join(
        f"<U+{ord(char):04X}>"
        if (char.isspace() and char != " ")
        or _is_invisible(char)
        or _BLANKS.match(char)
        or unicodedata.combining(char)
        else char
        for char in text
    )


class Spellings:
    """The names of one column, with the spelling and the row in which each first appeared.

    Parameters
    ----------
    column : str
        Name of the column, for warnings.
    known : iterable of str
        Names whose spelling is fixed, whatever the case in the file.
    fold_case : bool
        Whether spellings that differ in case are one name, spelt as in its first row.
    """

    def __init__(self, column: str, *, known: Iterable[str] = (), fold_case: bool = False) -> None:
        self.column, self.fold_case = column, fold_case
        self._names: dict[str, str] = {}
        self._by_key = {name.casefold(): name for name in known}
        self._rows: dict[str, tuple[int, str]] = {}
        self._merged: list[str] = []

    def name_of(self, number: int, written: str) -> str:
        """Return a name as spelt in row ``number``, in its normalised spelling."""
        name = self._names.get(written)
        if name is None:
            name = strip_formula_guard(clean_text(written))
            name = self._by_key.setdefault(name.casefold(), name) if self.fold_case else name
            self._names[written] = name
            self._note(number, name, strip_formula_guard(written.strip()))
        return name

    def _note(self, number: int, name: str, written: str) -> None:
        if not name:
            return
        row, first = self._rows.setdefault(name, (number, written))
        same = first.casefold() == written.casefold() if self.fold_case else first == written
        if not same:
            self._merged.append(
                f'"{spell_out(first)}" (row {row}) and "{spell_out(written)}" (row {number})'
            )

    def warnings(self) -> Iterator[str]:
        """Yield warnings about names that were merged and names that are nearly the same."""
        if self._merged:
            yield (
                f"Column {self.column}: names that differ only in invisible characters, spaces or "
                f"Unicode form were treated as one: {join_names(self._merged)}."
            )
        alike: dict[str, list[str]] = {}
        for name in self._rows:
            alike.setdefault(_fold(name), []).append(name)
        near = [
            " and ".join(f'"{spell_out(name)}" (row {self._rows[name][0]})' for name in names)
            for names in alike.values()
            if len(names) > 1
        ]
        if near:
            yield (
                f"Column {self.column}: names that differ only slightly were treated as different: "
                f"{join_names(near)}. If they mean the same, write them the same way in every row."
            )


def join_names(parts: Sequence[str], mark: str = "; ") -> str:
    """Return the first parts joined by ``mark``, followed by the number of the others."""
    rest = len(parts) - MOST_LISTED
    return mark.join(parts[:MOST_LISTED]) + (f"{mark}and {rest} more" if rest > 0 else "")


def name_rows(rows: Sequence[int]) -> str:
    """Return the numbers of the first rows in words, followed by the number of the others.

    Examples
    --------
    >>> name_rows([4]), name_rows([2, 3]), name_rows([2, 3, 4, 5, 6, 7, 8])
    ('row 4', 'rows 2, 3', 'rows 2, 3, 4, 5, 6 and 2 more')
    """
    rest = len(rows) - MOST_LISTED
    named = ", ".join(map(str, rows[:MOST_LISTED])) + (f" and {rest} more" if rest > 0 else "")
    return f"row {named}" if len(rows) == 1 else f"rows {named}"


def _is_invisible(char: str) -> bool:
    category = unicodedata.category(char)
    if category == "Cc":
        return not char.isspace()
    return category == "Cf" and char not in _VISIBLE_FORMATS


def _fold(name: str) -> str:
    """Return a name without case, leading zeros, look-alike characters and spaces."""
    text = unicodedata.normalize("NFKC", name).translate(_LOOK_ALIKES).casefold()
    if re.fullmatch(r"\d+\.0+", text):
        text = text.partition(".")[0]
    text = re.sub(r"(?<!\d)0+(?=\d)", "", text)
    return re.sub(r"\s+", "", text)
