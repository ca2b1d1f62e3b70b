"""The options for signatures and validity, the same for every `publish` command."""

import functools
import inspect
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tipstaff_cli.shared.passphrase import ask_passphrase
from tipstaff_policy.errors import UsageError

if TYPE_CHECKING:
    from securesystemslib.signer import Key, Signer

    from tipstaff_rollout.sync.publishing import Work
    from tipstaff_rollout.sync.repository import Role

PANEL = "Signatures"
LONGEST_DAYS = 3650
MOST_KEYS = 100


def require_extra() -> None:
    """Require the extra `sync`.

    Raises:
        UsageError: It is not installed.
    """
    if find_spec("tuf") is None:
        raise UsageError(
            "The Update Framework (python-tuf) is not installed",
            expected="Tipstaff with its extra `sync`",
            remedy="pip install 'WHEEL[sync]' (WHEEL: Tipstaff's wheel or folder)",
        )


def _option(*names: str, metavar: str, text: str) -> Any:
    return typer.Option(*names, metavar=metavar, help=text, rich_help_panel=PANEL)


def make_work(  # noqa: PLR0913 - one argument an option
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Publisher's folder.")],
    *,
    sign_with: Annotated[
        list[Path] | None,
        _option(metavar="FILE", text="Private key that signs (repeatable)."),
    ] = None,
    passphrase_file: Annotated[
        Path | None,
        _option(metavar="FILE", text="File whose first line is the passphrase (/dev/fd/3)."),
    ] = None,
    sign_cmd: Annotated[
        str | None,
        _option(metavar="CMD", text="Program that prints the raw signature of its input."),
    ] = None,
    public_key: Annotated[
        Path | None,
        _option(metavar="FILE", text="Public key of that program."),
    ] = None,
    days: Annotated[
        list[str] | None,
        _option(metavar="ROLE=N", text="Days until new metadata expires (repeatable)."),
    ] = None,
) -> "Work":
    """Gather the options into one value.

    Raises:
        UsageError: The extra is not installed; a value cannot be used.
    """
    require_extra()
    from tipstaff_rollout.sync import publishing, repository  # noqa: PLC0415 - the extra

    periods = {**publishing.DAYS, **by_role(days, "--days", LONGEST_DAYS)}
    signers = [_by_file(signer, passphrase_file) for signer in sign_with or ()]
    if (sign_cmd is None) != (public_key is None):
        raise UsageError("--sign-cmd and --public-key belong together")
    if sign_cmd is not None and public_key is not None:
        signers.append(_by_program(sign_cmd, public_key))
    now = datetime.now(UTC)
    return publishing.Work(repository.Repository(folder), tuple(signers), now, periods)


def make_publishing_command(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command these options instead of its parameter ``work``."""
    options = inspect.signature(make_work).parameters
    own = inspect.signature(command).parameters

    @functools.wraps(command)
    def run(**given: Any) -> None:
        work = make_work(**{name: given.pop(name) for name in options})
        command(work=work, **given)

    first, *others = options.values()
    kept = [parameter for name, parameter in own.items() if name != "work"]
    places = [parameter for parameter in kept if parameter.kind is parameter.POSITIONAL_OR_KEYWORD]
    named = [parameter for parameter in kept if parameter.kind is parameter.KEYWORD_ONLY]
    parameters = [first, *places, *named, *others]
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return run


def by_role(texts: list[str] | None, option: str, most: int) -> "dict[Role, int]":
    """Return the numbers of an option that is given as ROLE=N.

    Raises:
        UsageError: One names no role, or is no such number.
    """
    found: dict[Role, int] = {}
    for text in texts or ():
        name, _, number = text.partition("=")
        if not (number.isascii() and number.isdecimal() and 1 <= int(number) <= most):
            raise UsageError(f"{option} {text!r} is no ROLE=N", expected=f"N from 1 to {most}")
        found[role_of(name)] = int(number)
    return found


def role_of(name: str) -> "Role":
    """Return a role by its name.

    Raises:
        UsageError: There is none.
    """
    from tipstaff_rollout.sync.repository import ROLES  # noqa: PLC0415 - the extra

    role = next((known_role for known_role in ROLES if known_role == name), None)
    if role is None:
        raise UsageError(f"{name!r} is no role", expected=", ".join(ROLES))
    return role


def public_key_in(path: Path) -> "Key":
    """Return the public key in a file."""
    from tipstaff_rollout.signing.key_files import read_key_file  # noqa: PLC0415 - heavy
    from tipstaff_rollout.sync.signers import public_key  # noqa: PLC0415

    return public_key(read_key_file(path), str(path))


def _by_file(path: Path, passphrase_file: Path | None) -> "Signer":
    from tipstaff_rollout.signing.key_files import read_private_key  # noqa: PLC0415 - heavy
    from tipstaff_rollout.sync.signers import key_signer  # noqa: PLC0415

    private = read_private_key(path, ask_passphrase, passphrase_file)
    if path.is_file() and path.stat().st_mode & 0o077:
        raise UsageError(
            "the private key can be read by others than you",
            where=str(path),
            expected="mode 0600",
            remedy=f"run `chmod 600 {path}`; if others could have read it, replace it by "
            "`publish rotate`",
        )
    return key_signer(private)


def _by_program(command: str, public: Path) -> "Signer":
    from tipstaff_rollout.signing.command import run_signer, words_of  # noqa: PLC0415 - heavy
    from tipstaff_rollout.sync.signers import ProgramSigner  # noqa: PLC0415

    words = words_of(command)
    return ProgramSigner(public_key_in(public), lambda content: run_signer(words, content))
