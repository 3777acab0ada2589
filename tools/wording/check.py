"""Find avoided words in one file: in names of Python code, and in every text that people read."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from tools.wording.terms import NAMES, PHRASES

TEXTS = {
    *(".css", ".html", ".in", ".js", ".md", ".py", ".sh", ".toml", ".ts", ".txt", ".typ"),
    *(".yaml", ".yml"),
}
# The list and its tests quote the words; migrations and code for old releases are history.
EXEMPT = ("tools/wording/", "tests/tools/wording/", "tests/upgrade/fill_0_1_0.py")
CHANGELOG = "CHANGELOG.md"
# One pattern for all phrases: the name of the matching group tells which.
PATTERN = re.compile(
    "|".join(f"(?P<p{n}>{phrase})" for n, phrase in enumerate(PHRASES)).replace(" ", r"\s+"),
    re.IGNORECASE,
)
TERMS = list(PHRASES.values())
QUOTED = re.compile(r"`[^`\n]*`")
UNCLEAR = "the name '{}' says how a value came about, not what it is"
# Variables, functions and types; members with a modifier; parameters with a type.
DECLARATION = re.compile(
    r"\b(?:const|let|function|class|interface|type|enum)\s+(?P<declared>\w+)"
    r"|\b(?:private|protected|public|readonly|static)\s+(?P<member>\w+)\s*[(:=?;]"
    r"|[(,]\s*(?P<parameter>\w+)\??:\s"
)


def findings(root: Path, name: str) -> Iterator[str]:
    """Yield one line per avoided word in the file `name` below `root`."""
    path = PurePosixPath(name)
    is_text = path.suffix in TEXTS or path.name == "Makefile"
    if not is_text or name.startswith(EXEMPT) or "migrations" in path.parts:
        return
    file = root / name
    if not file.is_file():
        return
    text = file.read_text(encoding="utf-8")
    if name == CHANGELOG:
        # Old releases are history, and renamed codes are quoted.
        text = QUOTED.sub(_same_length, text.partition("\n## 0.1.0")[0])
    yield from (f"{name}:{line}: {message}" for line, message in phrases(text))
    if path.suffix == ".py":
        yield from (f"{name}:{line}: {message}" for line, message in names(text))
    if path.suffix == ".ts":
        yield from (f"{name}:{line}: {message}" for line, message in script_names(text))
    if NAMES.intersection(path.stem.split("_")):
        yield f"{name}: the file name '{path.stem}' says too little"


def phrases(text: str) -> Iterator[tuple[int, str]]:
    """Yield line number and message of each avoided phrase, also of one across a line break."""
    for match in PATTERN.finditer(
        re.sub(r"[ \n]+(#|//|\*) ", _same_length, text).replace("\n", " ")
    ):
        line = text.count("\n", 0, match.start()) + 1
        term = TERMS[int((match.lastgroup or "p0")[1:])]
        yield line, f"'{match[0]}': use {term}"


def _same_length(match: re.Match[str]) -> str:
    return " " * len(match[0])


def names(source: str) -> Iterator[tuple[int, str]]:
    """Yield line number and message of each avoided name that Python source binds."""
    for node in ast.walk(ast.parse(source)):
        for name in _bound(node):
            if name in NAMES:
                yield getattr(node, "lineno", 1), UNCLEAR.format(name)


def script_names(source: str) -> Iterator[tuple[int, str]]:
    """Yield line number and message of each avoided name that TypeScript source declares."""
    for match in DECLARATION.finditer(source):
        name = match["declared"] or match["member"] or match["parameter"]
        # Types begin with a capital letter.
        if name.lower() in NAMES:
            yield source.count("\n", 0, match.start()) + 1, UNCLEAR.format(name)


def _bound(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        yield node.id
    elif isinstance(node, ast.arg):
        yield node.arg
    elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        yield node.name
    elif isinstance(node, ast.alias):
        yield node.asname or ""
