"""`tipstaff policy sign`: what is written, what is not, and what is never shown."""

import os
import shutil
import sys
import time

import pytest

from support.artefacts import signers
from support.artefacts.policies import ROOT
from support.artefacts.signers import ssh_key
from support.machines.hosts import run, tipstaff
from tipstaff_policy.errors import BadSignatureError
from tipstaff_rollout.signing import verify_artefact
from tipstaff_rollout.storing import read_signed

DOCUMENT = ROOT + 'counter = 7\nlogin_methods = ["chatgpt"]\n'
PASSPHRASE = "canary17secretsecretsecret"
PROFILES = """
import sys, types
from tipstaff_rollout import channels, model
def read(files):
    head, _, tail = files[0].data.partition(b"|")
    return (model.Payload("policy", tail),) if head == b"<plist/>" else None
def render(made):
    return (model.File("policy.mobileconfig", b"<plist/>|" + made.data("policy")),)
made = types.ModuleType("tipstaff_rollout.channels.profiles")
made.CHANNEL = model.Channel("profiles", "", "macos", lambda: ("policy",), render, read, None)
sys.modules[made.__name__] = made
channels.MODULES["profiles"] = "profiles"
from tipstaff_cli.main import main
sys.exit(main())
"""
"""The program with a channel whose artefact is a profile and nothing else of one."""


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    """Return a folder with keys of OpenSSH, and certificates that are valid today."""
    folder = tmp_path_factory.mktemp("keys")
    for kind in ("ed25519", "ecdsa"):
        ssh_key(folder, kind, kind)
    ssh_key(folder, "stranger")
    ssh_key(folder, "secret", passphrase=PASSPHRASE)
    today = (time.time() - signers.NOW) / signers.DAY
    for name, days in {"signer": (-1, 30), "expired": (-9, -2), "other": (-1, 30)}.items():
        one = signers.Holder(name, days=[int(today) + day for day in days])
        (folder / f"{name}.pem").write_bytes(one.pem())
        (folder / f"{name}.key").write_bytes(one.key_pem())
        (folder / f"{name}-locked.key").write_bytes(one.key_pem(PASSPHRASE.encode()))
    return folder


@pytest.fixture
def policy(tmp_path):
    """Return an artefact of one file."""
    file = tmp_path / "out/policy.toml"
    file.parent.mkdir()
    file.write_text(DOCUMENT)
    return file


@pytest.fixture
def folder(policy):
    """Return an artefact that is a folder."""
    return policy.parent


@pytest.fixture
def profile(tmp_path):
    file = tmp_path / "policy.mobileconfig"
    file.write_bytes(b"<plist/>|" + DOCUMENT.encode())
    file.chmod(0o600)
    return file


def sign(*words, **options):
    return tipstaff("policy", "sign", *words, **options)


def sign_profile(*words, verb="sign", **options):
    return run([sys.executable, "-c", PROFILES, "policy", verb, *words], **options)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def trusts(artefact, key):
    return verify_artefact(read_signed(artefact), (key.read_bytes(),), int(time.time())).signature


@pytest.mark.parametrize("name", ["ed25519", "ecdsa"])
def test_a_file_is_signed_beside_it(name, policy, keys):
    done = sign(policy, "--key", keys / name)

    assert 0 == done.returncode, done.stderr
    assert ["policy.toml", "policy.toml.sig"] == names(policy.parent)
    signature = trusts(policy, keys / f"{name}.pub")
    assert f"{policy}.sig: signed by {signature.signer}\n" == done.stdout
    assert 0o644 == policy.with_name("policy.toml.sig").stat().st_mode & 0o777


def test_ssh_keygen_verifies_it(policy, keys, tmp_path):
    sign(policy, "--key", keys / "ed25519")
    allowed = tmp_path / "allowed"
    allowed.write_text("policy " + (keys / "ed25519.pub").read_text())
    words = ["-n", "tipstaff", "-I", "policy", "-f", allowed, "-s", f"{policy}.sig"]

    with policy.open("rb") as data:
        done = run(["ssh-keygen", "-Y", "verify", *words], stdin=data)
    assert 0 == done.returncode
    assert done.stdout.startswith("Good")


def test_a_folder_gets_a_manifest_with_the_policys_counter(folder, keys):
    done = sign(folder, "--key", keys / "ed25519")

    assert 0 == done.returncode, done.stderr
    assert ["policy.toml", "tipstaff-manifest.txt", "tipstaff-manifest.txt.sig"] == names(folder)
    assert "# counter 7\n" in (folder / "tipstaff-manifest.txt").read_text()
    assert trusts(folder, keys / "ed25519.pub").trusted


def test_a_profile_is_signed_as_openssl_wants_it(profile, keys, tmp_path):
    out = tmp_path / "signed.mobileconfig"
    words = ("--key", keys / "signer.key", "--certificate", keys / "signer.pem", "--out", out)

    done = sign_profile(profile, *words)

    assert 0 == done.returncode, done.stderr
    assert "CN=signer" in done.stdout
    assert 0o600 == out.stat().st_mode & 0o777
    check = ("-inform", "DER", "-in", out, "-CAfile", keys / "signer.pem", "-purpose", "any")
    assert profile.read_text() == run(["openssl", "cms", "-verify", *check]).stdout
    assert trusts(out, keys / "signer.pem").trusted


def test_a_profile_is_signed_in_its_place_only_by_force(profile, keys):
    words = (profile, "--key", keys / "signer.key", "--certificate", keys / "signer.pem")
    before = profile.read_bytes()

    refused = sign_profile(*words)

    assert 2 == refused.returncode
    assert before == profile.read_bytes()
    assert "exists already" in refused.stderr
    assert 0 == sign_profile(*words, "--force").returncode
    assert trusts(profile, keys / "signer.pem").trusted
    assert "signed already" in sign_profile(*words, "--force").stderr


def test_what_is_signed_is_signed_anew_only_by_force(folder, policy, keys):
    for artefact in (policy, folder):
        assert 0 == sign(artefact, "--key", keys / "ed25519", "--force").returncode
        assert 2 == sign(artefact, "--key", keys / "ecdsa").returncode
        assert trusts(artefact, keys / "ed25519.pub").trusted
        assert 0 == sign(artefact, "--key", keys / "ecdsa", "--force").returncode
        assert trusts(artefact, keys / "ecdsa.pub").trusted
        policy.with_name("policy.toml.sig").unlink(missing_ok=True)


def test_another_file_is_not_written_over(policy, keys, tmp_path):
    out = tmp_path / "mine"
    out.write_text("mine")

    assert 2 == sign(policy, "--key", keys / "ed25519", "--out", out).returncode
    assert "mine" == out.read_text()


def test_what_was_edited_is_not_signed(policy, keys):
    policy.write_text(DOCUMENT.replace("counter", "countre"))

    done = sign(policy, "--key", keys / "ed25519")

    assert 3 == done.returncode
    assert ["policy.toml"] == names(policy.parent)
    assert "expected: `counter`" in done.stderr


WRONG = {
    "nobody signs": ((), 2, "--key or --sign-cmd"),
    "two sign": (("--key", "ed25519", "--sign-cmd", "cat"), 2, "either"),
    "a certificate": (("--key", "ed25519", "--certificate", "signer.pem"), 2, "for profiles"),
    "no such key": (("--key", "nonexistent"), 4, "nonexistent: cannot be read"),
    "no key": (("--key", "signer.pem"), 2, "signer.pem: is no private key"),
    "a key that nobody trusts": (("--key", "ed25519", "--trusted-key", "stranger.pub"), 6, "trust"),
    "no trusted key": (("--key", "ed25519", "--trusted-key", "signer.key"), 2, "holds"),
    "a signer that fails": (("--sign-cmd", "false"), 4, "exit code 1"),
    "a signer that is not there": (("--sign-cmd", "/nonexistent x"), 4, "cannot be started"),
    "a signer that hangs": (("--sign-cmd", "sleep 600", "--sign-timeout", "0.2"), 4, "within"),
    "a signer that gives rubbish": (("--sign-cmd", "echo rubbish"), 6, "complete SSH signature"),
    "a signer for another purpose": (
        ("--sign-cmd", "ssh-keygen -Y sign -n file -f {keys}/ed25519"),
        6,
        "another purpose",
    ),
    "a signature of something else": (
        ("--sign-cmd", "sh -c 'echo x | ssh-keygen -Y sign -n tipstaff -f {keys}/ed25519'"),
        6,
        "is invalid",
    ),
    "a signature of somebody else": (
        (
            "--sign-cmd",
            "ssh-keygen -Y sign -n tipstaff -f {keys}/stranger",
            "--trusted-key",
            "ed25519.pub",
        ),
        6,
        "not trusted",
    ),
}


@pytest.mark.parametrize(("words", "code", "message"), WRONG.values(), ids=WRONG)
def test_what_is_no_good_signature_is_not_written(words, code, message, policy, keys):
    files = [keys / word if (keys / word).exists() else word for word in words]

    done = sign(policy, *(str(file).format(keys=keys) for file in files))

    assert code == done.returncode
    assert "" == done.stdout
    assert ["policy.toml"] == names(policy.parent)
    assert message in done.stderr
    assert "error: " in done.stderr


WRONG_PROFILE = {
    "no certificate": (("--key", "signer.key"), 2, "--certificate"),
    "the certificate of another": (("--key", "signer.key", "--certificate", "other.pem"), 2, "key"),
    "an expired one": (
        ("--key", "expired.key", "--certificate", "expired.pem"),
        6,
        "is valid from",
    ),
    "a key that profiles are not signed by": (
        ("--key", "ed25519", "--certificate", "signer.pem"),
        2,
        "another key",
    ),
    "a signer with another profile": (
        (
            "--sign-cmd",
            "{openssl} -in /dev/null -signer {keys}/signer.pem -inkey {keys}/signer.key",
        ),
        6,
        "did not return a signature of this artefact",
    ),
    "a signer that makes it detached": (
        (
            "--sign-cmd",
            "openssl cms -sign -binary -outform DER -signer {keys}/signer.pem -inkey {keys}/signer.key",
        ),
        6,
        "detached",
    ),
    "an SSH signature": (
        ("--sign-cmd", "ssh-keygen -Y sign -n tipstaff -f {keys}/ed25519"),
        6,
        "did not return a signature of this artefact",
    ),
    "another's certificate": (
        (
            "--sign-cmd",
            "{openssl} -signer {keys}/signer.pem -inkey {keys}/signer.key",
            "--certificate",
            "other.pem",
        ),
        6,
        "none of the trusted ones",
    ),
}
OPENSSL = "openssl cms -sign -binary -nodetach -outform DER"


@pytest.mark.parametrize(("words", "code", "message"), WRONG_PROFILE.values(), ids=WRONG_PROFILE)
def test_a_profile_without_a_good_signature_is_not_written(words, code, message, profile, keys):
    files = [keys / word if (keys / word).exists() else word for word in words]
    out = profile.with_name("out")

    done = sign_profile(
        profile, "--out", out, *(str(file).format(keys=keys, openssl=OPENSSL) for file in files)
    )

    assert code == done.returncode, done.stderr
    assert "" == done.stdout, done.stderr
    assert not out.exists(), done.stderr
    assert message in done.stderr


@pytest.mark.parametrize("stream", ["", " -stream"], ids=["DER", "BER"])
def test_openssl_as_the_signer_of_a_profile(stream, profile, keys):
    command = f"{OPENSSL}{stream} -signer {keys}/signer.pem -inkey {keys}/signer.key"
    out = profile.with_name("out")

    done = sign_profile(
        profile, "--out", out, "--sign-cmd", command, "--trusted-key", keys / "signer.pem"
    )

    assert 0 == done.returncode, done.stderr
    assert trusts(out, keys / "signer.pem").trusted


def test_an_agent_signs_by_the_public_half(policy, keys, tmp_path):
    alone = tmp_path / "alone.pub"
    shutil.copy(keys / "ed25519.pub", alone)
    script = 'ssh-add -q "$1" && shift && exec "$@"'
    program = [sys.executable, "-m", "tipstaff_cli", "policy", "sign", policy, "--key", alone]

    without = run(program, env={**os.environ, "SSH_AUTH_SOCK": ""})
    done = run(["ssh-agent", "sh", "-c", script, "x", keys / "ed25519", *program])

    assert 4 == without.returncode
    assert 0 == done.returncode, done.stderr
    assert trusts(policy, alone).trusted


LOCKED = {
    "OpenSSH": (sign, "policy", ("secret",), "secret.pub"),
    "PEM": (sign_profile, "profile", ("signer-locked.key", "signer.pem"), "signer.pem"),
}


@pytest.mark.parametrize(("program", "artefact", "files", "trusted"), LOCKED.values(), ids=LOCKED)
@pytest.mark.parametrize("how", ["asked", "file", "descriptor"])
def test_a_passphrase_is_asked_or_read_and_shown_to_nobody(
    how, program, artefact, files, trusted, keys, tmp_path, request
):
    artefact = request.getfixturevalue(artefact)
    words = [artefact, "--force", "--key", keys / files[0]]
    words += ["--certificate", keys / files[1]] if files[1:] else []
    file = tmp_path / "passphrase"
    file.write_text(f"{PASSPHRASE}\n")
    with file.open() as opened:
        more, options = {
            "asked": ((), {"stdin": None, "input": f"{PASSPHRASE}\n"}),
            "file": (("--passphrase-file", file), {}),
            "descriptor": (("--passphrase-file", "/dev/stdin"), {"stdin": opened}),
        }[how]
        done = program(*words, *more, **options)

    assert 0 == done.returncode, done.stderr
    assert PASSPHRASE[:12] not in done.stdout + done.stderr
    assert trusts(artefact, keys / trusted).trusted
    for path in artefact.parent.iterdir():
        assert b"PRIVATE" not in path.read_bytes()


def test_a_wrong_passphrase_writes_nothing_and_shows_nothing(policy, keys, tmp_path):
    file = tmp_path / "passphrase"
    file.write_text(f"{PASSPHRASE}x")

    done = sign(policy, "--key", keys / "secret", "--passphrase-file", file)

    assert 2 == done.returncode
    assert ["policy.toml"] == names(policy.parent)
    assert PASSPHRASE[:12] not in done.stdout + done.stderr
    private = (keys / "secret").read_text().splitlines()[1:-1]
    assert not any(line in done.stdout + done.stderr for line in private)


def test_a_passphrase_for_a_key_without_one_does_no_harm(policy, keys, tmp_path):
    file = tmp_path / "passphrase"
    file.write_text("x\n")

    assert 0 == sign(policy, "--key", keys / "ed25519", "--passphrase-file", file).returncode


ODD = {
    "a link": lambda place, target: place.symlink_to(target),
    "a pipe": lambda place, _: os.mkfifo(place),
}


@pytest.mark.parametrize("make", ODD.values(), ids=ODD)
def test_a_folder_with_more_than_files_is_no_artefact(make, folder, keys, tmp_path):
    make(folder / "odd", tmp_path)

    done = sign(folder, "--key", keys / "ed25519")

    assert 4 == done.returncode
    assert f"{folder}/odd: is a " in done.stderr
    assert ["odd", "policy.toml"] == names(folder)


def test_an_artefact_that_is_not_there_is_told(tmp_path, keys):
    done = sign(tmp_path / "nothing", "--key", keys / "ed25519")

    assert 4 == done.returncode
    assert "nothing: cannot be read" in done.stderr


def test_a_folder_is_signed_where_it_is(folder, keys, tmp_path):
    done = sign(folder, "--key", keys / "ed25519", "--out", tmp_path / "x")

    assert 2 == done.returncode
    assert ["policy.toml"] == names(folder)


def test_an_edited_artefact_is_found_after_it_was_signed(policy, keys):
    sign(policy, "--key", keys / "ed25519")
    policy.write_text(DOCUMENT.replace("counter = 7", "counter = 8"))

    with pytest.raises(BadSignatureError, match="is invalid"):
        trusts(policy, keys / "ed25519.pub")
