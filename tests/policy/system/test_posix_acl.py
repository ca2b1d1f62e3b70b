"""Access control lists as Linux stores them, from their bytes."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tipstaff_policy.system.owners.posix_acl import (
    AclEntry,
    BadAclError,
    acl_writers,
    parse_posix_acl,
    why_loose,
)

NOBODY = 0xFFFFFFFF
entries = st.lists(
    st.tuples(
        st.sampled_from([0x01, 0x02, 0x04, 0x08, 0x10, 0x20]),
        st.integers(0, 0xFFFF),
        st.integers(0, NOBODY),
    ),
    max_size=6,
)


def stored(rows):
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *row) for row in rows)


def test_a_list_that_setfacl_made_is_read():
    data = bytes.fromhex(
        "0200000001000600ffffffff020006003930000004000400ffffffff10000600ffffffff20000400ffffffff"
    )

    assert (
        AclEntry(0x01, 6, NOBODY),
        AclEntry(0x02, 6, 12345),
        AclEntry(0x04, 4, NOBODY),
        AclEntry(0x10, 6, NOBODY),
        AclEntry(0x20, 4, NOBODY),
    ) == parse_posix_acl(data)


@given(entries)
def test_parsing_what_was_stored_is_identity(rows):
    assert tuple(rows) == parse_posix_acl(stored(rows))


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "is cut off"),
        (b"\2\0\0", "is cut off"),
        (stored([(1, 6, 0)])[:-1], "is cut off"),
        (b"\3\0\0\0", "is of version 3"),
        (stored([(0x40, 6, 0)]), "has an entry of kind 64"),
    ],
)
def test_other_bytes_are_refused(data, why):
    with pytest.raises(BadAclError, match=why):
        parse_posix_acl(data)


@pytest.mark.parametrize("data", [b"\2\0\0\0", b"\3\0\0\0", stored([(1, 6, 0)])[:-1]])
def test_a_list_that_tells_nothing_is_loose(data):
    assert "cannot be evaluated" in why_loose(data, {0})


@given(st.binary(max_size=40))
def test_any_bytes_give_entries_or_the_error(data):
    try:
        said = parse_posix_acl(data)
    except BadAclError:
        return
    assert data == stored(said)


@given(entries)
def test_without_the_right_to_write_nobody_writes(rows):
    assert () == acl_writers(tuple(AclEntry(tag, bits & ~2, who) for tag, bits, who in rows), {0})
