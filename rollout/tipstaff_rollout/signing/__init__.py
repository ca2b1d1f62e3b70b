"""Signatures of artefacts: CMS for profiles, SSH signatures for everything else.

A profile (.mobileconfig) is inside its signature. Any other file has a signature next to it,
NAME.sig. A folder has a manifest of its files with a signature. What cannot be verified is
refused: exit code 6.
"""

from collections.abc import Iterable
from typing import Literal, NamedTuple

from tipstaff_policy.errors import BadSignatureError
from tipstaff_policy.organisation.waivers.signed import fingerprint
from tipstaff_rollout.model import File
from tipstaff_rollout.signing import certificates, cms, ssh
from tipstaff_rollout.signing.errors import RolledBackError
from tipstaff_rollout.signing.keys import TrustedKeys, parse_trusted
from tipstaff_rollout.signing.manifest import NAME, require_listed
from tipstaff_rollout.storing import SIGNATURE

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


def verify_artefact(files: tuple[File, ...], trusted: Iterable[bytes], now: int) -> Verified:
    """Return an artefact's own files, and whose signature it has.

    Args:
        files: All of its files; for a single file also its signature file.
        trusted: Contents of key files. Without any, a signature has to hold by the key that it
            names itself, and whose that is stays open.
        now: Seconds since 1970, at which certificates have to be valid.

    Raises:
        BadSignatureError: A signature is invalid or not by a trusted key; or it is missing,
        although there are trusted keys.
        UsageError: A file of trusted keys holds none.
    """
    keys = parse_trusted(trusted)
    if len(files) == 1 and cms.is_message(files[0].data):
        return _open(files[0], keys, now)
    path = _find_covered(files)
    if path is not None:
        return _signature_names(path, files, keys)
    if keys.are_given():
        raise _make_missing_error(
            "the artefact is not signed", files[0].path if len(files) == 1 else ""
        )
    return Verified(files, None)


def _find_covered(files: tuple[File, ...]) -> str | None:
    """Return the content that a separate signature would cover; None if nothing points to one."""
    paths = {file.path for file in files}
    if paths & {NAME, NAME + SIGNATURE}:
        return NAME
    return next((path for path in paths if {path, path + SIGNATURE} == paths), None)


def _make_missing_error(what: str, where: str) -> BadSignatureError:
    return BadSignatureError(
        what,
        where=where,
        expected="a signature by one of the trusted keys",
        remedy="sign it by `tipstaff policy sign`, or get it again from its author",
    )


def _open(file: File, keys: TrustedKeys, now: int) -> Verified:
    try:
        signed = cms.open_message(file.data)
        if keys.are_given():
            certificates.require_trusted(signed, keys.certificates, now)
    except BadSignatureError as error:
        error.where = file.path
        raise
    signature = Signature("cms", certificates.show_name(signed.signer), keys.are_given())
    return Verified((file._replace(data=signed.content),), signature)


def _signature_names(path: str, files: tuple[File, ...], keys: TrustedKeys) -> Verified:
    """Return the files that a signature in a file of its own covers."""
    found = {file.path: file.data for file in files}
    for name in (path, path + SIGNATURE):
        if name not in found:
            raise _make_missing_error("is missing", name)
    try:
        signer = _signer(found[path], found[path + SIGNATURE], keys, ssh.POLICIES)
    except BadSignatureError as error:
        error.where = path + SIGNATURE
        raise
    taken_off = {path + SIGNATURE, NAME}
    others = tuple(file for file in files if file.path not in taken_off)
    if path == NAME:
        require_listed(found[path], others)
    return Verified(others, Signature("ssh", signer, keys.are_given()))


def verify_report(data: bytes, signature: bytes, trusted: Iterable[bytes]) -> str:
    """Return who signed a report, for people.

    Args:
        trusted: Contents of key files; one of their keys has to be the signer's.

    Raises:
        BadSignatureError: The signature is invalid, or not by a trusted key.
        UsageError: A file of trusted keys holds none.
    """
    return _signer(data, signature, parse_trusted(trusted), ssh.REPORTS)


def _signer(data: bytes, signature: bytes, keys: TrustedKeys, purpose: str) -> str:
    read = ssh.parse(signature)
    ssh.verify(read, data, purpose)
    _require_known(read, keys)
    return f"{read.line().split()[0]} {fingerprint(read.line())}"


def _require_known(signature: ssh.SshSignature, keys: TrustedKeys) -> None:
    if not keys.are_given() or signature.line() in keys.lines:
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
        remedy="take the newest policy; to go back on purpose, raise the counter of the old policy",
    )
