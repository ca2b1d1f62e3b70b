"""POSIX access control lists as Linux stores them: whom they let write beyond owner and mode.

Source: acl(5), and the extended attribute's layout in the kernel's ``posix_acl_xattr.h``.
"""

from tipstaff_policy.record import Record

VERSION = 2
WRITE = 2
USER, OWNING_GROUP, GROUP, MASK, OTHERS = 0x02, 0x04, 0x08, 0x10, 0x20
NAMES = {
    USER: "user {}",
    OWNING_GROUP: "the owning group",
    GROUP: "group {}",
    OTHERS: "everyone",
}
"""The entries that let other users write; the owner is judged by name."""
TAGS = {0x01, MASK, *NAMES}
HEADER_BYTES, ENTRY_BYTES = 4, 8


class AclEntry(Record):
    """One entry of a list."""

    tag: int
    permissions: int
    id: int
    """The user or group of a named entry; of no meaning in the others."""


class BadAclError(ValueError):
    """The bytes are no list of the version that the kernel documents."""


def why_loose(data: bytes, administrators: set[int]) -> str:
    """Return who can write by a list, besides the administrators, in words; empty if no one can."""
    try:
        entries = parse_posix_acl(data)
    except BadAclError as error:
        return f"has an access control list that cannot be evaluated ({error})"
    if not entries:
        return "has an access control list without entries, which cannot be evaluated"
    writers = acl_writers(entries, administrators)
    return f"is writable by {', '.join(writers)} (access control list)" if writers else ""


def parse_posix_acl(data: bytes) -> tuple[AclEntry, ...]:
    """Return the entries of a list, in its order.

    Raises:
        BadAclError: It is of another version, cut off, or has an entry of an unknown kind.
    """
    if len(data) < HEADER_BYTES or (len(data) - HEADER_BYTES) % ENTRY_BYTES:
        raise BadAclError("is cut off")
    version = _number(data[:HEADER_BYTES])
    if version != VERSION:
        raise BadAclError(f"is of version {version}")
    starts = range(HEADER_BYTES, len(data), ENTRY_BYTES)
    entries = tuple(_entry(data[start : start + ENTRY_BYTES]) for start in starts)
    if unknown := {entry.tag for entry in entries} - TAGS:
        raise BadAclError(f"has an entry of kind {min(unknown)}")
    return entries


def _entry(data: bytes) -> AclEntry:
    return AclEntry(_number(data[:2]), _number(data[2:4]), _number(data[4:]))


def _number(data: bytes) -> int:
    return int.from_bytes(data, "little")


def acl_writers(entries: tuple[AclEntry, ...], administrators: set[int]) -> tuple[str, ...]:
    """Return who else may write by a list, in words.

    The mask caps all but the owner and others. If there is a list, the mode's group bits show the
    mask, and nothing of the owning group.
    """
    mask = next((entry.permissions for entry in entries if entry.tag == MASK), WRITE)
    return tuple(
        NAMES[entry.tag].format(entry.id)
        for entry in entries
        if entry.tag in NAMES
        and entry.permissions & WRITE & (WRITE if entry.tag == OTHERS else mask)
        and not (entry.tag == USER and entry.id in administrators)
    )
