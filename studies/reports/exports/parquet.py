"""The tidy table as Parquet, with the types and labels of its variables."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, BinaryIO, Final

from studies.reports.exports.variables import Variable

try:
    import pyarrow
    from pyarrow.parquet import ParquetWriter
except ImportError:
    # 165 MB, which most installations do not need.
    pyarrow = None

NOT_INSTALLED: Final = (
    "Parquet files need the package pyarrow, which is not installed on this server. Ask the "
    "administrator to install requirements-parquet.txt, or download the tidy table (CSV)."
)
GROUP_ROWS: Final = 20_000
"""Rows in a row group, which bounds the memory."""


def can_write_parquet() -> bool:
    """Return whether pyarrow is installed."""
    return pyarrow is not None


def write_parquet(
    target: BinaryIO, variables: Sequence[Variable], rows: Iterable[Mapping[str, Any]]
) -> None:
    """Write the rows of the tidy table to an open file.

    Text stays as entered, without the apostrophe that protects spreadsheets from formulas. The
    metadata of a column has its ``label`` and, as JSON, the ``labels`` of its codes.
    """
    schema = _schema(variables)
    rows = iter(rows)
    with ParquetWriter(target, schema) as writer:
        # An empty table also needs one group, for its columns.
        group = list(islice(rows, GROUP_ROWS))
        while True:
            columns = [[row.get(one.name) for row in group] for one in variables]
            arrays = [
                pyarrow.array(column, field.type)
                for column, field in zip(columns, schema, strict=True)
            ]
            writer.write_table(pyarrow.Table.from_arrays(arrays, schema=schema))
            group = list(islice(rows, GROUP_ROWS))
            if not group:
                return


def _schema(variables: Sequence[Variable]) -> Any:
    types = {
        "text": pyarrow.string(),
        "whole": pyarrow.int32(),
        "number": pyarrow.float64(),
        "truth": pyarrow.bool_(),
        "time": pyarrow.timestamp("ms", tz="UTC"),
    }
    return pyarrow.schema(
        [pyarrow.field(one.name, types[one.kind], metadata=_metadata(one)) for one in variables]
    )


def _metadata(variable: Variable) -> dict[str, str]:
    labels = {str(code): text for code, text in variable.values.items()}
    return {"label": variable.label} | ({"labels": json.dumps(labels)} if labels else {})
