"""`tipstaff policy verify` with signatures and counters: what passes, and what is exit 6."""

import json

import pytest

from cli.test_sign import DOCUMENT, folder, keys, policy, profile, sign, sign_profile
from support.machines.hosts import run, tipstaff
from tipstaff_schemas.export import faults

__all__ = ["folder", "keys", "policy", "profile"]
"""Fixtures."""


def verify(artefact, *words):
    return tipstaff("policy", "verify", artefact, *words)


def test_a_signature_is_verified_against_the_trusted_keys(policy, folder, keys):
    for artefact in (policy, folder):
        sign(artefact, "--key", keys / "ed25519")

        done = verify(
            artefact, "--trusted-key", keys / "ecdsa.pub", "--trusted-key", keys / "ed25519.pub"
        )

        assert 0 == done.returncode, done.stderr
        assert "signature    ssh, by ssh-ed25519 SHA256:" in done.stdout
        assert ", trusted\n" in done.stdout
        (policy.parent / "policy.toml.sig").unlink(missing_ok=True)


def test_the_signature_stands_in_the_json(policy, keys):
    sign(policy, "--key", keys / "ed25519")

    document = json.loads(verify(policy, "--format", "json").stdout)

    shown = run(["ssh-keygen", "-l", "-f", keys / "ed25519.pub"]).stdout.split()[1]
    assert [] == faults("artefact", document)
    assert document["signature"] == {
        "kind": "ssh",
        "signer": f"ssh-ed25519 {shown}",
        "trusted": False,
    }


def test_a_signed_profile_is_verified_inside_its_signature(profile, keys):
    signer = ("--key", keys / "signer.key", "--certificate", keys / "signer.pem")
    sign_profile(profile, *signer, "--force")

    good, bad = (
        sign_profile(profile, "--trusted-key", keys / f"{name}.pem", verb="verify")
        for name in ("signer", "other")
    )

    assert 0 == good.returncode, good.stderr
    assert 6 == bad.returncode, good.stderr
    assert "signature    cms, by CN=signer" in good.stdout
    assert f"error: {profile}: the certificate of CN=signer" in bad.stderr


def edit(policy):
    policy.write_text(DOCUMENT.replace("counter = 7", "counter = 9"))


def cut(policy):
    place = policy.with_name("policy.toml.sig")
    place.write_bytes(place.read_bytes()[:-40])


def take_away(policy):
    policy.with_name("policy.toml.sig").unlink()


BAD = {
    "unsigned": (take_away, ("ed25519.pub",), "the artefact is not signed"),
    "by somebody else": (lambda _: None, ("stranger.pub",), "which is not trusted"),
    "only certificates are trusted": (lambda _: None, ("signer.pem",), "which is not trusted"),
    "edited": (edit, ("ed25519.pub",), "policy.toml.sig: the signature is invalid"),
    "cut off": (cut, ("ed25519.pub",), "policy.toml.sig: is not a complete SSH signature"),
    "edited, and nobody is trusted": (edit, (), "the signature is invalid"),
}


@pytest.mark.parametrize(("change", "trusted", "message"), BAD.values(), ids=BAD)
def test_what_is_not_well_signed_is_exit_6(change, trusted, message, policy, keys):
    sign(policy, "--key", keys / "ed25519")
    change(policy)

    done = verify(
        policy, *(word for signer in trusted for word in ("--trusted-key", keys / signer))
    )

    assert 6 == done.returncode, done.stderr
    assert "" == done.stdout, done.stderr
    assert message in done.stderr


def test_a_file_that_came_to_a_signed_folder_is_exit_6(folder, keys):
    sign(folder, "--key", keys / "ed25519")
    (folder / "later").write_text("x")

    done = verify(folder, "--trusted-key", keys / "ed25519.pub")

    assert 6 == done.returncode
    assert f"{folder}/later: was added after" in done.stderr


def test_a_file_of_trusted_keys_without_one_is_named(policy, keys):
    done = verify(policy, "--trusted-key", keys / "signer.key")

    assert 2 == done.returncode
    assert "" == done.stdout
    assert f"error: {keys}/signer.key: holds a line that is no usable public key" in done.stderr


COUNTERS = {
    "as it must be": ("7", 0, ""),
    "newer": ("6", 0, ""),
    "older": ("8", 6, "the policy has the counter 7, and --not-before-counter is 8"),
}


@pytest.mark.parametrize(("least", "code", "message"), COUNTERS.values(), ids=COUNTERS)
def test_an_older_policy_than_asked_for_is_exit_6(least, code, message, policy):
    done = verify(policy, "--not-before-counter", least)

    assert code == done.returncode
    assert message in done.stderr


def test_no_counter_is_older_than_any(policy):
    policy.write_text(DOCUMENT.replace("counter = 7\n", ""))

    done = verify(policy, "--not-before-counter", "0")

    assert 6 == done.returncode
    assert "the policy has no counter" in done.stderr


@pytest.mark.parametrize(("earlier", "code"), [("counter = 6", 1), ("counter = 8", 6), ("", 1)])
def test_an_older_policy_than_an_earlier_one_is_exit_6(earlier, code, policy, tmp_path):
    other = tmp_path / "earlier.toml"
    other.write_text(DOCUMENT.replace("counter = 7", earlier))

    done = verify(policy, "--against", other)

    assert code == done.returncode
    assert (code == 6) == (f"that of {other} is 8" in done.stderr)


def test_a_file_of_the_client_has_no_counter_to_compare(policy, tmp_path):
    file = tmp_path / "requirements.toml"
    tipstaff("policy", "render", policy, "--to", "requirements", "--out", file)

    assert 0 == verify(file, "--against", policy).returncode
    assert 6 == verify(file, "--not-before-counter", "1").returncode
