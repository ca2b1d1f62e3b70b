"""Options that mean the same in every command that has them; each command names its default."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from tipstaff_policy.clients import CLIENTS
from tipstaff_policy.errors import UsageError


def complete_client(incomplete: str) -> list[str]:
    """Return the clients whose names begin so."""
    return [name for name in CLIENTS if name.startswith(incomplete)]


Format = Annotated[Literal["text", "json"], typer.Option("--format", help="Output format.")]
LockTimeout = Annotated[
    float, typer.Option(metavar="SECONDS", min=0, help="Time limit for the client's locks.")
]
ListGood = Annotated[bool, typer.Option("--verbose", help="In text, also list what is good.")]
WouldRemove = Annotated[
    bool, typer.Option("--dry-run", help="Show what would be removed; remove nothing.")
]
Revoke = Annotated[
    bool, typer.Option("--revoke", help="Afterwards, ask the issuer to revoke what was removed.")
]
RevokeTimeout = Annotated[
    float, typer.Option(metavar="SECONDS", min=0, help="Time limit for the issuer.")
]
Keys = Annotated[
    Path | None,
    typer.Option(
        "--keys", metavar="FILE", help="Your copy of the public keys that the policy names."
    ),
]
PolicyKeys = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Your copy of the public keys that the policy names; default: next to the policy.",
    ),
]
SystemRoot = Annotated[
    Path | None, typer.Option(metavar="DIR", help="Use this tree as / (image, test).")
]
SigningKey = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE", help="Private key, or a public key whose private half is in an agent."
    ),
]
PassphraseFile = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="File whose first line is the key's passphrase (/dev/fd/3)."),
]
SignCmd = Annotated[
    str | None,
    typer.Option(metavar="CMD", help="Program that signs its input; run without a shell."),
]
SignTimeout = Annotated[
    float, typer.Option(metavar="SECONDS", min=0, help="Time limit for that program.")
]
OldestVersion = Annotated[
    str,
    typer.Option(
        metavar="V", help="Oldest client version; default: the policy's, else the newest."
    ),
]
ClientOfVersion = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="Client of --client-version; default: the only one that the files concern.",
    ),
]
ReportLog = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Append the report as one line to this log; in a folder of administrators alone.",
    ),
]
ReportJournal = Annotated[
    bool,
    typer.Option("--report-journal", help="Send the report to the system's journal, in a field."),
]


def root_of(folder: Path | None) -> str | None:
    """Return the tree that `--system-root` names; files may still be put into it.

    Raises:
        UsageError: It is no folder.
    """
    if folder is not None and not folder.is_dir():
        raise UsageError(f"{folder} is not a directory", expected="a tree that stands for /")
    return None if folder is None else str(folder.resolve())
