"""The public keys of a JWKS file, identified by their thumbprints.

Source: RFC 7517 (the set), RFC 7638 (the thumbprint).
"""

import json
from typing import Any

from tipstaff_policy.model.state import Fault
from tipstaff_policy.organisation.model import TrustedKey

MEMBERS = {"RSA": ("e", "kty", "n"), "EC": ("crv", "kty", "x", "y"), "OKP": ("crv", "kty", "x")}
"""What a key of each type is made of; sorted, as the thumbprint wants it."""
PRIVATE = ("d", "p", "q", "dp", "dq", "qi", "oth", "k")
KEPT = ("kid", "alg", "use")


def parse_keys(data: bytes, path: str) -> tuple[TrustedKey, ...] | Fault:
    """Return the keys of a set, or why it is none; one bad key spoils it, and so does a secret."""
    try:
        keys = json.loads(data)["keys"]
        found = [_key(key) for key in keys]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        why = str(error) if isinstance(error, _KeyError) else "is not a set of keys"
        return _fault(path, why)
    if not found:
        return _fault(path, "holds no key")
    return tuple(sorted(set(found)))


class _KeyError(ValueError):
    """Why one key cannot be used; its text is ours and holds nothing of the key."""


def _key(raw: Any) -> TrustedKey:
    if not isinstance(raw, dict):
        raise _KeyError("contains something that is not a key")
    if any(name in raw for name in PRIVATE):
        raise _KeyError("contains a private or secret key, which does not belong on an endpoint")
    members = MEMBERS.get(str(raw.get("kty")))
    if members is None:
        raise _KeyError("contains a key whose type is not RSA, EC or OKP")
    if not all(isinstance(raw.get(name), str) for name in members):
        raise _KeyError(f"holds a key without {', '.join(members)}")
    public = {name: raw[name] for name in members}
    kept = {name: raw[name] for name in KEPT if isinstance(raw.get(name), str)}
    return TrustedKey(_thumbprint(public), json.dumps(public | kept, sort_keys=True))


def _thumbprint(public: dict[str, str]) -> str:
    import base64  # noqa: PLC0415 - only where a policy names keys

    from tipstaff_policy.parsing.sha256 import sha256  # noqa: PLC0415

    text = json.dumps(public, separators=(",", ":"), sort_keys=True, ensure_ascii=False)
    digest = sha256(text.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _fault(path: str, why: str) -> Fault:
    return Fault(
        why,
        path,
        "refuse",
        'a JWKS document with public keys: {"keys": [{"kty": "RSA", …}]}',
        f"correct {path}; nothing was removed",
    )
