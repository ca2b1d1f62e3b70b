"""SSH signatures: ssh-keygen takes what is made here, and here what ssh-keygen makes is taken."""

import base64
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.artefacts.signers import MAKERS, ssh_key
from tipstaff_policy.errors import BadSignatureError
from tipstaff_rollout.signing import ssh
from tipstaff_rollout.signing.keys import parse_private

CONTENT = b'schema = 1\r\nid = "x"\n\0\xff'
KINDS = ("ed25519", "rsa", "ecdsa")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("keys")
    for kind in KINDS:
        ssh_key(made, kind, kind)
    (made / "content").write_bytes(CONTENT)
    return made


def private(folder, kind):
    return parse_private((folder / kind).read_bytes(), None)


def keygen_signs(folder, kind, *words, namespace="tipstaff"):
    front = ["ssh-keygen", "-Y", "sign", "-n", namespace, "-f", folder / kind, *words]
    done = subprocess.run(front, input=CONTENT, capture_output=True, check=True)
    return done.stdout


def keygen_verifies(folder, kind, signature, data=CONTENT):
    (folder / "signature").write_bytes(signature)
    (folder / "allowed").write_text(f"policy {(folder / kind).with_suffix('.pub').read_text()}")
    words = ["-n", "tipstaff", "-I", "policy", "-f", folder / "allowed", "-s", folder / "signature"]
    front = ["ssh-keygen", "-Y", "verify", *words]
    return subprocess.run(front, input=data, capture_output=True, check=False).returncode


def holds(signature, data=CONTENT):
    ssh.verify(ssh.parse(signature), data)
    return True


@pytest.mark.parametrize("kind", KINDS)
def test_ssh_keygen_verifies_what_is_signed_here(kind, folder):
    signature = ssh.sign(CONTENT, private(folder, kind))

    assert 0 == keygen_verifies(folder, kind, signature)
    assert 0 != keygen_verifies(folder, kind, signature, CONTENT + b" ")


@pytest.mark.parametrize("words", [(), ("-O", "hashalg=sha256")], ids=["SHA-512", "SHA-256"])
@pytest.mark.parametrize("kind", KINDS)
def test_what_ssh_keygen_signs_is_verified_here(kind, words, folder):
    signature = keygen_signs(folder, kind, *words)

    assert holds(signature)
    public = (folder / f"{kind}.pub").read_text().split()
    assert " ".join(public[:2]) == ssh.parse(signature).line()


def test_both_make_the_same_bytes_with_ed25519(folder):
    assert keygen_signs(folder, "ed25519") == ssh.sign(CONTENT, private(folder, "ed25519"))


@pytest.mark.parametrize("kind", ["ec", "p384", "p521", "ed25519"])
def test_every_curve_is_signed_and_verified(kind):
    assert holds(ssh.sign(CONTENT, MAKERS[kind]()))


def test_another_namespace_is_refused(folder):
    with pytest.raises(BadSignatureError, match="another purpose"):
        holds(keygen_signs(folder, "ed25519", namespace="file"))


def test_other_content_is_refused(folder):
    with pytest.raises(BadSignatureError, match="is invalid"):
        holds(keygen_signs(folder, "ed25519"), CONTENT + b"\n")


def test_a_short_key_proves_nothing():
    with pytest.raises(BadSignatureError):
        holds(ssh.sign(CONTENT, MAKERS["short"]()))


def armoured(raw):
    return b"\n".join((ssh.BEGIN, base64.b64encode(raw), ssh.END))


def raw(signature):
    return base64.b64decode(b"".join(signature.splitlines()[1:-1]))


def test_every_bit_that_is_changed_is_found(folder):
    whole = raw(ssh.sign(CONTENT, private(folder, "ed25519")))
    for at in range(len(whole)):
        for bit in range(8):
            changed = whole[:at] + bytes([whole[at] ^ 1 << bit]) + whole[at + 1 :]
            with pytest.raises(BadSignatureError):
                holds(armoured(changed))
    assert holds(armoured(whole))


@pytest.mark.parametrize("kind", KINDS)
def test_cut_off_anywhere_it_is_refused(kind, folder):
    whole = ssh.sign(CONTENT, private(folder, kind))
    for length in range(len(whole) - 1):
        with pytest.raises(BadSignatureError):
            holds(whole[:length])
    for tail in (b"\0", b"\0\0\0\0"):
        with pytest.raises(BadSignatureError):
            holds(armoured(raw(whole) + tail))


def test_a_key_that_calls_itself_by_two_names_is_refused(folder):
    """Or a key of one's own could stand behind the name of a trusted one."""
    found = ssh.parse(ssh.sign(CONTENT, private(folder, "ed25519")))
    (_, blob) = found.line().split()
    twice = b"ssh-ed25519 " + blob.encode() + b" "
    key = len(twice).to_bytes(4) + twice + found.key[15:]

    with pytest.raises(BadSignatureError):
        ssh.verify(found._replace(key=key), CONTENT)


OTHER_ALGORITHMS = {
    "RSA with SHA-1": ("rsa", b"ssh-rsa"),
    "RSA named as another": ("rsa", b"ssh-ed25519"),
    "Ed25519 named as another": ("ed25519", b"rsa-sha2-512"),
    "a curve named as another": ("ecdsa", b"ecdsa-sha2-nistp384"),
}


@pytest.mark.parametrize(("kind", "name"), OTHER_ALGORITHMS.values(), ids=OTHER_ALGORITHMS)
def test_an_algorithm_that_is_not_the_keys_is_refused(kind, name, folder):
    found = ssh.parse(ssh.sign(CONTENT, private(folder, kind)))

    with pytest.raises(BadSignatureError, match="is invalid"):
        ssh.verify(found._replace(algorithm=name), CONTENT)


def test_bytes_after_a_curves_numbers_are_refused(folder):
    found = ssh.parse(ssh.sign(CONTENT, private(folder, "ecdsa")))

    with pytest.raises(BadSignatureError, match="is invalid"):
        ssh.verify(found._replace(value=found.value + b"\0"), CONTENT)


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_with_a_reason(data):
    for text in (data, armoured(data), armoured(ssh.MAGIC + ssh.VERSION + data)):
        with pytest.raises(BadSignatureError, match="SSH signature"):
            holds(text)
