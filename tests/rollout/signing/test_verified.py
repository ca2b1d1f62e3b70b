"""Whose signature an artefact has, and that nothing passes that has none."""

import subprocess

import pytest

from rollout.drafts import example_of_both
from support.artefacts.signers import MAKERS, NOW, holder
from tipstaff_policy.errors import BadSignatureError, UsageError
from tipstaff_rollout.channels import channel, channel_names
from tipstaff_rollout.model import File
from tipstaff_rollout.proving import prove, render_artefact
from tipstaff_rollout.signing import cms, require_not_older, ssh, verify_artefact
from tipstaff_rollout.signing.errors import RolledBackError
from tipstaff_rollout.signing.keys import parse_trusted
from tipstaff_rollout.signing.making import (
    drop_signatures,
    is_profile,
    list_added,
    require_good,
    sign_artefact,
)
from tipstaff_rollout.signing.manifest import NAME, Subject, render_manifest

AUTHOR, STRANGER = MAKERS["ed25519"](), MAKERS["ec"]()
LINE = ssh.public_line(AUTHOR) + b" author\n"
OTHER = ssh.public_line(STRANGER)
ONE = (File("requirements.toml", b"a = 1\n"),)
PROFILE = (File("policy.mobileconfig", b"<plist/>\n"),)
FOLDER = (File("tasks/main.yml", b"- x\n"), File("a b.sh", b"#!/bin/sh\n", executable=True))
SUBJECT = Subject("example", "2026-11 \u2028\x85", "sha256:" + "0" * 64, 7)


def by_key(content, key=AUTHOR):
    return ssh.sign(content, key)


def by_certificate(content, name="signer"):
    return cms.sign(content, holder(name).private, [holder(name).certificate])


SIGNED = {
    "one file": (ONE, ONE + sign_artefact(ONE, by_key, None), "ssh", LINE),
    "a folder": (FOLDER, FOLDER + sign_artefact(FOLDER, by_key, SUBJECT), "ssh", LINE),
    "a profile": (
        PROFILE,
        sign_artefact(PROFILE, by_certificate, None),
        "cms",
        holder("root").pem(),
    ),
}


@pytest.mark.parametrize(("bare", "whole", "kind", "key"), SIGNED.values(), ids=SIGNED)
def test_the_files_come_without_their_signature(bare, whole, kind, key):
    found = verify_artefact(whole, (OTHER, key), NOW)

    assert bare == found.files
    assert kind == found.signature.kind
    assert found.signature.trusted is True


@pytest.mark.parametrize(("bare", "whole", "kind", "key"), SIGNED.values(), ids=SIGNED)
def test_without_trusted_keys_it_is_said_whose_signature_it_is_and_no_more(bare, whole, kind, key):
    found = verify_artefact(whole, (), NOW)

    assert bare == found.files
    assert kind == found.signature.kind
    assert found.signature.trusted is False


@pytest.mark.parametrize(("bare", "whole", "kind", "key"), SIGNED.values(), ids=SIGNED)
def test_a_signature_of_a_stranger_is_refused(bare, whole, kind, key):
    for strange in (OTHER, holder("stranger").pem()):
        with pytest.raises(BadSignatureError, match="trusted"):
            verify_artefact(whole, (strange,), NOW)


@pytest.mark.parametrize("files", [ONE, FOLDER, PROFILE, ()], ids=["one", "folder", "profile", "0"])
def test_without_a_signature_it_passes_only_where_nobody_is_trusted(files):
    assert (files, None) == verify_artefact(files, (), NOW)
    with pytest.raises(BadSignatureError, match="not signed"):
        verify_artefact(files, (LINE,), NOW)


WHOLE = SIGNED["a folder"][1]


def without(name):
    return tuple(file for file in WHOLE if file.path != name)


def with_data(name, data):
    return (*without(name), File(name, data))


LISTED = next(file.data for file in WHOLE if file.path == NAME)
CHANGED = {
    "a file edited": with_data("a b.sh", b"#!/bin/sh\nx\n"),
    "a file missing": without("a b.sh"),
    "a file added": (*WHOLE, File("new", b"")),
    "the manifest edited": with_data(NAME, LISTED.replace(b"counter 7", b"counter 8")),
    "the manifest missing": without(NAME),
    "the signature missing": without(f"{NAME}.sig"),
    "the signature cut off": with_data(f"{NAME}.sig", by_key(LISTED)[:-20]),
    "the manifest of a stranger": with_data(f"{NAME}.sig", by_key(LISTED, STRANGER)),
}


@pytest.mark.parametrize("files", CHANGED.values(), ids=CHANGED)
def test_a_folder_that_was_changed_is_refused(files):
    with pytest.raises(BadSignatureError):
        verify_artefact(files, (LINE,), NOW)


@pytest.mark.parametrize("name", [name for name in CHANGED if "stranger" not in name])
def test_a_changed_folder_is_refused_also_where_nobody_is_trusted(name):
    with pytest.raises(BadSignatureError):
        verify_artefact(CHANGED[name], (), NOW)


LINES = {
    "a file twice": LISTED + LISTED.splitlines()[-1] + b"\n",
    "a path that leads out of a line": LISTED + b"x\n",
    "in capitals": LISTED + b"A" * 64 + b"  x\n",
}


@pytest.mark.parametrize("manifest", LINES.values(), ids=LINES)
def test_a_signed_manifest_with_an_odd_line_is_refused(manifest):
    files = (*FOLDER, File(NAME, manifest), File(f"{NAME}.sig", by_key(manifest)))

    with pytest.raises(BadSignatureError) as found:
        verify_artefact(files, (LINE,), NOW)
    assert found.value.where.startswith(f"{NAME}:")


def test_a_folder_is_checked_without_tipstaff(tmp_path):
    for file in WHOLE:
        (tmp_path / file.path).parent.mkdir(exist_ok=True)
        (tmp_path / file.path).write_bytes(file.data)
    allowed = tmp_path.parent / "allowed"
    allowed.write_bytes(b"policy " + LINE)
    words = ["ssh-keygen", "-Y", "verify", "-n", "tipstaff", "-I", "policy", "-f", allowed]

    with (tmp_path / NAME).open("rb") as manifest:
        done = subprocess.run(
            [*words, "-s", tmp_path / f"{NAME}.sig"],
            stdin=manifest,
            capture_output=True,
            check=True,
        )
    sums = ["sha256sum", "--check", "--strict", "--quiet", NAME]
    assert b"Good" in done.stdout
    assert 0 == subprocess.run(sums, cwd=tmp_path, check=False).returncode
    (tmp_path / "a b.sh").write_bytes(b"")
    assert 0 != subprocess.run(sums, cwd=tmp_path, capture_output=True, check=False).returncode


def test_the_manifest_says_whose_policy_it_is():
    text = render_manifest(FOLDER, SUBJECT).decode()

    assert text.split("\n")[1:5] == [
        "# policy example",
        "# version 2026-11 \u2028\x85",
        f"# fingerprint {SUBJECT.fingerprint}",
        "# counter 7",
    ]
    assert "# counter none" in render_manifest(FOLDER, SUBJECT._replace(counter=None)).decode()


@pytest.mark.parametrize("name", ["a\nb", "a\\b", "a\rb"])
def test_a_name_that_the_manifest_cannot_hold_is_refused(name):
    with pytest.raises(UsageError, match="cannot be listed"):
        render_manifest((File(name, b""),), SUBJECT)


@pytest.mark.parametrize(("bare", "whole", "kind", "key"), SIGNED.values(), ids=SIGNED)
def test_what_is_signed_is_not_signed_twice_by_mistake(bare, whole, kind, key):
    with pytest.raises(UsageError, match="signed already"):
        drop_signatures(whole, again=False)
    assert bare == drop_signatures(bare, again=False)
    if kind == "ssh":
        assert bare == drop_signatures(whole, again=True)


GIVEN = {
    "for other content": (ONE, lambda _: by_key(b"other"), "is invalid"),
    "nothing of the kind": (ONE, lambda _: b"rubbish", "not a complete SSH signature"),
    "a message for a file": (ONE, by_certificate, "not a complete SSH signature"),
    "an SSH signature for a profile": (PROFILE, by_key, "did not return"),
    "another profile inside": (PROFILE, lambda _: by_certificate(b"<a/>\n"), "did not return"),
    "the profile itself": (PROFILE, lambda content: content, "did not return"),
}


@pytest.mark.parametrize(("files", "sign", "message"), GIVEN.values(), ids=GIVEN)
def test_what_a_signer_gives_is_looked_at_before_it_is_written(files, sign, message):
    made = sign_artefact(files, sign, None)

    assert list_added(files, folder=False) == tuple(file.path for file in made)
    for trusted in ((), (LINE, holder("signer").pem())):
        with pytest.raises(BadSignatureError, match=message):
            require_good(files, made, trusted, NOW)


def test_a_good_signature_is_told_by_its_signer():
    made = sign_artefact(ONE, by_key, None)

    assert require_good(ONE, made, (LINE,), NOW).signer.startswith("ssh-ed25519 SHA256:")
    with pytest.raises(BadSignatureError, match="not trusted"):
        require_good(ONE, made, (OTHER,), NOW)


@pytest.mark.parametrize("name", channel_names())
def test_an_artefact_of_every_channel_is_signed_and_proved_without_its_signature(name):
    by = channel(name)
    files = render_artefact(example_of_both(by.platform, drop_ins="drop-in" in name), by)
    sign = by_certificate if is_profile(files) else by_key

    made = sign_artefact(files, sign, SUBJECT if len(files) > 1 else None)

    trusted = (LINE, holder("root").pem())
    assert require_good(files, made, trusted, NOW).trusted
    replaced = {file.path for file in made}
    whole = (*(file for file in files if file.path not in replaced), *made)
    assert name == prove(verify_artefact(whole, trusted, NOW).files).channel


NO_KEYS = {
    "nothing": b"",
    "comments": b"# nobody\n",
    "words": b"let me in\n",
    "a private key": holder("stranger").key_pem(),
    "a certificate that is cut off": holder("root").pem()[:-40],
    "a key and something else": LINE + b"x\n",
    "a key that is too short": ssh.public_line(MAKERS["short"]()),
}


@pytest.mark.parametrize("data", NO_KEYS.values(), ids=NO_KEYS)
def test_a_file_without_usable_keys_is_told_and_not_shown(data):
    with pytest.raises(UsageError, match="holds") as found:
        parse_trusted([data])
    assert data.decode()[:60] == "" or data.decode()[:60] not in str(found.value)


def test_comments_and_several_keys_may_stand_in_one_file():
    found = parse_trusted(
        [b"# ours\n\n" + LINE + OTHER, holder("root").pem() + holder("p384").pem()]
    )

    assert 2 == len(found.lines)
    assert 2 == len(found.certificates)


@pytest.mark.parametrize(("found", "least"), [(7, 7), (8, 7), (0, 0)])
def test_a_counter_that_did_not_go_back_is_good(found, least):
    assert None is require_not_older(found, least, "the least")


@pytest.mark.parametrize("found", [6, 0, None])
def test_a_counter_that_went_back_is_refused_and_both_are_named(found):
    with pytest.raises(RolledBackError) as error:
        require_not_older(found, 7, "the least by --not-before-counter")

    assert "is 7" in str(error.value)
    assert (f"counter {found}" if found is not None else "no counter") in str(error.value)
    assert 6 == error.value.exit_code
