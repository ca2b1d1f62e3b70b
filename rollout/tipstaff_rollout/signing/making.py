"""Sign an artefact; read the signature back before it is written."""

from collections.abc import Callable, Iterable

from tipstaff_policy.errors import BadSignatureError, UsageError
from tipstaff_rollout.model import File
from tipstaff_rollout.signing import PROFILE, Signature, cms, verify_artefact
from tipstaff_rollout.signing.manifest import NAME, Subject, render_manifest
from tipstaff_rollout.storing import SIGNATURE

Signer = Callable[[bytes], bytes]
"""Gives the signature of content: a CMS message with it inside, or an SSH signature over it."""
LISTED = (NAME, NAME + SIGNATURE)


def is_profile(files: tuple[File, ...]) -> bool:
    """Return whether an artefact is signed by a message around it, as profiles are."""
    return len(files) == 1 and files[0].path.endswith(PROFILE)


def drop_signatures(files: tuple[File, ...], *, again: bool) -> tuple[File, ...]:
    """Return an artefact's files without signature files.

    Raises:
        UsageError: It is signed and must not be signed again; or it is inside its signature.
    """
    single = len(files) == 2 and files[1].path == files[0].path + SIGNATURE
    nearby = LISTED + ((files[1].path,) if single else ())
    bare = tuple(file for file in files if file.path not in nearby)
    if (bare != files and not again) or any(cms.is_message(file.data) for file in bare):
        raise UsageError(
            "the artefact is signed already",
            expected="an artefact as it was rendered",
            remedy="render it again; or use --force if the signature is a file of its own",
        )
    return bare


def list_added(files: tuple[File, ...], *, folder: bool) -> tuple[str, ...]:
    """Return the paths of what a signature adds, or replaces, in an artefact."""
    if folder:
        return LISTED
    path = files[0].path
    return (path if is_profile(files) else path + SIGNATURE,)


def sign_artefact(
    files: tuple[File, ...], sign: Signer, subject: Subject | None
) -> tuple[File, ...]:
    """Return what a signature adds to an artefact, or the profile inside its own.

    Args:
        subject: Whose policy it is, where the artefact is a folder; None for one file.
    """
    if subject is not None:
        manifest = render_manifest(files, subject)
        return tuple(map(File, LISTED, (manifest, sign(manifest))))
    (path,) = list_added(files, folder=False)
    return (File(path, sign(files[0].data)),)


def require_good(
    files: tuple[File, ...], made: tuple[File, ...], trusted: Iterable[bytes], now: int
) -> Signature:
    """Return whose signature was made, after it was read back and found to be over these files.

    Raises:
        BadSignatureError: It is invalid, covers other content, or is not by a trusted key.
    """
    if is_profile(files) and not cms.is_message(made[0].data):
        raise _something_else()
    replaced = {file.path for file in made}
    others = tuple(file for file in files if file.path not in replaced)
    found = verify_artefact((*others, *made), trusted, now)
    there = {file.path: file.data for file in found.files}
    if found.signature is None or there != {file.path: file.data for file in files}:
        raise _something_else()
    return found.signature


def _something_else() -> BadSignatureError:
    return BadSignatureError(
        "the signer did not return a signature of this artefact",
        expected="a CMS message (DER) with the profile inside; for all else an SSH signature",
        remedy="nothing was written",
    )
