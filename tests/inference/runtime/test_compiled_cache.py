from __future__ import annotations

import os
from pathlib import Path

import pytest

from inference.runtime.compiled_cache import (
    UNUSED_DAYS,
    cache_folder,
    cache_key,
    find_entry,
    remove_entry,
    store_entry,
)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VERTEREAD_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def write(folder: Path) -> None:
    (folder / "a.txt").write_text("a")


def test_entry_is_found_until_it_is_removed(cache: Path) -> None:
    assert find_entry("k") is None
    folder = store_entry("k", write)
    assert folder == find_entry("k") == cache / "k"
    assert (cache / "k" / "a.txt").read_text() == "a"
    remove_entry("k")
    assert find_entry("k") is None


def test_nothing_remains_of_an_entry_that_could_not_be_written(cache: Path) -> None:
    def fail(folder: Path) -> None:
        write(folder)
        raise OSError("the disk is full")

    assert store_entry("k", fail) is None
    assert list(cache.iterdir()) == []


def test_first_of_two_concurrent_entries_is_retained(cache: Path) -> None:
    def other(folder: Path) -> None:
        store_entry("k", write)
        (folder / "a.txt").write_text("b")

    assert store_entry("k", other) == cache / "k"
    assert (cache / "k" / "a.txt").read_text() == "a"
    assert [folder.name for folder in cache.iterdir()] == ["k"]


def test_nothing_is_stored_where_the_cache_cannot_be_created(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("VERTEREAD_CACHE", str(tmp_path / "file" / "cache"))
    assert store_entry("k", write) is None


def test_entries_unused_for_a_month_are_removed_when_a_new_one_is_stored(cache: Path) -> None:
    old, young, new = (cache_key({"weights": name}) for name in ("old", "young", "new"))
    for key in (old, young):
        store_entry(key, write)
    os.utime(cache / old, (0, 0))
    store_entry(new, write)
    assert UNUSED_DAYS == 30
    assert {folder.name for folder in cache.iterdir()} == {new, young}


def test_foreign_folders_are_never_removed(cache: Path) -> None:
    foreign = cache / "photographs"
    foreign.mkdir(parents=True)
    os.utime(foreign, (0, 0))
    store_entry(cache_key({"weights": "new"}), write)
    assert foreign.is_dir()


def test_key_depends_on_every_part() -> None:
    parts = {"weights": "w", "processor": "p"}
    assert cache_key(parts) == cache_key(dict(reversed(parts.items())))
    assert (
        len({cache_key(parts), cache_key({**parts, "processor": "q"}), cache_key({"weights": "w"})})
        == 3
    )


def test_cache_is_in_the_folder_of_the_user_by_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VERTEREAD_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "verteread"
