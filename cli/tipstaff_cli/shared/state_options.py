"""The options that say which state is judged, the same for every command that judges."""

import functools
import inspect
import os
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import tomli
import typer

from tipstaff_cli.shared.client_process import of_process
from tipstaff_cli.shared.user_options import choose_users, refuse_one_session
from tipstaff_policy.clients import load_client
from tipstaff_policy.clients.codex.versions import version_number
from tipstaff_policy.clients.interface.adapter import Adapter, working_folder
from tipstaff_policy.errors import UsageError
from tipstaff_policy.model.request import Document, Request, this_platform
from tipstaff_policy.model.state import EntryPoint, Platform
from tipstaff_policy.parsing.toml_text import parse_float

PANEL = "State"
PROFILE_NAME = re.compile(r"[A-Za-z0-9_-]+")


def read_toml_1_1(text: str) -> Document:
    """Read TOML 1.1, with the client's limit for numbers."""
    return tomli.loads(text, parse_float=parse_float)


def _option(*names: str, metavar: str | None = None, text: str) -> Any:
    return typer.Option(*names, metavar=metavar, help=text, rich_help_panel=PANEL)


def make_request(  # noqa: PLR0913 - one argument an option
    *,
    client: Annotated[str, _option(text="The client to judge.")] = "codex",
    client_version: Annotated[
        str | None, _option(metavar="V", text="Judge as this version; default: installed.")
    ] = None,
    program: Annotated[
        str | None, _option(metavar="PATH", text="Judge this program; default: all found.")
    ] = None,
    platform: Annotated[
        Platform | None, _option(text="Whose paths hold; default: this machine's.")
    ] = None,
    system_root: Annotated[
        Path | None,
        _option(metavar="DIR", text="This tree stands for /; the environment is then not seen."),
    ] = None,
    codex_home: Annotated[Path | None, _option(metavar="DIR", text="The client's folder.")] = None,
    cwd: Annotated[Path | None, _option(metavar="DIR", text="Where the client starts.")] = None,
    override: Annotated[
        list[str] | None, _option("-c", metavar="KEY=VALUE", text="As given to the client.")
    ] = None,
    profile: Annotated[
        str | None, _option(metavar="NAME", text="The profile given to the client.")
    ] = None,
    entry_point: Annotated[
        EntryPoint, _option(text="How the client is started; each enforces differently.")
    ] = "exec",
    ignore_user_config: Annotated[
        bool, _option("--ignore-user-config", text="As given to the client.")
    ] = False,
    process_cwd: Annotated[Path | None, typer.Option(hidden=True)] = None,
    process: Annotated[
        int | None,
        _option(metavar="PID", text="A running client: its environment, folder and options."),
    ] = None,
) -> tuple[Adapter, Request]:
    """Gather the options into one value.

    Raises:
        UsageError: An option that contradicts another, or a value that the client does not take.
    """
    if client_version is not None and version_number(client_version) is None:
        raise UsageError(f"{client_version!r} is no version", expected="a number such as 0.169.0")
    _require_image_or_machine(system_root, platform, program)
    if profile is not None and not PROFILE_NAME.fullmatch(profile):
        raise UsageError(
            f"{profile!r} is no name of a profile", expected="letters, digits, dashes, underscores"
        )
    if profile is not None and entry_point == "status":
        raise UsageError("`codex login status` takes no profile", remedy="leave --profile out")
    for each in override or []:
        if not each.partition("=")[1] or not each.partition("=")[0].strip():
            raise UsageError(f"-c {each!r} has no key or no value", expected="key=value")
    request = Request(
        env=os.environ,
        cwd=working_folder(str(cwd or system_root or "")),
        process_cwd=str(process_cwd) if process_cwd else None,
        now=int(time.time()),
        client_version=client_version,
        platform=platform or this_platform(),
        system_root=working_folder(str(system_root)) if system_root else None,
        client_home=working_folder(str(codex_home)) if codex_home else None,
        overrides=tuple(override or ()),
        entry_point=entry_point,
        profile=profile,
        program=program,
        ignore_user_config=ignore_user_config,
        detail="all",
        newer_toml=read_toml_1_1,
    )
    adapter = load_client(client)
    return adapter, request if process is None else of_process(adapter, request, process)


def _require_image_or_machine(
    system_root: Path | None, platform: Platform | None, program: str | None
) -> None:
    """Refuse what fits no image, and what fits an image alone."""
    if system_root is not None and not system_root.is_dir():
        raise UsageError(f"{system_root} is not a directory", expected="a tree that stands for /")
    if program is not None and system_root is not None:
        raise UsageError("--program names a program of this machine, not of an image")
    if platform not in (None, this_platform()) and system_root is None:
        raise UsageError(
            f"this machine is no {platform} system",
            expected="--system-root with an image of one",
            remedy="say where the image lies, or leave --platform out",
        )


def judging(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the state options in place of its parameters ``adapter`` and ``request``.

    In place of a parameter ``users`` it gets those that say for which users root runs it.
    """
    of_state = inspect.signature(make_request).parameters
    own = inspect.signature(command).parameters
    of_users = inspect.signature(choose_users).parameters if "users" in own else {}

    @functools.wraps(command)
    def run(**given: Any) -> None:
        state = {name: given.pop(name) for name in of_state}
        if of_users:
            given["users"] = choose_users(**{name: given.pop(name) for name in of_users})
            if given["users"]:
                refuse_one_session(state)
        adapter, request = make_request(**state)
        command(adapter=adapter, request=request, **given)

    kept = [each for name, each in own.items() if name not in ("adapter", "request", "users")]
    parameters = [*kept, *of_state.values(), *of_users.values()]
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return run
