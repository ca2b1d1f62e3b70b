"""Whether a token was signed by one of the keys that the organisation trusts.

The header chooses among trusted keys and never brings one: `jwk`, `jku` and `x5u` are not read.
The standard library decides what needs no arithmetic; PyJWT decides the rest (ADR 0016).

Source: RFC 7515 (the signature), RFC 7517 (the keys), RFC 8725 (what to refuse).
"""

import binascii
import json
from collections.abc import Iterable
from typing import Any

from tipstaff_policy.model.state import Signature
from tipstaff_policy.record import Record

GRAVEST: tuple[Signature, ...] = (
    "unsigned",
    "untrusted",
    "unknown key",
    "not verified",
    "trusted",
)
"""From what is worst to what is good; of several tokens the worst one counts."""
PARTS = 3
STANDARD = bytes.maketrans(b"-_", b"+/")


class _Kind(Record):
    """The keys by which an algorithm signs."""

    type: str
    curves: tuple[str, ...] = ()


ALGORITHMS = {
    **dict.fromkeys(("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"), _Kind("RSA")),
    "ES256": _Kind("EC", ("P-256",)),
    "ES384": _Kind("EC", ("P-384",)),
    "ES512": _Kind("EC", ("P-521",)),
    "EdDSA": _Kind("OKP", ("Ed25519", "Ed448")),
    "Ed25519": _Kind("OKP", ("Ed25519",)),
    "Ed448": _Kind("OKP", ("Ed448",)),
}
"""Signatures by a public key. Never `none`, never an HMAC: a public key is not a secret."""
FULLY_NAMED = ("Ed25519", "Ed448")
"""What RFC 9864 calls the two curves of the older name; the signature is the same."""
BY_SECRET = ("HS256", "HS384", "HS512")
"""Algorithms that prove nothing by a public key, so that they are refused and not doubted."""


def is_signed_token(token: str) -> bool:
    """Return whether a text has the form of a signed token, whatever its signature is worth."""
    return token.count(".") == PARTS - 1 and _algorithm(_header(token)) is not None


def worst(signatures: Iterable[Signature]) -> Signature:
    """Return what several tokens of one login amount to."""
    return min(signatures, key=GRAVEST.index)


def verify(token: str, keys: Iterable[str]) -> Signature:
    """Return how a token stands to trusted keys; its age is not looked at.

    Args:
        keys: Public keys, each a JWK as JSON.
    """
    header = _header(token)
    algorithm = _algorithm(header)
    if header is None or algorithm is None or token.count(".") != PARTS - 1:
        return "untrusted"
    if algorithm.casefold() == "none" or token.endswith("."):
        return "unsigned"
    if algorithm not in ALGORITHMS:
        # Perhaps a newer one, which is no reason for an accusation.
        return "untrusted" if algorithm in BY_SECRET else "not verified"
    named = header.get("kid")
    known = [json.loads(key) for key in keys]
    # A key without a name of its own may be the one that a token names.
    candidates = [key for key in known if named is None or key.get("kid") in (named, None)]
    fitting = [candidate for candidate in candidates if _fits(candidate, algorithm)]
    found = {_verify_by(token, algorithm, candidate) for candidate in fitting}
    if not fitting and any(map(_is_newer_than_this, candidates)):
        found = {"not verified"}
    for good in ("trusted", "not verified"):
        if good in found:
            return good
    return "untrusted" if named is not None and _names(candidates, named) else "unknown key"


def _names(keys: Iterable[dict[str, Any]], name: Any) -> bool:
    return any(key.get("kid") == name for key in keys)


def _fits(key: dict[str, Any], algorithm: str) -> bool:
    """Return whether a key may be used for an algorithm, by what both of them say."""
    kind = ALGORITHMS[algorithm]
    return (
        key["kty"] == kind.type
        and (not kind.curves or key.get("crv") in kind.curves)
        and _older_name(key.get("alg", algorithm)) == _older_name(algorithm)
        and key.get("use", "sig") == "sig"
    )


def _older_name(algorithm: str) -> str:
    return "EdDSA" if algorithm in FULLY_NAMED else algorithm


def _is_newer_than_this(key: dict[str, Any]) -> bool:
    """Return whether a key says that it is for an algorithm of which nothing is known here."""
    return key.get("use", "sig") == "sig" and key.get("alg", "RS256") not in (
        *ALGORITHMS,
        *BY_SECRET,
    )


def _verify_by(token: str, algorithm: str, key: dict[str, Any]) -> Signature:
    try:
        from jwt import PyJWK, PyJWS, PyJWTError  # noqa: PLC0415 - heavy; only with trusted keys
        from jwt.exceptions import InvalidTokenError  # noqa: PLC0415
    except ImportError:
        return "not verified"
    try:
        loaded = PyJWK({**key, "alg": _older_name(algorithm)})
        reader = PyJWS([algorithm], {"enforce_minimum_key_length": True})
        if algorithm in FULLY_NAMED:
            loaded.algorithm_name = algorithm
        reader.decode(token, loaded, [algorithm])
    except InvalidTokenError:
        return "untrusted"
    except (PyJWTError, ValueError):
        return "not verified"  # a key that cannot be used, or that is too short to prove anything
    return "trusted"


def _header(token: str) -> dict[str, Any] | None:
    part = token.partition(".")[0]
    try:
        raw = part.encode("ascii").translate(STANDARD)
        header = json.loads(binascii.a2b_base64(raw + b"=" * (-len(raw) % 4)))
    except (ValueError, RecursionError):
        return None
    return header if isinstance(header, dict) else None


def _algorithm(header: dict[str, Any] | None) -> str | None:
    algorithm = header.get("alg") if header else None
    return algorithm if isinstance(algorithm, str) else None
