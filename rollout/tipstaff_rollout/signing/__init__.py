"""Who has signed an artefact: CMS around profiles, SSH signatures beside all else.

A profile (.mobileconfig) is inside its signature. Any other file has one beside it, NAME.sig. A
folder has a manifest of its files, and its signature beside that. What cannot be verified is
refused: exit code 6.
"""

from collections.abc import Iterable
from typing import Literal, NamedTuple

from tipstaff_policy.errors import BadSignatureError
from tipstaff_policy.organisation.signed_waivers import fingerprint
from tipstaff_rollout.artefact_files import SIGNATURE
from tipstaff_rollout.model import File
from tipstaff_rollout.signing import certificates, cms, ssh
from tipstaff_rollout.signing.errors import RolledBackError
from tipstaff_rollout.signing.keys import TrustedKeys, parse_trusted
from tipstaff_rollout.signing.manifest import NAME, require_listed

Kind = Literal["cms", "ssh"]
PROFILE = ".mobileconfig"


class Signature(NamedTuple):
    """A signature that holds."""

    kind: Kind
    signer: str
    """For people: the key's fingerprint, or the certificate's subject and fingerprint."""
    trusted: bool
    """Whether trusted keys were given, and it is by one of them."""


class Verified(NamedTuple):
    """An artefact without its signature."""

    files: tuple[File, ...]
    signature: Signature | None
    """None where there is none."""


def verified(files: tuple[File, ...], trusted: Iterable[bytes], now: int) -> Verified:
    """Return an artefact's own files, and whose signature it has.

    Args:
        files: All of its files; of an artefact that is one file also the signature beside it.
        trusted: Contents of key files. Without any, a signature has to hold by the key that it
            names itself, and whose that is stays open.
        now: Seconds since 1970, at which certificates have to be valid.

    Raises:
        BadSignatureError: A signature does not hold or is by nobody who is trusted; or there is
            none, and there are trusted keys.
        UsageError: A file of trusted keys holds none.
    """
    keys = parse_trusted(trusted)
    message = next((each for each in files if cms.is_message(each.data)), None)
    if message and len(files) == 1:
        return _opened(message, keys, now)
    signatures = [each for each in files if each.path.endswith(SIGNATURE)]
    named = {each.path for each in signatures} & {NAME + SIGNATURE, *_beside(files)}
    found = next((each for each in signatures if each.path in named), None)
    others = tuple(each for each in files if each is not found)
    if found:
        return _beside_it(found, others, keys)
    if any(each.path == NAME for each in files):
        raise _unsigned(f"the signature of {NAME} is missing", NAME)
    if keys != TrustedKeys():
        raise _unsigned("the artefact is not signed", files[0].path if files else "")
    return Verified(files, None)


def _beside(files: tuple[File, ...]) -> list[str]:
    """Return what the signature of an artefact of one file is called."""
    return [each.path + SIGNATURE for each in files] if len(files) <= 2 else []


def _unsigned(what: str, where: str) -> BadSignatureError:
    return BadSignatureError(
        what,
        where=where,
        expected="a signature by one of the trusted keys",
        remedy="sign it by `tipstaff policy sign`, or take it anew from who made it",
    )


def _opened(file: File, keys: TrustedKeys, now: int) -> Verified:
    try:
        signed = cms.opened(file.data)
        if keys != TrustedKeys():
            certificates.require_trusted(signed, keys.certificates, now)
    except BadSignatureError as error:
        error.where = file.path
        raise
    signature = Signature("cms", certificates.shown(signed.signer), keys != TrustedKeys())
    return Verified((file._replace(data=signed.content),), signature)


def _beside_it(found: File, others: tuple[File, ...], keys: TrustedKeys) -> Verified:
    """Return what the signature in a file of its own covers."""
    path = found.path.removesuffix(SIGNATURE)
    content = next(each for each in others if each.path == path)
    try:
        signature = ssh.parse(found.data)
        ssh.verify(signature, content.data)
        _require_known(signature, keys)
    except BadSignatureError as error:
        error.where = found.path
        raise
    if path == NAME:
        others = tuple(each for each in others if each is not content)
        require_listed(content.data, others)
    signer = f"{signature.line().split()[0]} {fingerprint(signature.line())}"
    return Verified(others, Signature("ssh", signer, keys != TrustedKeys()))


def _require_known(signature: ssh.SshSignature, keys: TrustedKeys) -> None:
    if keys == TrustedKeys() or signature.line() in keys.lines:
        return
    trusted = ", ".join(map(fingerprint, keys.lines)) or "none (certificates sign profiles only)"
    raise BadSignatureError(
        f"it is signed by {fingerprint(signature.line())}, which is not trusted",
        expected=f"a signature by one of {trusted}",
        remedy="name the signer's public key by --trusted-key, if it is the right one",
    )


def require_not_older(found: int | None, least: int, what: str) -> None:
    """Require that a policy's counter has not gone back.

    Args:
        found: The counter; None where the policy has none, or the artefact does not carry it.
        what: Where the least that is allowed comes from.

    Raises:
        RolledBackError: It is smaller, or missing.
    """
    if found is not None and found >= least:
        return
    shown = "has no counter" if found is None else f"has the counter {found}"
    raise RolledBackError(
        f"the policy {shown}, and {what} is {least}",
        expected=f"a counter of {least} or more",
        remedy="take the newest policy; to go back on purpose, give the old text a larger counter",
    )
