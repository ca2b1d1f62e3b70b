"""The keys and the program that sign."""

from pathlib import Path
from typing import NamedTuple

from tipstaff_policy.errors import AccessDeniedError, UsageError
from tipstaff_policy.system.owners.loose_places import loose_places
from tipstaff_rollout.signing import certificates, cms, keys, ssh, verify_report
from tipstaff_rollout.signing.command import TIME_LIMIT_S, run_signer, words_of
from tipstaff_rollout.signing.key_files import Ask, read_key_file, read_private_key
from tipstaff_rollout.signing.making import Signer

SSH_KEYGEN = "/usr/bin/ssh-keygen"


class Key(NamedTuple):
    """The files and the command that sign, from the options."""

    key: Path | None
    certificate: Path | None
    passphrase_file: Path | None
    command: str | None
    timeout_s: float
    ask: Ask
    """Asks for the passphrase if no file gives it."""


def report_signer(key: Path, ask: Ask, passphrase_file: Path | None) -> Signer:
    """Return a signer of reports that verifies each of its signatures.

    Raises:
        UsageError: It is no key, or the passphrase is wrong.
        AccessDeniedError: A file cannot be read.
    """
    given = Key(key, None, passphrase_file, None, TIME_LIMIT_S, ask)
    signer, own = choose_signer(given, purpose=ssh.REPORTS)

    def sign_report(data: bytes) -> bytes:
        signature = signer(data)
        verify_report(data, signature, own)
        return signature

    return sign_report


def choose_signer(
    given: Key, *, profile: bool = False, purpose: str = "tipstaff"
) -> tuple[Signer, tuple[bytes, ...]]:
    """Return a signer, and the key that must verify its signature if that is known.

    Raises:
        UsageError: Not exactly one is named, or it cannot sign this.
    """
    if given.certificate is not None and not profile:
        raise UsageError("--certificate is only for profiles", expected="a .mobileconfig file")
    if given.key is None:
        if given.command is None:
            raise UsageError("no key or program to sign with", expected="--key or --sign-cmd")
        own = (read_key_file(given.certificate),) if given.certificate else ()
        return _by_command(given.command, given.timeout_s), own
    if given.command is not None:
        raise UsageError(
            "--key and --sign-cmd exclude each other", expected="either --key or --sign-cmd"
        )
    if profile:
        return _by_certificate(given, given.key)
    if keys.is_public_line(read_key_file(given.key)):
        return _by_agent(given.key, given.timeout_s, purpose), (read_key_file(given.key),)
    private = read_private_key(given.key, given.ask, given.passphrase_file)
    return lambda content: ssh.sign(content, private, purpose), (ssh.public_line(private),)


def _by_certificate(given: Key, path: Path) -> tuple[Signer, tuple[bytes, ...]]:
    if given.certificate is None:
        raise UsageError("a profile is signed by a certificate", expected="--certificate FILE")
    chain = keys.parse_certificates(read_key_file(given.certificate))
    private = read_private_key(path, given.ask, given.passphrase_file)
    return lambda content: cms.sign(content, private, chain), (certificates.as_pem(chain[0]),)


def _by_command(command: str, timeout_s: float) -> Signer:
    words = words_of(command)
    return lambda content: run_signer(words, content, timeout_s)


def _by_agent(public: Path, timeout_s: float, purpose: str) -> Signer:
    """Let ssh-keygen sign with a private key that is in an agent or a token.

    Raises:
        AccessDeniedError: The program could be another one than the administrators put there.
    """
    loose = loose_places(SSH_KEYGEN) or ()
    if loose or not Path(SSH_KEYGEN).exists():
        raise AccessDeniedError(
            "; ".join(map(str, loose)) or "is missing",
            where=SSH_KEYGEN,
            expected="OpenSSH's program, which only root can change",
            remedy="name a program with --sign-cmd",
        )
    words = (SSH_KEYGEN, "-Y", "sign", "-n", purpose, "-f", str(public))
    return lambda content: run_signer(words, content, timeout_s)
