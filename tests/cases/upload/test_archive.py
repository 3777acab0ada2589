import io
import stat
import time
import zipfile

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from studies.cases.upload import archive
from studies.cases.upload.archive import UnusableArchive, is_archive, members


def packed(*files, method=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as target:
        for name, data in files:
            target.writestr(name, data)
    out.seek(0)
    return out


def code_of(file):
    with pytest.raises(UnusableArchive) as caught:
        list(members(file))
    assert caught.value.text.endswith(".")
    return caught.value.code


def test_files_come_out_in_order_with_any_name():
    file = packed(("b/ä ö\n.dcm", b"1"), ("a.dcm", b"2"), ("\u202eevil", b"3"))
    assert [(m.name, m.data, m.rejection) for m in members(file)] == [
        ("b/ä ö\n.dcm", b"1", None),
        ("a.dcm", b"2", None),
        ("\u202eevil", b"3", None),
    ]


def test_folders_and_operating_systems_files_are_left_out_and_counted():
    debris = [
        "__MACOSX/._a",
        "x/__MACOSX/a",
        "x/.DS_Store",
        "x/._a.dcm",
        "._DICOMDIR",
        "x/Thumbs.db",
        "THUMBS.DB",
        "x\\Desktop.ini",
    ]
    file = packed(
        ("x/", b""), *((name, b"1") for name in debris), ("b", b"\0\x05\x16\x07..."), ("x/a", b"2")
    )
    tally = archive.Tally()
    assert [member.name for member in members(file, tally)] == ["x/a"]
    assert tally.skipped == len(debris) + 1


def test_directory_is_left_out_beside_the_files_that_it_lists():
    assert [m.name for m in members(packed(("DICOMDIR", b"1"), ("a", b"2")))] == ["a"]
    assert [
        m.name
        for m in members(
            packed(
                ("x/DICOMDIR", b"1"),
            )
        )
    ] == ["x/DICOMDIR"]


@pytest.mark.parametrize(
    "name", ["../up.dcm", "a/../../up.dcm", "/etc/passwd", "..\\up.dcm", "C:\\up.dcm", "C:up.dcm"]
)
def test_path_that_climbs_out_is_refused_and_the_rest_goes_on(name):
    first, second = members(packed((name, b"1"), ("fine.dcm", b"2")))
    assert first.rejection.code == "path_climbs"
    assert (second.rejection, second.data) == (None, b"2")


def test_zip_in_a_zip_is_refused_by_name_and_by_content():
    inner = packed(("a", b"1")).getvalue()
    by_name, by_content = members(packed(("inner.zip", b"x"), ("inner.dcm", inner)))
    assert by_name.rejection.code == by_content.rejection.code == "nested_archive"


def test_link_is_refused():
    info = zipfile.ZipInfo("link")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    (member,) = members(packed((info, b"/etc/passwd")))
    assert member.rejection.code == "link"


def test_member_with_a_password_is_refused():
    data = bytearray(packed(("secret.dcm", b"12345")).getvalue())
    data[6] |= 1
    at = data.index(b"PK\x01\x02")
    data[at + 8] |= 1
    (member,) = members(io.BytesIO(bytes(data)))
    assert member.rejection.code == "encrypted"


def test_bomb_is_stopped_before_it_unfolds():
    started = time.monotonic()
    assert code_of(packed(("bomb", b"\0" * 100_000_000))) == "zip_bomb"
    assert time.monotonic() - started < 20


def test_total_is_limited(monkeypatch):
    monkeypatch.setattr(archive, "MAX_TOTAL_BYTES", 2_500_000)
    file = packed(*((f"{n}", bytes(range(256)) * 4000) for n in range(5)))
    given_out = []
    with pytest.raises(UnusableArchive) as caught:
        for member in members(file):
            given_out.append(member.name)
    assert caught.value.code == "zip_bomb"
    assert given_out == ["0", "1"]


def with_broken_checksums(file):
    """The archive with a wrong CRC for every member: each unpacks whole before that shows."""
    data = bytearray(file.getvalue())
    at = -1
    while (at := data.find(b"PK\x01\x02", at + 1)) >= 0:
        data[at + 16] ^= 0xFF
    return io.BytesIO(bytes(data))


def nested_without_suffix():
    inner = packed(("a", bytes(range(256)) * 4000), method=zipfile.ZIP_STORED).getvalue()
    return packed(*((f"{n}", inner) for n in range(5)))


def too_large():
    return packed(*((f"{n}", bytes(range(256)) * 4000) for n in range(5)))


@pytest.mark.parametrize(
    ("file", "code", "most"),
    [
        (with_broken_checksums(too_large()), "damaged_member", archive.MAX_MEMBER_BYTES),
        (nested_without_suffix(), "nested_archive", archive.MAX_MEMBER_BYTES),
        (too_large(), "too_large", 1_000_000),
    ],
)
def test_members_that_are_refused_after_unpacking_count_towards_the_total(
    monkeypatch, file, code, most
):
    monkeypatch.setattr(archive, "MAX_TOTAL_BYTES", 2_500_000)
    if code == "too_large":  # as their entries would hide it
        monkeypatch.setattr(archive, "_rejection", lambda info: None)
    monkeypatch.setattr(archive, "MAX_MEMBER_BYTES", most)
    given_out = []
    with pytest.raises(UnusableArchive) as caught:
        for member in members(file):
            given_out.append(member.rejection.code)
    assert caught.value.code == "zip_bomb"
    assert given_out == [code, code]


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_member_of_a_method_that_unpacks_without_limit_is_refused(method):
    (member,) = members(packed(("bomb.dcm", b"\0" * 50_000_000), method=method))
    assert member.rejection.code == "packed_otherwise"
    assert member.inflated == 0


def test_large_member_is_refused_whatever_its_entry_says(monkeypatch):
    monkeypatch.setattr(archive, "MAX_MEMBER_BYTES", 1000)
    big, small = members(packed(("big", b"1" * 2000), ("small", b"2")))
    assert (big.rejection.code, small.data) == ("too_large", b"2")


def test_number_of_files_is_limited(monkeypatch):
    monkeypatch.setattr(archive, "MAX_MEMBERS", 3)
    assert code_of(packed(*((str(n), b"") for n in range(4)))) == "too_many_files"


def test_empty_archive():
    assert code_of(packed()) == "empty_archive"


def test_damaged_archive():
    data = packed(("a", b"1" * 1000)).getvalue()
    assert code_of(io.BytesIO(data[:-30])) == "damaged_archive"


def test_damaged_member_leaves_the_others():
    data = bytearray(packed(("a", b"1" * 50), ("b", b"2"), method=zipfile.ZIP_STORED).getvalue())
    data[data.index(b"111")] = 0
    damaged, fine = members(io.BytesIO(bytes(data)))
    assert damaged.rejection.code == "damaged_member"
    assert fine.data == b"2"


def test_archive_is_known_by_its_first_bytes():
    file = packed(("a", b"1"))
    assert is_archive(file)
    assert file.tell() == 0
    assert not is_archive(io.BytesIO(b"\0" * 128 + b"DICM"))


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200), st.integers(0, 120), st.binary(min_size=1, max_size=8))
@example(noise=b"", at=88, damage=b"\0")  # a member without a name
def test_nonsense_raises_nothing_else(noise, at, damage):
    damaged = bytearray(packed(("a.dcm", b"12345")).getvalue())
    damaged[at : at + len(damage)] = damage
    for data in (b"PK\x03\x04" + noise, bytes(damaged)):
        try:
            list(members(io.BytesIO(data)))
        except UnusableArchive as error:
            assert error.code
