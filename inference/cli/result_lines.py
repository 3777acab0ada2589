"""A JSON Lines file of results that an interrupted run can continue."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any


class ResultLinesError(ValueError):
    """Raised when a file of results cannot be continued; the message says what to do."""


class ResultLines:
    """Write one line of JSON per file, each complete on disk before the next file is counted.

    Parameters
    ----------
    path
        The file. It must not exist unless ``resume`` is set.
    checksum
        Checksum of the weights. Results of other weights are not continued.
    resume
        Keep the results of an earlier run. A line that was cut off is removed, and so are lines of
        files that could not be read, which are tried again.

    Raises
    ------
    ResultLinesError
        If the file exists and is not to be continued, or was written otherwise.
    """

    def __init__(self, path: Path, *, checksum: str, resume: bool) -> None:
        self.path = path
        self.done: frozenset[str] = frozenset()
        if path.exists():
            if not resume:
                raise ResultLinesError(
                    f"{path} exists. Add --resume to continue it, or name another file."
                )
            self.done = self._keep_results(checksum)
        self._stream: IO[str] = path.open("a", encoding="utf-8")

    def write(self, line: dict[str, Any]) -> None:
        """Append the result of one file."""
        self._stream.write(json.dumps(line, allow_nan=False) + "\n")
        self._stream.flush()

    def __enter__(self) -> ResultLines:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stream.close()

    def _keep_results(self, checksum: str) -> frozenset[str]:
        """Rewrite the file with the complete results alone and return the names of their files."""
        done: set[str] = set()
        replacement = self.path.with_name(self.path.name + ".new")
        with self.path.open("rb") as earlier, replacement.open("wb") as target:
            for number, line in enumerate(earlier, start=1):
                result = _parse(line)
                # Only the last line can have been cut off by an interruption.
                if result is None and line.endswith(b"\n"):
                    replacement.unlink()
                    raise ResultLinesError(
                        f"Line {number} of {self.path} is not a result of predict. "
                        "Name another file."
                    )
                if result is None or "error" in result:
                    continue
                if result["model"]["checksum"] != checksum:
                    replacement.unlink()
                    raise ResultLinesError(
                        f"{self.path} has results of other weights "
                        f"({result['model']['checksum'][:12]}). Name another file."
                    )
                target.write(line)
                done.add(result["file"])
            target.flush()
            os.fsync(target.fileno())
        replacement.replace(self.path)
        return frozenset(done)


def shard_of(files: Sequence[Path], shard: tuple[int, int]) -> list[Path]:
    """Return every N-th file, beginning with file I, for shard (I, N).

    Together the shards are all files, and no file is in two of them.

    Examples
    --------
    >>> [file.name for file in shard_of([Path("a"), Path("b"), Path("c")], (1, 2))]
    ['a', 'c']
    """
    number, count = shard
    return list(files[number - 1 :: count])


def _parse(line: bytes) -> dict[str, Any] | None:
    """Return a complete line as an object with the keys of a result, else None."""
    if not line.endswith(b"\n"):
        return None
    try:
        result = json.loads(line)
    except ValueError:
        return None
    if not isinstance(result, dict) or not isinstance(result.get("file"), str):
        return None
    if "error" in result:
        return result
    model = result.get("model")
    return result if isinstance(model, dict) and isinstance(model.get("checksum"), str) else None
