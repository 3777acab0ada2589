"""SQL that is compiled from a queryset once, for the few queries that every request makes.

Compiling a query takes Django several times as long as PostgreSQL takes to answer it. The SQL still
comes from the queryset that lists and permissions use, so that they cannot differ.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

# Values that are unlikely in a query, to find the parameters in the compiled SQL.
PLACEHOLDERS: dict[type, Callable[[int], Any]] = {
    int: lambda number: -1_000_000 - number,
    str: lambda number: f"placeholder {number}",
    UUID: lambda number: UUID(int=number),
    datetime: lambda number: datetime(1, 1, 1, tzinfo=UTC) + timedelta(days=number),
}


class CompiledQuery:
    """A query whose values change and whose SQL stays the same.

    Parameters
    ----------
    build
        Returns the queryset (of ``values_list``) for the named parameters.
    suffix
        SQL to append, such as row locks that Django cannot express.
    types
        The type of each parameter: int, str, UUID or datetime.
    """

    def __init__(
        self, build: Callable[..., QuerySet[Any, Any]], *, suffix: str = "", **types: type
    ) -> None:
        self._build, self._suffix, self._types = build, suffix, types
        self._compiled: tuple[str, list[tuple[str | None, Any]]] | None = None

    def first(self, **values: Any) -> tuple[Any, ...] | None:
        """Return the first row as the database driver returns it, or None.

        JSON values are text, because no model field converts them.
        """
        sql, slots = self._compiled or self._compile()
        parameters = [constant if name is None else values[name] for name, constant in slots]
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            row: tuple[Any, ...] | None = cursor.fetchone()
        return row

    def _compile(self) -> tuple[str, list[tuple[str | None, Any]]]:
        placeholders = {
            name: PLACEHOLDERS[kind](number)
            for number, (name, kind) in enumerate(self._types.items(), 1)
        }
        sql, parameters = self._build(**placeholders).query.sql_with_params()
        names = {value: name for name, value in placeholders.items()}
        slots = [
            (names.get(value) if type(value) in PLACEHOLDERS else None, value)
            for value in parameters
        ]
        unused = set(self._types) - {name for name, _ in slots}
        if unused:
            raise TypeError(f"The query does not use {', '.join(sorted(unused))}.")
        self._compiled = (sql + self._suffix, slots)
        return self._compiled
