from __future__ import annotations

from inference.decoding.level_sequences import list_sequences
from inference.network.configuration import LEVEL_CLASSES


def row(names: tuple[str, ...], gaps: tuple[int, ...] = ()) -> tuple[int, int, list[int]]:
    """Return the first level, the lumbar count and the positions of one sequence."""
    sequences = list_sequences(len(names), gaps, LEVEL_CLASSES)
    k = sequences.names.index(names)
    return int(sequences.first[k]), int(sequences.lumbar[k]), sequences.positions[k].tolist()


def test_every_labelling_appears_once() -> None:
    sequences = list_sequences(6, (), LEVEL_CLASSES)
    assert len(set(sequences.names)) == len(sequences)
    assert ("T12", "L1", "L2", "L3", "L4", "L5") in sequences.names


def test_lumbar_bodies_are_counted_only_down_to_the_sacrum() -> None:
    assert row(("L2", "L3", "L4"))[1] == 5
    assert row(("L2", "L3", "L4", "S1"))[1] == 4
    assert row(("L4", "L5", "L6"))[1] == 6
    assert row(("L4", "L5", "L6", "S1"))[1] == 6


def test_positions_are_counted_from_the_sacrum() -> None:
    usual = row(("L3", "L4", "L5", "S1"))[2]
    assert row(("L2", "L3", "L4", "S1"))[2] == usual
    assert row(("L4", "L5", "L6", "S1"))[2] == usual
    assert usual == [12, 13, 14, 15]


def test_gap_skips_a_level() -> None:
    assert row(("T12", "L1", "L3"), gaps=(1,))[2] == [9, 10, 12]


def test_at_most_one_body_stays_without_a_label() -> None:
    sequences = list_sequences(5, (), LEVEL_CLASSES)
    assert max(names.count("") for names in sequences.names) == 1
    assert row(("L4", "L5", "S1", ""))[2] == [13, 14, 15, -1]


def test_more_bodies_than_levels_have_no_sequence() -> None:
    assert len(list_sequences(25, (), LEVEL_CLASSES)) == 0
