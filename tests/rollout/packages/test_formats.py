"""What is built is read back; what was cut off or edited is said with its place."""

import stat
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.artefacts.sample_packages import NEEDS, PACKAGE, SCRIPTS, any_entries
from tipstaff_rollout.model import ArtefactError
from tipstaff_rollout.packages import cpio, deb, pieces, rpm, tar
from tipstaff_rollout.packages.model import Need, folder, link, regular, sort_entries
from tipstaff_rollout.packages.pieces import pack_gzip, unpack_gzip

FORMATS = {"deb": deb, "rpm": rpm}
every_format = pytest.mark.parametrize("form", FORMATS.values(), ids=FORMATS)


def installed(entries):
    return tuple(entry for entry in sort_entries(entries) if not stat.S_ISDIR(entry.mode))


@every_format
@settings(max_examples=50)
@given(entries=any_entries(), small=st.booleans())
def test_what_is_built_is_read_back(form, entries, small):
    data = form.build(PACKAGE._replace(entries=entries), small=small)

    assert installed(entries) == form.read(data, "sample")


@every_format
@settings(max_examples=20)
@given(entries=any_entries(), order=st.randoms(use_true_random=False))
def test_the_order_of_the_entries_does_not_change_a_byte(form, entries, order):
    shuffled = list(entries)
    order.shuffle(shuffled)

    assert form.build(PACKAGE._replace(entries=entries)) == form.build(
        PACKAGE._replace(entries=tuple(shuffled))
    )


DIGESTS = {
    "deb": "2cfc63e2584f1175e96b459511bd90cd89cd2851ddb2319ffd7b80c96cec29e6",
    "rpm": "a86a92303304a32b50afaa68b1f65efbcbeefe72e1f8deff90e59014125bfef7",
}


@every_format
def test_the_bytes_are_those_of_every_other_machine(form):
    from hashlib import sha256

    name = form.__name__.rpartition(".")[2]
    data = form.build(PACKAGE._replace(scripts=SCRIPTS, needs=NEEDS))

    assert DIGESTS[name] == sha256(data).hexdigest()


@every_format
@settings(max_examples=100)
@given(cut=st.integers(min_value=0))
def test_a_package_that_was_cut_off_is_an_error_with_its_place(form, cut):
    data = form.build(PACKAGE._replace(entries=PACKAGE.entries[2:]))

    with pytest.raises(ArtefactError, match=r"cut off|gzip|no .* package") as error:
        form.read(data[: cut % len(data)], "sample")

    assert error.value.where.startswith("sample")


@every_format
@settings(max_examples=300)
@given(at=st.integers(min_value=0), mask=st.integers(1, 255))
def test_an_edited_byte_is_an_error_or_changes_nothing_that_is_installed(form, at, mask):
    entries = PACKAGE.entries[2:]
    data = bytearray(form.build(PACKAGE._replace(entries=entries)))
    data[at % len(data)] ^= mask

    try:
        found = form.read(bytes(data), "sample")
    except ArtefactError:
        return
    assert installed(entries) == found


EDITS = {
    "fields of a .deb": (deb, b"Section: admin", b"Section: Admin", "control.tar.gz: is no gzip"),
    "file of a .deb": (deb, b"one\n", b"One\n", "data.tar.gz: is no gzip file"),
    "member of a .deb": (deb, b"100644", b"100600", "debian-binary: the header at byte 8"),
    "format of a .deb": (deb, b"2.0\n", b"2.1\n", "debian-binary: is of another format"),
    "summary of an .rpm": (rpm, b"something to", b"Something to", "header: was edited"),
    "file of an .rpm": (rpm, b"one\n", b"One\n", "payload: was edited"),
}


@pytest.mark.parametrize(("form", "old", "new", "said"), EDITS.values(), ids=EDITS)
def test_an_edit_is_told_with_its_place(form, old, new, said):
    data = form.build(PACKAGE)
    assert old in data

    with pytest.raises(ArtefactError, match=f"sample: {said}"):
        form.read(data.replace(old, new, 1), "sample")


ARCHIVES = {"tar": tar, "cpio": cpio}


@pytest.mark.parametrize("form", ARCHIVES.values(), ids=ARCHIVES)
@settings(max_examples=300)
@given(at=st.integers(min_value=0), new=st.binary(min_size=1, max_size=8))
def test_an_archive_within_digests_that_were_made_anew_is_an_error_of_ours(form, at, new):
    data = form.pack(PACKAGE.entries[2:])
    at %= len(data)

    with suppress(ArtefactError):
        form.unpack(data[:at] + new + data[at + len(new) :], "x")


def test_a_negative_mode_is_an_error_of_ours():
    data = cpio.pack(PACKAGE.entries)

    with pytest.raises(ArtefactError, match="no file at byte 0"):
        cpio.unpack(data[:14] + b"-0000001" + data[22:], "x")


@every_format
def test_bytes_behind_the_end_are_an_error(form):
    with pytest.raises(ArtefactError, match="1 bytes behind its end"):
        form.read(form.build(PACKAGE) + b"x", "sample")


@every_format
@settings(max_examples=100)
@given(data=st.binary(max_size=300))
def test_any_bytes_are_an_error_of_ours(form, data):
    with pytest.raises(ArtefactError):
        form.read(data, "sample")


BAD = {
    "name with a capital": {"name": "Sample"},
    "version that begins with a letter": {"version": "v1"},
    "version with a release": {"version": "1.2-3"},
    "summary of two lines": {"summary": "one\nDepends: other"},
    "blank summary": {"summary": " "},
    "description that begins blank": {"description": "\nx"},
    "maintainer without an address": {"maintainer": "Sample"},
    "maintainer of two lines": {"maintainer": "Sample\nX: y <a@b.c>"},
    "changes of two lines": {"changes": "a\nb"},
    "need that is no name": {"needs": (Need("a, b"),)},
    "need of no version": {"needs": (Need("ab", "1)"),)},
    "script with a zero byte": {"scripts": SCRIPTS._replace(after_install="a\0b")},
    "relative path": {"entries": (regular("usr/x", b""),)},
    "path that climbs": {"entries": (regular("/usr/../x", b""),)},
    "path with two slashes": {"entries": (regular("//usr/x", b""),)},
    "path that ends in a slash": {"entries": (regular("/usr/x/", b""),)},
    "path with a line break": {"entries": (regular("/usr/x\ny", b""),)},
    "the same path twice": {"entries": (regular("/usr/x", b""), link("/usr/x", "y"))},
    "file that is also a folder": {"entries": (regular("/usr/x", b""), folder("/usr/x/y/z"))},
    "link that is also a folder": {"entries": (link("/usr/x", "/y"), regular("/usr/x/y", b""))},
}


@every_format
@pytest.mark.parametrize("fields", BAD.values(), ids=BAD)
def test_what_the_format_cannot_hold_is_refused(form, fields):
    with pytest.raises(ArtefactError):
        form.build(PACKAGE._replace(**fields))


TOO_LONG = {
    "name": regular("/usr/" + "n" * 101, b""),
    "folders": regular("/" + "f" * 160 + "/n", b""),
    "whole": regular("/" + "f/" * 200 + "n", b""),
    "target": link("/usr/x", "t" * 101),
}


@pytest.mark.parametrize("entry", TOO_LONG.values(), ids=TOO_LONG)
def test_a_path_that_no_tar_can_hold_is_refused(entry):
    with pytest.raises(ArtefactError, match=r"too long|more than"):
        deb.build(PACKAGE._replace(entries=(entry,)))


@given(
    data=st.binary(),
    size=st.sampled_from([0, 1, 0xFFFE, 0xFFFF, 0x10000, 0x1FFFE, 0x1FFFF]),
    small=st.booleans(),
)
def test_gzip_reads_what_is_zipped(data, size, small):
    from gzip import decompress

    data = (data + b"x" * size)[:size] if size else data

    assert (
        data
        == decompress(pack_gzip(data, small=small))
        == unpack_gzip(pack_gzip(data, small=small), "x")
    )


TAR = tar.pack(PACKAGE.entries[1:2])
CPIO = cpio.pack(PACKAGE.entries[2:])
INNER = {
    "tar, mode": (tar.unpack, TAR.replace(b"0000644", b"0000666"), "header of a file was edited"),
    "tar, more": (tar.unpack, tar.pack([]) + b"x", "does not end"),
    "tar, no end": (tar.unpack, TAR[:-512], "does not end"),
    "cpio, padding": (cpio.unpack, CPIO.replace(b"empty\0\0", b"empty\0x", 1), "was edited"),
    "cpio, more": (cpio.unpack, CPIO + b"x", "1 bytes behind its end"),
    "cpio, no end": (cpio.unpack, CPIO[:-1], "cut off"),
    "gzip, no end": (unpack_gzip, pack_gzip(b"words")[:-1], "cut off after"),
    "gzip, more": (unpack_gzip, pack_gzip(b"words") + b"x", "1 bytes behind its end"),
    "gzip, other words": (
        unpack_gzip,
        pack_gzip(b"words").replace(b"w", b"W"),
        "no gzip file, or was",
    ),
}


@pytest.mark.parametrize(("read", "data", "said"), INNER.values(), ids=INNER)
def test_an_edit_within_is_told(read, data, said):
    with pytest.raises(ArtefactError, match=said):
        read(data, "x")


def test_what_unpacks_without_end_is_refused(monkeypatch):
    monkeypatch.setattr(pieces, "SIZE_LIMIT", 1000)

    assert 1000 == len(unpack_gzip(pack_gzip(bytes(1000), small=True), "x"))
    with pytest.raises(ArtefactError, match="more than 1000 bytes"):
        unpack_gzip(pack_gzip(bytes(1001), small=True), "x")
