"""A token is trusted only by the signature of a trusted key, whatever its header says."""

import hashlib
import hmac
import json
import sys

import pytest

from support.clients.logins import base64url, claims, token
from support.machines.hosts import run
from support.services.signing import Issuer, issuer
from tipstaff_policy.parsing.token_signatures import ALGORITHMS, is_signed_token, verify, worst

OLD, NEW, STRANGER = issuer("old"), issuer("new"), issuer("stranger")
BOTH = (OLD.jwk(), NEW.jwk())
MINE = claims("ws-a")


def with_header(made, **header):
    _, middle, signature = made.split(".")
    return ".".join([base64url(header), middle, signature])


def edited(made):
    head, _, signature = made.split(".")
    return ".".join([head, base64url(claims("ws-z")), signature])


def by_secret(secret, header):
    text = f"{base64url(header)}.{base64url(MINE)}"
    return f"{text}.{base64url(hmac.new(secret, text.encode(), hashlib.sha256).digest())}"


def public_pem(key):
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    return key.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


CASES = {
    "signed by the old key": (OLD.sign(MINE), BOTH, "trusted"),
    "signed by the new key": (NEW.sign(MINE), BOTH, "trusted"),
    "the old key was taken away": (OLD.sign(MINE), (NEW.jwk(),), "unknown key"),
    "no name, second key fits": (NEW.sign(MINE, kid=None), BOTH, "trusted"),
    "no name, no key fits": (STRANGER.sign(MINE, kid=None), BOTH, "unknown key"),
    "another's name": (STRANGER.sign(MINE, kid="old"), BOTH, "untrusted"),
    "a key without a name": (OLD.sign(MINE), (OLD.jwk(kid=None),), "trusted"),
    "a stranger and a key without a name": (STRANGER.sign(MINE), (OLD.jwk(kid=None),), "unknown key"),
    "a name that is no text": (with_header(OLD.sign(MINE), alg="RS256", kid=5), BOTH, "unknown key"),
    "expired": (OLD.sign({**MINE, "exp": 1}), BOTH, "trusted"),
    "claims edited": (edited(OLD.sign(MINE)), BOTH, "untrusted"),
    "signature cut off": (OLD.sign(MINE)[:-9], BOTH, "untrusted"),
    "signature empty": (OLD.sign(MINE).rpartition(".")[0] + ".", BOTH, "unsigned"),
    "a fourth part": (OLD.sign(MINE) + ".eA", BOTH, "untrusted"),
    "two parts": (OLD.sign(MINE).rpartition(".")[0], BOTH, "untrusted"),
    "header is no JSON": ("e30x." + OLD.sign(MINE).partition(".")[2], BOTH, "untrusted"),
    **{f"alg {name}": (with_header(OLD.sign(MINE), alg=name, kid="old"), BOTH, "unsigned") for name in ("none", "None", "NONE", "nOnE")},
    "made-up signature, alg none": (token(MINE), BOTH, "unsigned"),
    "public key taken for a secret": (by_secret(public_pem(OLD), {"alg": "HS256", "kid": "old"}), BOTH, "untrusted"),
    "JWK taken for a secret": (by_secret(OLD.jwk().encode(), {"alg": "HS256"}), BOTH, "untrusted"),
    "a key in the header": (STRANGER.sign(MINE, kid=None, jwk=json.loads(STRANGER.jwk())), BOTH, "unknown key"),
    "an unknown critical header": (OLD.sign(MINE, crit=["x"], x=1), BOTH, "untrusted"),
    "the key says another alg": (OLD.sign(MINE), (OLD.jwk(alg="RS512"),), "untrusted"),
    "the key says this alg": (OLD.sign(MINE), (OLD.jwk(alg="RS256"),), "trusted"),
    "a key for encryption": (OLD.sign(MINE), (OLD.jwk(use="enc"),), "untrusted"),
    "ES256 said, RSA key": (with_header(OLD.sign(MINE), alg="ES256", kid="old"), BOTH, "untrusted"),
    "no key at all": (OLD.sign(MINE), (), "unknown key"),
    "an algorithm of which nothing is known": (with_header(OLD.sign(MINE), alg="ML-DSA-44", kid="old"), BOTH, "not verified"),
    "the key says an algorithm of which nothing is known": (OLD.sign(MINE), (OLD.jwk(alg="RS999"),), "not verified"),
    "a key that nobody can load": (OLD.sign(MINE), (OLD.jwk(n="AA"),), "not verified"),
}  # fmt: skip


@pytest.mark.parametrize(("made", "keys", "expected"), CASES.values(), ids=CASES)
def test_a_token_is_told_by_the_trusted_keys_alone(made, keys, expected):
    assert expected == verify(made, keys)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_every_algorithm_is_verified_and_an_edit_seen(algorithm):
    key = Issuer("k", algorithm)

    assert "trusted" == verify(key.sign(MINE), [key.jwk()])
    assert "untrusted" == verify(edited(key.sign(MINE)), [key.jwk()])


NAMES = ("EdDSA", "Ed25519")


@pytest.mark.parametrize("by_key", [None, *NAMES])
@pytest.mark.parametrize("by_token", NAMES)
def test_both_names_of_a_signature_by_ed25519_are_one_algorithm(by_token, by_key):
    key = Issuer("k", by_token)

    assert "trusted" == verify(key.sign(MINE), [key.jwk(alg=by_key)])
    assert "untrusted" == verify(edited(key.sign(MINE)), [key.jwk(alg=by_key)])


def test_the_full_name_of_one_curve_takes_no_key_of_another():
    key, other = Issuer("k", "Ed448"), Issuer("k", "Ed25519")

    assert "untrusted" == verify(other.sign(MINE), [key.jwk()])


def test_a_key_too_short_to_prove_anything_is_not_used():
    from cryptography.hazmat.primitives.asymmetric import rsa

    weak = Issuer("weak")
    made = weak.sign(MINE)
    weak.private = rsa.generate_private_key(65537, 1024)

    assert "not verified" == verify(made, [weak.jwk()])


def test_without_the_library_nothing_is_verified(monkeypatch):
    made = OLD.sign(MINE)
    monkeypatch.setitem(sys.modules, "jwt", None)

    assert "not verified" == verify(made, BOTH)


def test_the_worst_of_several_counts():
    assert "unsigned" == worst(["trusted", "unsigned", "untrusted"])
    assert "not verified" == worst(["trusted", "not verified"])


def test_an_opaque_text_is_no_signed_token():
    assert [False, False, True] == [
        is_signed_token(opaque) for opaque in ("opaque", "a.b.c", STRANGER.sign(MINE))
    ]


def test_the_library_is_not_imported_before_a_key_is_tried():
    code = (
        "import sys; from tipstaff_policy.clients import load_client; import tipstaff_policy.parsing.token_signatures as s;"
        "load_client('codex'); s.verify('a.b.c', []); print('jwt' in sys.modules)"
    )

    assert "False\n" == run([sys.executable, "-c", code]).stdout
