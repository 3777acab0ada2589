"""The words of a PDF that typst made: enough of the format to read a report's numbers back."""

from __future__ import annotations

import re
import zlib

_OBJECT = re.compile(rb"(\d+) 0 obj\b(.*?)\bendobj", re.DOTALL)
_STREAM = re.compile(rb"(.*?)\bstream\r?\n(.*)\r?\nendstream", re.DOTALL)
_STEP = re.compile(rb"/(\w+) [\d.]+ Tf|(\()|\b(ET)\b")
_ESCAPED = re.compile(rb"\\([0-7]{1,3}|.)", re.DOTALL)
_PLAIN = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}

Objects = dict[int, tuple[bytes, bytes]]


def text_of(pdf: bytes) -> str:
    """The text of all pages, in the order in which it was written."""
    objects = {int(number): _parts(body) for number, body in _OBJECT.findall(pdf)}
    pages = [head for head, _ in objects.values() if re.search(rb"/Type\s*/Page\b", head)]
    return "\n".join(_text_of_page(objects, page) for page in pages)


def _parts(body: bytes) -> tuple[bytes, bytes]:
    """An object's dictionary and its stream, decompressed."""
    found = _STREAM.match(body)
    if found is None:
        return body, b""
    head, data = found.groups()
    return head, zlib.decompress(data) if b"/FlateDecode" in head else data


def _text_of_page(objects: Objects, page: bytes) -> str:
    resources = _reference(page, rb"/Resources")
    fonts = objects[resources][0] if resources else page
    maps = {
        name: _to_unicode(objects, int(number))
        for name, number in re.findall(rb"/(f\d+) (\d+) 0 R", fonts)
    }
    contents = _reference(page, rb"/Contents")
    return _shown(objects[contents][1], maps) if contents else ""


def _reference(head: bytes, key: bytes) -> int:
    found = re.search(key + rb"\s+(\d+) 0 R", head)
    return int(found.group(1)) if found else 0


def _to_unicode(objects: Objects, font: int) -> dict[int, str]:
    cmap = objects[_reference(objects[font][0], rb"/ToUnicode")][1]
    codes = {
        int(code, 16): bytes.fromhex(text.decode()).decode("utf-16-be")
        for code, text in re.findall(rb"\n<([0-9A-Fa-f]{4})> *<([0-9A-Fa-f]+)>(?=\n)", cmap)
    }
    for first, last, text in re.findall(
        rb"<([0-9A-Fa-f]{4})> *<([0-9A-Fa-f]{4})> *<([0-9A-Fa-f]{4})>", cmap
    ):
        for step in range(int(last, 16) - int(first, 16) + 1):
            codes[int(first, 16) + step] = chr(int(text, 16) + step)
    return codes


def _shown(content: bytes, maps: dict[bytes, dict[int, str]]) -> str:
    words: list[str] = []
    font: dict[int, str] = {}
    found = _STEP.search(content)
    while found is not None:
        name, opened, _ = found.groups()
        end = found.end()
        if name:
            font = maps.get(name, {})
        elif opened:
            end = _end_of_string(content, end)
            codes = _unescaped(content[found.end() : end - 1])
            pairs = zip(codes[::2], codes[1::2], strict=False)
            words.append("".join(font.get(high * 256 + low, "") for high, low in pairs))
        else:
            words.append(" ")
        found = _STEP.search(content, end)
    return re.sub(r"\s+", " ", "".join(words))


def _end_of_string(content: bytes, start: int) -> int:
    """Where a string ends: parentheses inside are escaped or balanced."""
    depth, at = 1, start
    while depth:
        char = content[at : at + 1]
        depth += {b"(": 1, b")": -1}.get(char, 0)
        at += 2 if char == b"\\" else 1
    return at


def _unescaped(text: bytes) -> bytes:
    def plain(found: re.Match[bytes]) -> bytes:
        what = found.group(1)
        return bytes([int(what, 8) & 255]) if what[:1].isdigit() else _PLAIN.get(what, what)

    return _ESCAPED.sub(plain, text)
