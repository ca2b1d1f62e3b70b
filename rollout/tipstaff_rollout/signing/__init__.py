"""Who has signed an artefact, and signing one: CMS around profiles, SSH signatures beside the rest.

A profile (.mobileconfig) is inside its signature. Any other file has one beside it, NAME.sig. A
folder has a manifest of its files, and its signature beside that. What cannot be verified is
refused: exit code 6.
"""

from collections.abc import Callable, Iterable
from typing import Literal, NamedTuple

from tipstaff_policy.errors import BadSignatureError, UsageError
from tipstaff_policy.organisation.signed_waivers import fingerprint
from tipstaff_rollout.model import File
from tipstaff_rollout.signing import cms, ssh
from tipstaff_rollout.signing.errors import RolledBackError
from tipstaff_rollout.signing.keys import TrustedKeys, parse_trusted
from tipstaff_rollout.signing.manifest import NAME, Subject, render_manifest, require_listed

Kind = Literal["cms", "ssh"]
Signer = Callable[[bytes], bytes]
"""Gives the signature of content: a CMS message with it inside, or an SSH signature over it."""
PROFILE, SIGNATURE = ".mobileconfig", ".sig"


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
            cms.require_trusted(signed, keys.certificates, now)
    except BadSignatureError as error:
        error.where = file.path
        raise
    signature = Signature("cms", cms.shown(signed.signer), keys != TrustedKeys())
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


def signed(files: tuple[File, ...], signer: Signer, subject: Subject | None) -> tuple[File, ...]:
    """Return the files that a signature adds to an artefact, or the profile inside its own.

    Args:
        subject: Whose policy it is, where the artefact is a folder; None for one file.

    Raises:
        UsageError: It is signed already.
    """
    if any(cms.is_message(each.data) or each.path.endswith(SIGNATURE) for each in files):
        raise UsageError("the artefact is signed already", remedy="sign it as it was rendered")
    if subject is not None:
        listed = File(NAME, render_manifest(files, subject))
        return (listed, File(NAME + SIGNATURE, signer(listed.data)))
    (file,) = files
    made = signer(file.data)
    if is_profile(file.path):
        return (file._replace(data=made),)
    return (File(file.path + SIGNATURE, made),)


def require_good(
    files: tuple[File, ...], made: tuple[File, ...], trusted: Iterable[bytes], now: int
) -> Signature:
    """Return whose signature was made, after it was read back and found to be over these files.

    Raises:
        BadSignatureError: It does not hold, is over something else, or by nobody who is trusted.
    """
    replaced = {each.path for each in made}
    others = tuple(each for each in files if each.path not in replaced)
    found = verified((*others, *made), trusted, now)
    if found.signature is None or sorted(found.files) != sorted(files):
        raise BadSignatureError(
            "the signer gave something else than a signature of this artefact",
            expected="a CMS message with a profile inside, an SSH signature for all else",
            remedy="nothing was written",
        )
    return found.signature


def is_profile(path: str) -> bool:
    """Return whether a file is signed by a message around it, as profiles are."""
    return path.endswith(PROFILE)


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
