"""``tipstaff policy sign``: a signature for an artefact, verified before it is written."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tipstaff_cli.shared.options import PassphraseFile, SignCmd, SigningKey, SignTimeout
from tipstaff_cli.shared.output import write_out
from tipstaff_cli.shared.passphrase import ask_passphrase
from tipstaff_policy.errors import UsageError
from tipstaff_rollout.signing.command import TIME_LIMIT_S
from tipstaff_rollout.storing import PLAIN, read_signed, write_whole

if TYPE_CHECKING:
    from tipstaff_rollout.model import File
    from tipstaff_rollout.signing.manifest import Subject


def sign(  # noqa: PLR0913 - one argument an option
    artefact: Annotated[Path, typer.Argument(metavar="ARTEFACT", help="File or folder.")],
    *,
    key: SigningKey = None,
    certificate: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="For profiles: the signer's certificate, then its chain."
        ),
    ] = None,
    passphrase_file: PassphraseFile = None,
    sign_cmd: SignCmd = None,
    sign_timeout: SignTimeout = TIME_LIMIT_S,
    trusted_key: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="Accept only signatures by these keys (repeatable)."),
    ] = None,
    out: Annotated[Path | None, typer.Option(metavar="PATH", help="Output file.")] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace an existing signature or file.")
    ] = False,
) -> None:
    """Sign an artefact: a profile with CMS, anything else with an SSH signature next to it.

    Examples: `tipstaff policy sign policy.toml --key ~/.ssh/policy` ·
    `tipstaff policy sign a.mobileconfig --key k.pem --certificate c.pem --out signed.mobileconfig`
    · `tipstaff policy sign role --sign-cmd "ssh-keygen -Y sign -n tipstaff -f hsm.pub"`

    Exit codes: 0 signed, 2 wrong arguments or key, 3 not an artefact, 4 the signer failed or a
    file cannot be used, 6 the signer returned no valid signature. It writes only on exit 0.
    """
    from tipstaff_rollout.signing import making  # noqa: PLC0415 - heavy
    from tipstaff_rollout.signing.key_files import read_trusted_keys  # noqa: PLC0415
    from tipstaff_rollout.signing.signers import Key, choose_signer  # noqa: PLC0415

    folder = artefact.is_dir()
    files = making.drop_signatures(read_signed(artefact), again=force)
    subject = _prove(files)
    places = _places(artefact, making.list_added(files, folder=folder), out)
    _require_free(places, force=force)
    trusted = read_trusted_keys(trusted_key or ())
    given = Key(key, certificate, passphrase_file, sign_cmd, sign_timeout, ask_passphrase)
    signer, own = choose_signer(given, profile=making.is_profile(files))
    made = making.sign_artefact(files, signer, subject if folder else None)
    signature = making.require_good(files, made, trusted or own, int(time.time()))
    mode = artefact.stat().st_mode & 0o777 if making.is_profile(files) else PLAIN
    for place, file in zip(places, made, strict=True):
        write_whole(place, file.data, mode)
    write_out(f"{places[-1]}: signed by {signature.signer}\n")


def _prove(files: "tuple[File, ...]") -> "Subject":
    """Return the policy of an artefact; an edited or truncated one is refused."""
    from tipstaff_rollout.proving import prove  # noqa: PLC0415 - heavy
    from tipstaff_rollout.signing.manifest import Subject  # noqa: PLC0415

    proof = prove(files)
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
    return tuple(artefact / name for name in names)


def _require_free(places: tuple[Path, ...], *, force: bool) -> None:
    for place in places if not force else ():
        if place.exists():
            raise UsageError(
                "exists already",
                where=str(place),
                expected="a new file",
                remedy="name another file with --out, or use --force",
            )
