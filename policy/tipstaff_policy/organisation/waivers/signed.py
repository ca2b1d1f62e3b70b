"""A waiver as a short signed text: made by the helpdesk, pasted by the person who is locked out.

Two parts in base64url, joined by a point: the waiver as JSON, and an Ed25519 signature over the
first part as it stands (RFC 8032), by a key that the policy names in `waiver_keys`. It is bound to
one host and one user by their names, and lives for days at the most. Nothing secret is in it.
"""

import json
import re
from collections.abc import Callable, Iterable
from typing import Any

from tipstaff_policy.errors import BadWaiverError
from tipstaff_policy.model.state import Origin
from tipstaff_policy.organisation.fields import CHECK_ID
from tipstaff_policy.organisation.model import LAYER, SECONDS_A_DAY, Waiver
from tipstaff_policy.record import Record

PREFIX = "tipstaff-waiver-1."
FIELDS = ("check", "host", "user", "owner", "approver", "ticket", "reason")
LONGEST_S = 7 * SECONDS_A_DAY
CLOCK_SKEW_S = 300
"""How far the helpdesk's clock may be ahead of this host's."""
TEXT_LIMIT = 4000
PATTERN_CHARACTERS = frozenset("*?[")
"""What would make a name fit others."""
KEY_BYTES = 32


class SignedText(Record):
    """A pasted waiver before its signature is verified."""

    waiver: Waiver
    issued_at: int
    signed: bytes
    signature: bytes


def write_signed(waiver: Waiver, issued_at: int, sign: Callable[[bytes], bytes]) -> str:
    """Return the text of a waiver.

    Raises:
        BadWaiverError: It is not bound to one host and one user, or lives too long.
    """
    _require_narrow(waiver, issued_at)
    document = {name: getattr(waiver, name) for name in FIELDS}
    document |= {"issued_at": issued_at, "expires_at": waiver.expires_at}
    text = json.dumps(document, separators=(",", ":"), sort_keys=True, ensure_ascii=False)
    signed = _base64(text.encode())
    return f"{PREFIX}{signed}.{_base64(sign(signed.encode()))}"


def read_signed(text: str) -> SignedText:
    """Return what a pasted text says; blanks and line breaks in it do not matter.

    Raises:
        BadWaiverError: It is none, was cut off, or is not bound as it must be.
    """
    words = "".join(text.split())
    if not words.startswith(PREFIX) or len(words) > TEXT_LIMIT:
        raise BadWaiverError("this is not a waiver", expected=f"a text that begins with {PREFIX}")
    signed, _, signature = words.removeprefix(PREFIX).partition(".")
    try:
        document = json.loads(_bytes(signed))
        made_of = _bytes(signature)
        waiver, issued_at = _waiver(document)
    except (ValueError, KeyError, TypeError, RecursionError):
        raise BadWaiverError(
            "the waiver is incomplete", expected="the text as it was sent, to its last character"
        ) from None
    _require_narrow(waiver, issued_at)
    return SignedText(waiver, issued_at, signed.encode(), made_of)


def _waiver(document: dict[str, Any]) -> tuple[Waiver, int]:
    texts = {name: document[name] for name in FIELDS}
    issued_at, expires_at = document["issued_at"], document["expires_at"]
    if not all(isinstance(text, str) and text.isprintable() for text in texts.values()):
        raise TypeError
    if type(issued_at) is not int or type(expires_at) is not int:
        raise TypeError
    if not re.fullmatch(CHECK_ID, texts["check"]):
        raise ValueError
    return Waiver(**texts, expires_at=expires_at, origin=Origin(LAYER, "pasted", None)), issued_at


def _require_narrow(waiver: Waiver, issued_at: int) -> None:
    names = (waiver.host, waiver.user)
    if not all(name and PATTERN_CHARACTERS.isdisjoint(name) for name in names):
        raise BadWaiverError(
            "the waiver is not bound to one host and one user", expected="their names, no pattern"
        )
    if not 0 < waiver.expires_at - issued_at <= LONGEST_S:
        raise BadWaiverError(
            "the waiver does not end in time", expected=f"at most {LONGEST_S // SECONDS_A_DAY} days"
        )


def verify_waiver(text: SignedText, keys: Iterable[str], now: int) -> Waiver | None:
    """Return the waiver with the key that signed it; None where no trusted key did.

    Args:
        keys: Lines of OpenSSH public keys.
    """
    from tipstaff_policy.parsing.ed25519 import is_signed  # noqa: PLC0415 - where one was pasted

    if text.issued_at > now + CLOCK_SKEW_S:
        return None
    for line in keys:
        if not is_signed(text.signed, text.signature, _key_bytes(line)):
            continue
        return text.waiver._replace(signed_by=fingerprint(line))
    return None


def fingerprint(line: str) -> str:
    """Return the fingerprint of an OpenSSH public key as `ssh-keygen -l` prints it."""
    import base64  # noqa: PLC0415 - rarely needed
    import hashlib  # noqa: PLC0415

    digest = hashlib.sha256(base64.b64decode(line.split()[1])).digest()
    return "SHA256:" + base64.b64encode(digest).decode().rstrip("=")


def _key_bytes(line: str) -> bytes:
    """Return the raw key of a line; its blob ends with it (RFC 8709, section 4)."""
    import base64  # noqa: PLC0415 - rarely needed

    return base64.b64decode(line.split()[1])[-KEY_BYTES:]


def _base64(data: bytes) -> str:
    import base64  # noqa: PLC0415 - rarely needed

    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    import base64  # noqa: PLC0415 - rarely needed

    if not re.fullmatch(r"[A-Za-z0-9_-]+", text):
        raise ValueError(text[:0])
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
