"""Windows security descriptors from their text; whom they let change a file or replace a child."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tipstaff_policy.system.owners.sddl import Ace, SddlError, parse_sddl, who_else_can_write

USER = "S-1-5-21-1004336348-1177238915-682003330-1001"
INSTALLER = "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464"
PROGRAM_DATA = "O:SYG:SYD:PAI(A;OICIIO;GA;;;CO)(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;0x1200a9;;;BU)(A;CI;DCLCRPCR;;;BU)"
DRIVE = (
    f"O:{INSTALLER}G:{INSTALLER}D:PAI(A;;LC;;;AU)(A;OICIIO;SDGXGWGR;;;AU)(A;;FA;;;SY)(A;OICIIO;GA;;;SY)"
    "(A;OICIIO;GA;;;BA)(A;;FA;;;BA)(A;OICI;0x1200a9;;;BU)"
)
CONDITION = '(@User.Title=="a)b;c" && (Member_of {SID(BA)}))'


def test_every_part_is_read():
    said = parse_sddl(
        f"O:{USER}G:BUD:PAI(A;OICI;FA;;;SY)(D;;0x2;;;WD)S:AI(AU;SAFA;FA;;;WD)(ML;;NW;;;HI)"
    )

    assert (USER, "S-1-5-32-545", ("P", "AI")) == said[:3]
    assert (
        Ace("A", ("OI", "CI"), 0x1F01FF, "S-1-5-18"),
        Ace("D", (), 2, "S-1-1-0"),
    ) == said.aces


@pytest.mark.parametrize(
    ("text", "aces"),
    [("O:BA", None), ("O:BAD:NO_ACCESS_CONTROL", None), ("O:BAD:PNO_ACCESS_CONTROL", None), ("O:BAD:", ()), ("O:BAD:PAI", ())],
)  # fmt: skip
def test_no_list_is_not_an_empty_list(text, aces):
    assert aces == parse_sddl(text).aces


@pytest.mark.parametrize(
    ("rights", "bits"),
    [("", 0), ("FA", 0x1F01FF), ("SDGW", 0x40010000), ("0x1301bf", 0x1301BF), ("0X2", 2), ("010", 8), ("0", 0), ("278", 278), ("0xffffffff", 0xFFFFFFFF)],
)  # fmt: skip
def test_rights_are_letters_or_numbers(rights, bits):
    assert bits == parse_sddl(f"D:(A;;{rights};;;BU)").aces[0].rights


@pytest.mark.parametrize("kind", ["XA", "ZA", "XD", "XU"])
def test_a_condition_is_kept_whole(kind):
    assert CONDITION == parse_sddl(f"D:({kind};;FA;;;BU;{CONDITION})(A;;FA;;;BU)").aces[0].argument


def test_a_resource_attribute_is_recognised():
    assert () == parse_sddl('O:BAD:S:(RA;;;;;WD;("Project",TS,0,"a;b)"))').aces


@pytest.mark.parametrize(
    "text",
    ["", " ", "O:", "O:BAX", "o:ba", "D:(A;;FA;;;BU", "D:A;;FA;;;BU)", "D:(A;;FA;;BU)", "D:(A;;FA;;;)", "D:(B;;FA;;;BU)", "D:(A;XX;FA;;;BU)",
     "D:(A;OIC;FA;;;BU)", "D:(A;;FAX;;;BU)", "D:(A;;0xfffffffff;;;BU)", "D:(A;;4294967296;;;BU)", "D:(A;;09;;;BU)", "D:(A;;-1;;;BU)", "D:(A;;FA;;;BU;)x",
     "D:(A;;FA;;;BU;(x))", "D:(XA;;FA;;;BU)", "D:(XA;;FA;;;BU;x)", "D:(A;;FA;no-guid;;BU)", "G:BAO:BA", "D:S:D:", "D:(A;;FA;;;S-1-5)", "D:Q", "O:BA\n", "D:(A;;FA;;;S-1-5-٣٢)"],
)  # fmt: skip
def test_other_text_is_refused(text):
    with pytest.raises(SddlError, match=r"at character \d+"):
        parse_sddl(text)


@given(st.one_of(st.text(), st.text(alphabet='OGDS:()ABUYW;"0x1-PI ', max_size=60), st.from_regex(r"O:BAD:(\([ADX]A?;(IO|OI)?;(FA|0x[0-9]{1,3});;;(BU|S-1-5-[0-9]{1,3})\)){0,3}")))  # fmt: skip
@example(PROGRAM_DATA)
def test_any_text_gives_a_descriptor_or_the_error(text):
    try:
        said = parse_sddl(text)
    except SddlError:
        return
    # Whatever was accepted has as many entries in its lists as it shows, quotes aside.
    shown = re.sub(r'"[^"]*"', "", text)
    assert (said.aces is None) == ("D:" not in shown or "NO_ACCESS_CONTROL" in shown)
    assert set(who_else_can_write(said, folder_above=True)) == set() or who_else_can_write(
        said, folder_above=False
    )


OTHERS = {
    "the drive, above": (DRIVE, True, ()),
    "the drive, where the file lies": (DRIVE, False, ("lets every signed-in user append",)),
    "ProgramData, above": (PROGRAM_DATA, True, ()),
    "ProgramData, where the file lies": (
        PROGRAM_DATA,
        False,
        ("lets the group Users write, append, write extended attributes, write attributes",),
    ),
    "a user owns it": (f"O:{USER}D:", True, (f"belongs to {USER}",)),
    "an administrator's account owns it": ("O:LAD:", True, ("belongs to LA",)),
    "no owner": ("D:", True, ("belongs to an unnamed account",)),
    "no list": (
        "O:BA",
        True,
        ("has no access control list, so everyone has full access",),
    ),
    "an empty list": ("O:BAD:", False, ()),
    "the three who may": (f"O:BAD:(A;;FA;;;SY)(A;;GA;;;BA)(A;;FA;;;{INSTALLER})", False, ()),
    "the owner by another name": ("O:BAD:(A;;FA;;;OW)(A;;FA;;;CO)", False, ()),
    "reading": ("O:BAD:(A;;FRFX;;;WD)(A;;GRGX;;;WD)", False, ()),
    "for children only": ("O:BAD:(A;OICIIO;GA;;;BU)", False, ()),
    "a denial is not in favour": ("O:BAD:(D;;FA;;;WD)(A;;0x2;;;WD)", False, ("lets everyone write",)),
    "a denial gives nothing": ("O:BAD:(D;;FA;;;WD)", False, ()),
    "a condition counts as true": (f"O:BAD:(XA;;0x2;;;WD;{CONDITION})", False, ("lets everyone write",)),
    "full SIDs": ("O:S-1-5-18D:(A;;SD;;;S-1-1-0)(A;;FA;;;S-1-5-32-544)", True, ("lets everyone delete",)),
    "an unknown alias": ("O:BAD:(A;;SD;;;QQ)", True, ("lets QQ delete",)),
}  # fmt: skip


@pytest.mark.parametrize(("text", "above", "expected"), OTHERS.values(), ids=OTHERS)
def test_who_else_can_write(text, above, expected):
    assert expected == who_else_can_write(parse_sddl(text), folder_above=above)


@pytest.mark.parametrize(
    ("rights", "at_file", "above"),
    [("0x2", True, False), ("0x4", True, False), ("0x10", True, False), ("0x100", True, False), ("0x40", True, True), ("SD", True, True), ("0x10000", True, True),
     ("WD", True, True), ("WO", True, True), ("GA", True, True), ("GW", True, False), ("FW", True, False), ("FA", True, True), ("DC", True, False), ("DT", True, True),
     ("KW", True, False), ("0x80000000", False, False), ("FR", False, False), ("RC", False, False), ("0x1", False, False), ("0x100000", False, False)],
)  # fmt: skip
def test_each_right_counts_where_it_can_do_harm(rights, at_file, above):
    said = parse_sddl(f"O:BAD:(A;;{rights};;;BU)")

    assert (at_file, above) == tuple(
        bool(who_else_can_write(said, folder_above=answer)) for answer in (False, True)
    )
