"""Signatures of waivers, verified without a library: by the standard's vectors and another one."""

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from tipstaff_policy.parsing.ed25519 import ORDER, PRIME, is_signed

VECTORS = {
    "empty": (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    "one byte": (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    "two bytes": (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
}
"""RFC 8032, section 7.1."""
SEEDS = st.binary(min_size=32, max_size=32)
OWNER = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KEY = OWNER.public_key().public_bytes_raw()
SIGNED = OWNER.sign(b"made up")


@pytest.mark.parametrize("name", VECTORS)
def test_the_vectors_of_the_standard_hold(name):
    key, message, signature = map(bytes.fromhex, VECTORS[name])

    assert is_signed(message, signature, key)
    assert not is_signed(message + b"x", signature, key)


@given(SEEDS, st.binary(max_size=200))
def test_what_was_signed_is_signed(seed, message):
    owner = Ed25519PrivateKey.from_private_bytes(seed)

    assert is_signed(message, owner.sign(message), owner.public_key().public_bytes_raw())


def judged_elsewhere(message, signature, key):
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


@given(st.integers(0, 511), st.integers(0, 255), st.sampled_from(["signature", "key"]))
def test_a_changed_bit_is_judged_as_by_another_implementation(bit, other, where):
    place, mask = divmod(bit, 8)
    changed = {"signature": bytearray(SIGNED), "key": bytearray(KEY)}
    changed[where][place % len(changed[where])] ^= 1 << mask
    changed[where][other % len(changed[where])] ^= other & 1
    signature, key = bytes(changed["signature"]), bytes(changed["key"])

    assert judged_elsewhere(b"made up", signature, key) == is_signed(b"made up", signature, key)


@given(st.binary(max_size=70), st.binary(max_size=40))
def test_anything_else_is_no_signature(signature, key):
    assert not is_signed(b"made up", signature, KEY)
    assert not is_signed(b"made up", SIGNED, key)


@pytest.mark.parametrize(
    "scalar", [int.from_bytes(SIGNED[32:], "little") + ORDER, ORDER, 2**256 - 1]
)
def test_a_second_spelling_of_a_signature_is_none(scalar):
    assert not is_signed(b"made up", SIGNED[:32] + scalar.to_bytes(32, "little"), KEY)


@pytest.mark.parametrize("y", [PRIME, PRIME + 1, 2**255 - 1])
def test_a_second_spelling_of_a_key_is_none(y):
    assert not is_signed(b"", bytes(64), y.to_bytes(32, "little"))
