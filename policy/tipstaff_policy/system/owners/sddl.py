"""Windows security descriptors in their text form: what it says, and whom it lets change things.

Pure, so that it holds for a live Windows and for an image of one alike.
Source: Microsoft's "Security Descriptor String Format", "ACE Strings", "SID Strings",
"Security Descriptor Definition Language for Conditional ACEs", and [MS-DTYP] 2.5.1.1.
"""

import re

from tipstaff_policy.record import Record

RIGHTS = {
    "GA": 0x10000000, "GX": 0x20000000, "GW": 0x40000000, "GR": 0x80000000,
    "SD": 0x10000, "RC": 0x20000, "WD": 0x40000, "WO": 0x80000,
    "CC": 0x1, "DC": 0x2, "LC": 0x4, "SW": 0x8, "RP": 0x10, "WP": 0x20, "DT": 0x40, "LO": 0x80,
    "CR": 0x100, "FA": 0x1F01FF, "FR": 0x120089, "FW": 0x120116, "FX": 0x1200A0,
    "KA": 0xF003F, "KR": 0x20019, "KW": 0x20006, "KX": 0x20019, "NW": 0x1, "NR": 0x2, "NX": 0x4,
}  # fmt: skip
"""Letters of every kind of object: a file's list may be written in those of a directory service
or a registry key, which are only other names of the same bits."""
REPLACING = {
    0x40: "delete what is in it",
    0x10000: "delete",
    0x40000: "change permissions",
    0x80000: "take ownership",
    0x10000000: "do all",
}
"""The rights to put another file or folder in a child's place, or to grant that right.

Not the rights to create and GENERIC_WRITE, which on a folder contains no more than these: with
them (``C:\\ProgramData`` gives them to every user) no user can replace an existing child."""
WRITING = {
    0x2: "write",
    0x4: "append",
    0x10: "write extended attributes",
    0x100: "write attributes",
    0x40000000: "write (generic)",
    **REPLACING,
}
INHERIT_ONLY = "IO"
ALLOWING = {"A", "OA", "XA", "ZA"}
"""A conditional entry counts as if its condition held."""
WITH_ARGUMENT = {"XA", "XD", "XU", "ZA", "RA"}
TYPES = {"D", "OD", "AU", "AL", "OU", "OL", "ML", "SP", "TL", "FL", *ALLOWING, *WITH_ARGUMENT}
FLAGS = {"CI", "OI", "NP", INHERIT_ONLY, "ID", "SA", "FA", "TP", "CR"}
NULL_ACL = "NO_ACCESS_CONTROL"

SYSTEM, ADMINISTRATORS = "S-1-5-18", "S-1-5-32-544"
TRUSTED_INSTALLER = "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464"
OWNERS = (SYSTEM, ADMINISTRATORS, TRUSTED_INSTALLER)
STAND_FOR_OWNER = ("S-1-3-0", "S-1-3-4")
"""CREATOR OWNER and OWNER RIGHTS: the owner, who is judged by name."""
ALIASES = {
    "SY": SYSTEM, "BA": ADMINISTRATORS, "CO": "S-1-3-0", "OW": "S-1-3-4", "WD": "S-1-1-0",
    "AU": "S-1-5-11", "BU": "S-1-5-32-545", "IU": "S-1-5-4",
}  # fmt: skip
"""The aliases that matter here; another one stays two letters, and is no administrator."""
NAMES = {
    "S-1-1-0": "everyone",
    "S-1-5-11": "every signed-in user",
    "S-1-5-32-545": "the group Users",
    "S-1-5-4": "every interactive user",
}

_SID = r"(?:S-1-(?:\d{1,15}|0[xX][0-9a-fA-F]{1,12})(?:-\d{1,10}){1,15}|[A-Z]{2})"
_OWNERS = re.compile(rf"(?:O:(?P<owner>{_SID}))?(?:G:(?P<group>{_SID}))?", re.ASCII)
_ACL = re.compile(rf"([DS]):((?:P|AR|AI|{NULL_ACL})*)")
_FLAG = re.compile(rf"P|AR|AI|{NULL_ACL}")
_GUID = re.compile(r"(?:[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})?")
_NUMBERS = (
    (re.compile(r"0[xX][0-9a-fA-F]{1,8}"), 16),
    (re.compile(r"0[0-7]{0,11}"), 8),
    (re.compile(r"[1-9][0-9]{0,9}"), 10),
)


class SddlError(ValueError):
    """A text that is no security descriptor; says what and at which character, from 1."""

    def __init__(self, what: str, at: int) -> None:
        super().__init__(f"{what} at character {at + 1}")


class Ace(Record):
    """One entry of an access control list."""

    type: str
    flags: tuple[str, ...]
    rights: int
    sid: str
    """Of an alias that is the same everywhere, the full one; otherwise as written."""
    argument: str = ""
    """A condition or a resource attribute, as written."""


class SecurityDescriptor(Record):
    """Who owns something, and what others may do with it."""

    owner: str | None
    group: str | None
    flags: tuple[str, ...]
    """Of the discretionary list."""
    aces: tuple[Ace, ...] | None
    """The discretionary list in its order; empty allows no one, None (no list) everyone."""


def parse_sddl(text: str) -> SecurityDescriptor:
    """Return what a text says: owner, group and discretionary list; a system list is only read.

    Raises:
        SddlError: It does not follow the grammar.
    """
    start = _OWNERS.match(text)
    at = start.end() if start else 0
    owner, group = start.group("owner", "group") if start else (None, None)
    lists: dict[str, tuple[tuple[str, ...], tuple[Ace, ...]]] = {}
    for letter in "DS":
        if (head := _ACL.match(text, at)) and head[1] == letter:
            aces, at = _aces(text, head.end())
            lists[letter] = tuple(_FLAG.findall(head[2])), aces
    if at != len(text) or not text:
        raise SddlError("owner, group, list or entry expected", at)
    flags, listed = lists.get("D", ((), None))
    return SecurityDescriptor(
        owner and _full(owner), group and _full(group), flags, None if NULL_ACL in flags else listed
    )


def _aces(text: str, at: int) -> tuple[tuple[Ace, ...], int]:
    aces = []
    while text.startswith("(", at):
        end = _find_closing(text, at)
        aces.append(_ace(text[at + 1 : end], at))
        at = end + 1
    return tuple(aces), at


def _find_closing(text: str, start: int) -> int:
    """Return where a parenthesis ends; a condition has more of them, and texts in quotes."""
    depth, quoted = 0, False
    for at in range(start, len(text)):
        if text[at] == '"':
            quoted = not quoted
        elif not quoted:
            depth += {"(": 1, ")": -1}.get(text[at], 0)
            if depth == 0:
                return at
    raise SddlError("an entry is not closed", start)


def _ace(body: str, at: int) -> Ace:
    fields = body.split(";", 6)
    if len(fields) < 6:
        raise SddlError("an entry of fewer than six fields", at)
    kind, flags, rights, *guids, sid = fields[:6]
    argument = fields[6] if len(fields) > 6 else ""
    pairs = _pairs(flags)
    argued = argument.startswith("(") and argument.endswith(")")
    for holds, what in (
        (kind in TYPES, "an entry of unknown type"),
        (FLAGS.issuperset(pairs), "unknown flags"),
        (all(map(_GUID.fullmatch, guids)), "no object type (GUID)"),
        (re.fullmatch(_SID, sid, re.ASCII), "no SID"),
        (argued if kind in WITH_ARGUMENT else not argument, "an invalid condition or attribute"),
    ):
        if not holds:
            raise SddlError(what + " in the entry", at)
    return Ace(kind, pairs, _rights(rights, at), _full(sid), argument)


def _rights(text: str, at: int) -> int:
    for form, base in _NUMBERS:
        if form.fullmatch(text) and (value := int(text, base)) >> 32 == 0:
            return value
    bits = 0
    for pair in _pairs(text):
        if pair not in RIGHTS:
            raise SddlError("unknown rights in the entry", at)
        bits |= RIGHTS[pair]
    return bits


def _pairs(text: str) -> tuple[str, ...]:
    return tuple(text[at : at + 2] for at in range(0, len(text), 2))


def _full(sid: str) -> str:
    return ALIASES.get(sid, sid)


def who_else_can_write(descriptor: SecurityDescriptor, *, folder_above: bool) -> tuple[str, ...]:
    """Return why others than the administrators can change something, in words.

    Administrators are SYSTEM, the group Administrators and TrustedInstaller. Denying entries do
    not count in favour, whatever they name: groups overlap, and order decides.

    Args:
        folder_above: Whether only what replaces a child matters: a folder further up than the
            one that holds the file.
    """
    found = []
    if descriptor.owner not in OWNERS:
        found.append(f"belongs to {_name_trustee(descriptor.owner)}")
    if descriptor.aces is None:
        return (*found, "has no access control list, so everyone has full access")
    judged = REPLACING if folder_above else WRITING
    for ace in descriptor.aces:
        rights = [words for bit, words in judged.items() if ace.rights & bit]
        gives = rights and ace.type in ALLOWING and INHERIT_ONLY not in ace.flags
        if gives and ace.sid not in (*OWNERS, *STAND_FOR_OWNER):
            found.append(f"lets {_name_trustee(ace.sid)} {', '.join(rights)}")
    return tuple(found)


def _name_trustee(sid: str | None) -> str:
    return "an unnamed account" if sid is None else NAMES.get(sid, sid)
