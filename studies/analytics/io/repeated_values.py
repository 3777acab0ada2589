"""Values that every row of a case or reader repeats: its site, scanner or patient."""

from __future__ import annotations

from collections.abc import Iterator

from studies.analytics.names import join_names


class RepeatedValues:
    """The value of one column for each case or reader: the first that is not empty.

    Parameters
    ----------
    column : str
        Name of the column, for warnings.
    owner : {"case", "reader"}
        The column that the values belong to.
    """

    def __init__(self, column: str, owner: str) -> None:
        self.column, self.owner = column, owner
        self._known: dict[str, tuple[int, str]] = {}
        self._clashes: dict[str, str] = {}

    def record(self, number: int, name: str, value: str) -> str:
        """Record the value that row ``number`` gives for an owner, and return the one in use."""
        if not value:
            return self.of(name)
        row, known = self._known.setdefault(name, (number, value))
        if known != value:
            clash = f'{name} has "{known}" (row {row}) and "{value}" (row {number})'
            self._clashes.setdefault(name, clash)
        return known

    def of(self, name: str) -> str:
        """Return the value of an owner, "" if no row has one."""
        return self._known.get(name, (0, ""))[1]

    def warnings(self) -> Iterator[str]:
        """Yield a warning if owners have more than one value."""
        if self._clashes:
            yield (
                f"Column {self.column}: more than one value for the same {self.owner}: "
                f"{join_names(list(self._clashes.values()))}. The first was used."
            )
