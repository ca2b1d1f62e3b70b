"""``tipstaff policy sign``: a signature for an artefact, verified before it is written."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from tipstaff_cli.output import write_out
from tipstaff_policy.errors import AccessDeniedError, UsageError
from tipstaff_rollout.storing import PLAIN, read_signed, write_whole

if TYPE_CHECKING:
    from tipstaff_rollout.model import File
    from tipstaff_rollout.signing.making import Signer
    from tipstaff_rollout.signing.manifest import Subject

SSH_KEYGEN = "/usr/bin/ssh-keygen"
SIGN_TIMEOUT_S = 120.0
"""Long enough for a person to touch a key and type its PIN."""


class Key(NamedTuple):
    """The files and the command that sign, as they were named."""

    key: Path | None
    certificate: Path | None
    passphrase_file: Path | None
    command: str | None
    timeout_s: float


def sign(  # noqa: PLR0913 - one argument an option
    artefact: Annotated[Path, typer.Argument(metavar="ARTEFACT", help="A file, or a folder.")],
    *,
    key: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="A private key; or a public one, whose other half an agent holds."
        ),
    ] = None,
    certificate: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="For profiles: the signer's certificate, then its authorities'."
        ),
    ] = None,
    passphrase_file: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Its first line is the key's passphrase (/dev/fd/3)."),
    ] = None,
    sign_cmd: Annotated[
        str | None,
        typer.Option(metavar="CMD", help="A program that signs its input; run without a shell."),
    ] = None,
    sign_timeout: Annotated[
        float, typer.Option(metavar="SECONDS", min=0, help="How long to wait for that program.")
    ] = SIGN_TIMEOUT_S,
    trusted_key: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="Write it only if one of these has signed; repeatable."),
    ] = None,
    out: Annotated[Path | None, typer.Option(metavar="PATH", help="Where to write it.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over what is there.")] = False,
) -> None:
    """Sign an artefact: a profile inside CMS, anything else by an SSH signature beside it.

    Examples: `tipstaff policy sign policy.toml --key ~/.ssh/policy` ·
    `tipstaff policy sign a.mobileconfig --key k.pem --certificate c.pem --out signed.mobileconfig`
    · `tipstaff policy sign role --sign-cmd "ssh-keygen -Y sign -n tipstaff -f hsm.pub"`

    Exit codes: 0 signed, 2 wrong arguments or key, 3 it is no artefact, 4 the signer failed or
    a file cannot be used, 6 what the signer gave is no good signature. But for 0, nothing is
    written.
    """
    from tipstaff_cli.private_keys import read_trusted_keys  # noqa: PLC0415 - heavy
    from tipstaff_rollout.signing import making  # noqa: PLC0415

    folder = artefact.is_dir()
    files = making.unsigned(read_signed(artefact), anew=force)
    subject = _proved(files)
    places = _places(artefact, making.added(files, folder=folder), out)
    _require_free(places, force=force)
    trusted = read_trusted_keys(trusted_key or ())
    given = Key(key, certificate, passphrase_file, sign_cmd, sign_timeout)
    signer, own = _signer(given, profile=making.is_profile(files))
    made = making.signed(files, signer, subject if folder else None)
    signature = making.require_good(files, made, trusted or own, int(time.time()))
    mode = artefact.stat().st_mode & 0o777 if making.is_profile(files) else PLAIN
    for place, file in zip(places, made, strict=True):
        write_whole(place, file.data, mode)
    write_out(f"{places[-1]}: signed by {signature.signer}\n")


def _proved(files: "tuple[File, ...]") -> "Subject":
    """Return whose policy an artefact is; one that was edited or cut off is not signed."""
    from tipstaff_rollout.proving import proved  # noqa: PLC0415 - heavy
    from tipstaff_rollout.signing.manifest import Subject  # noqa: PLC0415

    proof = proved(files)
    counter = proof.policy.counter
    made = proof.compiled
    return Subject(made.id, made.version, made.fingerprint, counter.value if counter else None)


def _places(artefact: Path, names: tuple[str, ...], out: Path | None) -> tuple[Path, ...]:
    if not artefact.is_dir():
        return (out or artefact.with_name(names[0]),)
    if out is not None:
        raise UsageError(
            "a folder is signed where it is",
            expected="no --out",
            remedy="copy the folder, then sign it",
        )
    return tuple(artefact / each for each in names)


def _require_free(places: tuple[Path, ...], *, force: bool) -> None:
    for place in places if not force else ():
        if place.exists():
            raise UsageError(
                "is there already",
                where=str(place),
                expected="a new file",
                remedy="name another by --out, or give --force",
            )


def report_signer(key: Path, passphrase_file: Path | None) -> "Signer":
    """Return who signs reports by a key, and never gives a signature that does not hold.

    Raises:
        UsageError: It is no key, or the passphrase is wrong.
        AccessDeniedError: A file cannot be read.
    """
    from tipstaff_rollout.signing import ssh, verified_report  # noqa: PLC0415 - heavy

    given = Key(key, None, passphrase_file, None, SIGN_TIMEOUT_S)
    signer, own = _signer(given, purpose=ssh.REPORTS)

    def sign_report(data: bytes) -> bytes:
        signature = signer(data)
        verified_report(data, signature, own)
        return signature

    return sign_report


def _signer(
    given: Key, *, profile: bool = False, purpose: str = "tipstaff"
) -> "tuple[Signer, tuple[bytes, ...]]":
    """Return who signs, and the key by which that has to hold, where it is known.

    Raises:
        UsageError: Not exactly one is named, or it cannot sign this.
    """
    from tipstaff_cli.private_keys import read_key_file, read_private_key  # noqa: PLC0415 - heavy
    from tipstaff_rollout.signing import keys, ssh  # noqa: PLC0415

    if given.certificate is not None and not profile:
        raise UsageError("a certificate is for profiles", expected="a .mobileconfig file")
    if given.key is None:
        if given.command is None:
            raise UsageError("no key or program to sign with", expected="--key or --sign-cmd")
        own = (read_key_file(given.certificate),) if given.certificate else ()
        return _by_command(given.command, given.timeout_s), own
    if given.command is not None:
        raise UsageError(
            "a key and a program are both given", expected="either --key or --sign-cmd"
        )
    if profile:
        return _by_certificate(given, given.key)
    if keys.is_public_line(read_key_file(given.key)):
        return _by_agent(given.key, given.timeout_s, purpose), (read_key_file(given.key),)
    private = read_private_key(given.key, given.passphrase_file)
    return lambda content: ssh.sign(content, private, purpose), (ssh.public_line(private),)


def _by_certificate(given: Key, path: Path) -> "tuple[Signer, tuple[bytes, ...]]":
    from tipstaff_cli.private_keys import read_key_file, read_private_key  # noqa: PLC0415 - heavy
    from tipstaff_rollout.signing import certificates, cms, keys  # noqa: PLC0415

    if given.certificate is None:
        raise UsageError("a profile is signed by a certificate", expected="--certificate FILE")
    chain = keys.parse_certificates(read_key_file(given.certificate))
    private = read_private_key(path, given.passphrase_file)
    return lambda content: cms.sign(content, private, chain), (certificates.as_pem(chain[0]),)


def _by_command(command: str, timeout_s: float) -> "Signer":
    from tipstaff_rollout.signing.command import run_signer, words_of  # noqa: PLC0415 - heavy

    words = words_of(command)
    return lambda content: run_signer(words, content, timeout_s)


def _by_agent(public: Path, timeout_s: float, purpose: str) -> "Signer":
    """Let OpenSSH's own program sign by the other half of a key, which an agent or a token holds.

    Raises:
        AccessDeniedError: The program could be another one than the administrators put there.
    """
    from tipstaff_policy.ownership import loose_places  # noqa: PLC0415
    from tipstaff_rollout.signing.command import run_signer  # noqa: PLC0415 - heavy

    loose = loose_places(SSH_KEYGEN) or ()
    if loose or not Path(SSH_KEYGEN).exists():
        raise AccessDeniedError(
            "; ".join(map(str, loose)) or "is not there",
            where=SSH_KEYGEN,
            expected="OpenSSH's program, which root alone can change",
            remedy="name a program by --sign-cmd",
        )
    words = (SSH_KEYGEN, "-Y", "sign", "-n", purpose, "-f", str(public))
    return lambda content: run_signer(words, content, timeout_s)
