"""The options that say which state is judged, the same for every command that judges."""

import os
import time
from pathlib import Path
from typing import Annotated

import tomli
import typer

from tipstaff_policy.clients.codex.installation import version_number
from tipstaff_policy.clients.model import Request
from tipstaff_policy.errors import UsageError
from tipstaff_policy.toml_text import Document, parse_float

Client = Annotated[str, typer.Option(help="The client to judge.", rich_help_panel="State")]
ClientVersion = Annotated[
    str | None,
    typer.Option(
        metavar="V", help="Judge as this version; default: installed.", rich_help_panel="State"
    ),
]
SystemRoot = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        help="This tree stands for /; the environment is then not seen.",
        rich_help_panel="State",
    ),
]
CodexHome = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="The client's folder.", rich_help_panel="State"),
]
Cwd = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="Where the client starts.", rich_help_panel="State"),
]
Override = Annotated[
    list[str] | None,
    typer.Option(
        "-c", metavar="KEY=VALUE", help="As given to the client.", rich_help_panel="State"
    ),
]


def read_toml_1_1(text: str) -> Document:
    """Read TOML 1.1, with the client's limit for numbers."""
    return tomli.loads(text, parse_float=parse_float)


def make_request(
    *,
    client_version: str | None,
    system_root: Path | None,
    codex_home: Path | None,
    cwd: Path | None,
    override: list[str] | None,
) -> Request:
    """Gather the options into one value.

    Raises:
        UsageError: A version that is none, a root that is no directory, a flag without ``=``.
    """
    if client_version is not None and version_number(client_version) is None:
        raise UsageError(f"{client_version!r} is no version", expected="a number such as 0.169.0")
    if system_root is not None and not system_root.is_dir():
        raise UsageError(f"{system_root} is not a directory", expected="a tree that stands for /")
    for each in override or []:
        if not each.partition("=")[1] or not each.partition("=")[0].strip():
            raise UsageError(f"-c {each!r} has no key or no value", expected="key=value")
    return Request(
        env=os.environ,
        cwd=str((cwd or system_root or Path()).absolute()),
        now=int(time.time()),
        client_version=client_version,
        system_root=str(system_root.absolute()) if system_root else None,
        client_home=str(codex_home.absolute()) if codex_home else None,
        overrides=tuple(override or ()),
        details=True,
        newer_toml=read_toml_1_1,
    )
