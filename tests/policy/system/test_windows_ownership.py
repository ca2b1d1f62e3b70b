"""Images of Windows: the descriptors that a file at their top lists."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.parsing.test_sddl import DRIVE, PROGRAM_DATA
from tipstaff_policy.system.owners.loose_places import loose_places
from tipstaff_policy.system.owners.windows import SIDECAR, BadSidecarError, parse_sidecar

SAFE = "O:BAG:SYD:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;0x1200a9;;;BU)"
LOOSE = SAFE.replace("0x1200a9", "0x1301bf")
GOOD = {
    "C:\\": DRIVE,
    r"C:\ProgramData": PROGRAM_DATA,
    r"C:\ProgramData\Tipstaff": SAFE,
    r"C:\ProgramData\Tipstaff\policy.toml": SAFE,
}
POLICY = "/ProgramData/Tipstaff/policy.toml"
MODIFY = "lets the group Users write, append, write extended attributes, write attributes, delete"


@pytest.fixture
def root(tmp_path):
    (tmp_path / "ProgramData/Tipstaff").mkdir(parents=True)
    (tmp_path / POLICY[1:]).write_text("")
    return tmp_path


def describe(root, lines):
    text = "".join(f"{path}\t{text}\r\n" for path, text in lines.items())
    (root / SIDECAR[1:]).write_bytes(b"\xef\xbb\xbf" + text.encode())


def found(root, path=POLICY):
    places = loose_places(path, str(root), "windows")
    return [str(place).removeprefix(str(root)) for place in places]


def test_without_the_file_nobody_can_tell(root):
    (root / POLICY[1:]).chmod(0o666)

    assert loose_places(POLICY, str(root), "windows") is None


def test_no_machine_but_windows_tells_of_windows():
    assert loose_places(POLICY, None, "windows") is None


ROWS = {
    "safe all the way": ({}, []),
    "a file of the users": ({r"C:\ProgramData\Tipstaff\policy.toml": LOOSE}, [f"{POLICY} {MODIFY}"]),
    "a folder of the users": ({r"C:\ProgramData\Tipstaff": LOOSE}, [f"/ProgramData/Tipstaff {MODIFY}"]),
    "a folder above from which users delete": (
        {r"C:\ProgramData": SAFE.replace("0x1200a9", "DT")},
        ["/ProgramData lets the group Users delete what is in it"],
    ),
    "a text that is none": (
        {r"C:\ProgramData": "everyone"},
        ["/ProgramData has no security descriptor that can be judged (owner, group, list or entry expected at character 1)"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("changed", "expected"), ROWS.values(), ids=ROWS)
def test_the_listed_descriptors_are_judged(changed, expected, root):
    describe(root, {**GOOD, **changed})

    assert expected == found(root)


def test_case_does_not_matter(root):
    describe(root, {path.upper(): text for path, text in GOOD.items()})

    assert [] == found(root, POLICY.lower())


@pytest.mark.parametrize("missing", GOOD)
def test_a_place_that_is_not_listed_is_loose(missing, root):
    describe(root, {path: text for path, text in GOOD.items() if path != missing})

    assert [f"no line in {SIDECAR}"] == [
        fault[fault.index("no line") : -1] for fault in found(root)
    ]


def test_a_link_is_a_place_of_its_own(root):
    (root / POLICY[1:]).unlink()
    (root / "Users").mkdir()
    (root / "Users/policy.toml").write_text("")
    (root / POLICY[1:]).symlink_to("/Users/policy.toml")
    further = {r"C:\Users": SAFE, r"C:\Users\policy.toml": SAFE}

    describe(root, {**GOOD, **further})
    assert [] == found(root)
    describe(root, {**GOOD, **further, r"C:\ProgramData\Tipstaff\policy.toml": LOOSE})
    assert [f"{POLICY} {MODIFY}"] == found(root)


BAD = {
    "not UTF-8": (b"C:\\\t\xff", "no UTF-8 at byte 5"),
    "no tab": (b"C:\\ProgramData O:BAD:\n", "line 1"),
    "no drive": (b"\r\n/ProgramData\tO:BAD:\n", "line 2"),
    "two answers": (b"C:\\A\tO:BAD:\nc:\\a\\\tO:SYD:\n", "two descriptors"),
}


@pytest.mark.parametrize(("data", "why"), BAD.values(), ids=BAD)
def test_a_bad_file_makes_everything_loose(data, why, root):
    (root / SIDECAR[1:]).write_bytes(data)

    assert [True] == [fault.startswith(SIDECAR) and why in fault for fault in found(root)]


def test_a_folder_in_the_files_place_makes_everything_loose(root):
    (root / SIDECAR[1:]).mkdir()

    assert [f"{SIDECAR} cannot be read (is a directory)"] == found(root)


@given(st.binary(max_size=60))
def test_any_bytes_give_a_list_or_the_error(data):
    try:
        listed = parse_sidecar(data)
    except BadSidecarError:
        return
    assert data.count(b"\t") >= len(listed)
