from __future__ import annotations

from inference.decoding.extra_peaks import decode_with_extra_peaks
from inference.decoding.vertebrae import decode_ranked
from tests.inference.decoding.test_vertebrae import Maps, empty_maps, put_body


def six(peak: float = 0.8) -> Maps:
    maps = empty_maps()
    for k in range(6):
        put_body(maps, 14 + 7 * k, 15, peak=peak)
    return maps


def test_six_bodies_alone_equal_the_ranked_decoding() -> None:
    extended, ranked = decode_with_extra_peaks(six()), decode_ranked(six())
    assert [body.center.tolist() for body in extended] == [body.center.tolist() for body in ranked]


def test_seventh_body_that_continues_the_column_is_included_at_either_end() -> None:
    for row in (7, 56):
        maps = six()
        put_body(maps, row, 15, peak=0.7)
        assert len(decode_with_extra_peaks(maps)) == 7


def test_weak_peak_and_one_beside_the_column_are_left_out() -> None:
    maps = six()
    put_body(maps, 7, 15, peak=0.3)
    put_body(maps, 30, 28, peak=0.7)
    assert len(decode_with_extra_peaks(maps)) == 6


def test_second_peak_in_a_body_is_no_seventh_body() -> None:
    maps = six()
    put_body(maps, 16, 15, peak=0.79)
    assert len(decode_with_extra_peaks(maps)) == 6


def test_fewer_than_six_bodies_have_no_extra_ones() -> None:
    maps = empty_maps()
    assert decode_with_extra_peaks(maps) == []
    put_body(maps, 20, 15)
    assert len(decode_with_extra_peaks(maps)) == 1
