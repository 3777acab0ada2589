from __future__ import annotations

import os
from pathlib import Path

import pytest

from inference.runtime.compiled_cache import (
    UNUSED_DAYS,
    cache_folder,
    cache_key,
    find_entry,
    forget,
    keep,
)


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VERTEREAD_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def fill(folder: Path) -> None:
    (folder / "a.txt").write_text("a")


def test_what_is_kept_is_found_until_it_is_forgotten(place: Path) -> None:
    assert find_entry("k") is None
    folder = keep("k", fill)
    assert folder == find_entry("k") == place / "k"
    assert (place / "k" / "a.txt").read_text() == "a"
    forget("k")
    assert find_entry("k") is None


def test_nothing_is_left_of_what_could_not_be_made(place: Path) -> None:
    def fail(folder: Path) -> None:
        fill(folder)
        raise OSError("the disk is full")

    assert keep("k", fail) is None
    assert list(place.iterdir()) == []


def test_the_first_of_two_wins(place: Path) -> None:
    def other(folder: Path) -> None:
        keep("k", fill)
        (folder / "a.txt").write_text("b")

    assert keep("k", other) == place / "k"
    assert (place / "k" / "a.txt").read_text() == "a"
    assert [folder.name for folder in place.iterdir()] == ["k"]


def test_nothing_is_kept_where_no_folder_can_be_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("VERTEREAD_CACHE", str(tmp_path / "file" / "cache"))
    assert keep("k", fill) is None


def test_what_nobody_asked_for_in_a_month_goes_when_something_comes(place: Path) -> None:
    old, young, new = (cache_key({"weights": name}) for name in ("old", "young", "new"))
    for key in (old, young):
        keep(key, fill)
    os.utime(place / old, (0, 0))
    keep(new, fill)
    assert UNUSED_DAYS == 30
    assert {folder.name for folder in place.iterdir()} == {new, young}


def test_what_is_not_ours_stays_however_old_it_is(place: Path) -> None:
    strange = place / "photographs"
    strange.mkdir(parents=True)
    os.utime(strange, (0, 0))
    keep(cache_key({"weights": "new"}), fill)
    assert strange.is_dir()


def test_key_depends_on_every_part() -> None:
    parts = {"weights": "w", "processor": "p"}
    assert cache_key(parts) == cache_key(dict(reversed(parts.items())))
    assert (
        len({cache_key(parts), cache_key({**parts, "processor": "q"}), cache_key({"weights": "w"})})
        == 3
    )


def test_folder_is_the_users_where_none_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VERTEREAD_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "verteread"
