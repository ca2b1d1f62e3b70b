"""The options that say which state is judged, the same for every command that judges."""

import functools
import inspect
import os
import time
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args

import typer

from tipstaff_cli.shared.client_process import with_process, words_of_process
from tipstaff_cli.shared.options import complete_client
from tipstaff_cli.shared.targets import (
    Target,
    run_for_each,
    with_client_options,
)
from tipstaff_cli.shared.user_options import choose_users, refuse_one_session
from tipstaff_policy.assessment.presence import drop_absent_clients
from tipstaff_policy.clients import (
    CLIENTS,
    HOMES,
    choose_clients,
    client_of_home,
    entry_points_of,
    load_clients,
    only_client_with,
    require_client,
)
from tipstaff_policy.clients.interface.adapter import Adapter, find_working_folder
from tipstaff_policy.errors import UsageError
from tipstaff_policy.model.request import Document, ReadOptions, Request, this_platform
from tipstaff_policy.model.state import Platform
from tipstaff_policy.parsing.toml_text import parse_float
from tipstaff_policy.system.image_roots import why_no_root

PANEL = "State"
ENTRY_POINTS = {name: entry_points_of(name) for name in CLIENTS}
"""By client."""
_FIRST = {points[0] for points in ENTRY_POINTS.values()}
FIRST_ENTRY_POINT = _FIRST.pop() if len(_FIRST) == 1 else None
"""Where none is named; None where that differs by client."""
HOME_PARAMETERS = {option: option.strip("-").replace("-", "_") for option in HOMES}
"""By option, the name of the parameter of commands."""
ENTRY_POINT_NAMES = tuple(dict.fromkeys(sum(ENTRY_POINTS.values(), ())))
if TYPE_CHECKING:
    EntryPointName = str
else:
    EntryPointName = Literal[ENTRY_POINT_NAMES]
OF_ONE_CLIENT = {
    "client_version": "--client-version",
    "program": "--program",
    "client_home": "--client-home",
    "override": "-c",
    "profile": "--profile",
    "ignore_user_config": "--ignore-user-config",
    "client_option": "--client-option",
}
"""The options that mean one client, by the names of their parameters."""

OF_AN_IMAGE = ("client_version", "platform", "system_root")
"""The options that mean another host than this machine as it is, by their parameters."""


def read_toml_1_1(text: str) -> Document:
    """Read TOML 1.1, with the client's limit for numbers."""
    import tomli  # noqa: PLC0415 - where the standard library's reader has refused a file

    return tomli.loads(text, parse_float=parse_float)


def _option(*names: str, metavar: str | None = None, text: str, **more: Any) -> Any:
    return typer.Option(*names, metavar=metavar, help=text, rich_help_panel=PANEL, **more)


def make_targets(  # noqa: PLR0913 - one argument an option
    fronted: str | None = None,
    /,
    *,
    client: Annotated[
        str | None,
        _option(
            metavar="NAME",
            text="Judge this client; default: all known clients.",
            autocompletion=complete_client,
        ),
    ] = None,
    client_version: Annotated[
        str | None, _option(metavar="V", text="Assume this client version; default: installed.")
    ] = None,
    program: Annotated[
        str | None, _option(metavar="PATH", text="Judge this client program; default: all found.")
    ] = None,
    platform: Annotated[
        Platform | None, _option(text="Platform whose paths apply; default: this machine's.")
    ] = None,
    system_root: Annotated[
        Path | None,
        _option(metavar="DIR", text="Use this tree as / (an image); ignores the environment."),
    ] = None,
    client_home: Annotated[
        Path | None,
        _option("--client-home", metavar="DIR", text="Folder of the client."),
    ] = None,
    cwd: Annotated[
        Path | None, _option(metavar="DIR", text="Folder in which the client starts.")
    ] = None,
    override: Annotated[
        list[str] | None,
        _option("-c", metavar="KEY=VALUE", text="Override for the client (repeatable)."),
    ] = None,
    profile: Annotated[str | None, _option(metavar="NAME", text="Profile for the client.")] = None,
    entry_point: Annotated[
        EntryPointName | None,
        _option(metavar="HOW", text=f"How the client starts: {', '.join(ENTRY_POINT_NAMES)}."),
    ] = FIRST_ENTRY_POINT,
    ignore_user_config: Annotated[
        bool, _option("--ignore-user-config", text="As the option of the client.")
    ] = False,
    client_option: Annotated[
        list[str] | None,
        _option(metavar="OPTION", text="Another start option of the client (repeatable)."),
    ] = None,
    process_cwd: Annotated[Path | None, typer.Option(hidden=True)] = None,
    process: Annotated[
        int | None,
        _option(metavar="PID", text="Judge this running client, with its environment and options."),
    ] = None,
) -> tuple[Target, ...]:
    """Gather the options into one target for each client.

    Args:
        fronted: The program of the command that follows the options.
    Raises:
        UsageError: An option that contradicts another, or a value that the client does not take.
    """
    given = locals()
    words = () if process is None else words_of_process(process)
    adapters = _choose(given, program or fronted or (words[0] if words else None))
    _require_image_or_machine(system_root, platform, program)
    request = Request(
        env=os.environ,
        cwd=find_working_folder(str(cwd or system_root or "")),
        process_cwd=str(process_cwd) if process_cwd else None,
        now=int(time.time()),
        client_version=client_version,
        platform=platform or this_platform(),
        system_root=find_working_folder(str(system_root)) if system_root else None,
        client_home=find_working_folder(str(client_home)) if client_home else None,
        overrides=tuple(override or ()),
        profile=profile,
        program=program,
        ignore_user_config=ignore_user_config,
        options=ReadOptions(detail="all", newer_toml=read_toml_1_1),
    )
    targets = []
    for adapter in adapters:
        if client_version is not None and adapter.versions.order(client_version) is None:
            newest = adapter.versions.newest
            raise UsageError(
                f"{client_version!r} is no version", expected=f"a number such as {newest}"
            )
        start = entry_point or adapter.entry_points[0]
        if start not in adapter.entry_points:
            raise UsageError(
                f"--entry-point {start!r} is not known of {adapter.name}",
                expected=", ".join(adapter.entry_points),
            )
        asked = request._replace(entry_point=start)
        asked = with_client_options(adapter, asked, client_option or ())
        adapter.check_start(asked)
        if process is not None:
            asked = with_process(adapter, asked, process, words)
        targets.append(Target(adapter, asked))
    return tuple(targets)


def _choose(given: Mapping[str, Any], program: str | None) -> tuple[Adapter, ...]:
    """Return the clients that the options mean.

    Raises:
        UsageError: An option means one client, and nothing says which.
    """
    of_one = [option for name, option in OF_ONE_CLIENT.items() if given[name]]
    entry_point, named = given["entry_point"], given["client"]
    if entry_point and any(entry_point not in points for points in ENTRY_POINTS.values()):
        of_one.append("--entry-point")
    if named is None and program is None:
        passed_on = [option.partition("=")[0] for option in given["client_option"] or ()]
        named = _only_client_with(of_one, passed_on, entry_point)
    return choose_clients(named, program, of_one)


def _only_client_with(
    of_one: Sequence[str], passed_on: Sequence[str], entry_point: str | None
) -> str | None:
    """Return the only client that has these start options and this entry point, if there is one.

    Args:
        of_one: Options of Tipstaff's own, of which some are start options of a client.
        passed_on: Start options as a client calls them.
    """
    usual = entry_point in (None, FIRST_ENTRY_POINT)
    if not of_one and usual:
        return None
    own = {option.name for adapter in load_clients() for option in adapter.start_options}
    options = frozenset((*passed_on, *(own & {*of_one})))
    return None if not options and usual else only_client_with(options, entry_point)


def _take_home(
    option: str, folder: Path | None, state: dict[str, Any], fronted: str | None
) -> dict[str, Any]:
    """Return the state options with what an option says that names the folder of one client.

    Raises:
        UsageError: Another option means another client, or another folder.
    """
    if folder is None:
        return state
    if state["client_home"] is not None:
        raise UsageError(f"{option} and --client-home exclude each other")
    client = client_of_home(option, state["client"], state["program"] or fronted)
    return {**state, "client": client, "client_home": folder}


def _require_image_or_machine(
    system_root: Path | None, platform: Platform | None, program: str | None
) -> None:
    """Refuse options that do not fit an image, or fit only an image."""
    if system_root is not None:
        _require_root(system_root)
    if program is not None and system_root is not None:
        raise UsageError("--program and --system-root exclude each other")
    if platform not in (None, this_platform()) and system_root is None:
        raise UsageError(
            f"this machine does not run {platform}",
            expected=f"--system-root with an image of a {platform} host",
            remedy="add --system-root, or leave --platform out",
        )


def _list_homes() -> list[inspect.Parameter]:
    """Return the parameters of the options that name the folder of one client."""
    return [
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            default=None,
            annotation=Annotated[
                Path | None,
                _option(option, metavar="DIR", text=f"Folder of {HOMES[option]}; judge it alone."),
            ],
        )
        for option, name in HOME_PARAMETERS.items()
    ]


def only_target(targets: tuple[Target, ...]) -> Target:
    """Return the only client that the host has, the first where it has none.

    Raises:
        UsageError: It has several.
    """
    here = drop_absent_clients(targets)
    if len(here) > 1:
        raise require_client("this command takes one client at a time")
    return here[0]


def _require_root(folder: Path) -> None:
    if not folder.is_dir():
        raise UsageError(f"{folder} is not a directory", expected="a tree that stands for /")
    if why := why_no_root(str(folder)):
        raise UsageError(
            f"{folder} {why}",
            expected="a tree that stands for /",
            remedy="name the folder in which the host's /etc and homes are",
        )


def add_state_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the state options instead of its own parameters.

    ``targets`` becomes every client to judge; ``adapter`` and ``request`` become the only one that
    the host has, the first where it has none.
    ``users`` becomes the options that choose users for a root run.
    """

    def call(targets: tuple[Target, ...], given: dict[str, Any]) -> None:
        if "targets" in inspect.signature(command).parameters:
            command(targets=targets, **given)
            return
        here = only_target(targets)
        command(adapter=here.adapter, request=here.request, **given)

    return _with_state_options(command, call)


def add_state_options_here(command: Callable[..., None]) -> Callable[..., None]:
    """Do as `add_state_options`; hide the options of an image, which the command refuses."""
    run = add_state_options(command)
    signature = inspect.signature(run)
    parameters = [
        _hide(parameter) if name in OF_AN_IMAGE else parameter
        for name, parameter in signature.parameters.items()
    ]
    run.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return run


def _hide(parameter: inspect.Parameter) -> inspect.Parameter:
    kind, option = get_args(parameter.annotation)
    hidden = copy(option)
    hidden.hidden = True
    return parameter.replace(annotation=Annotated[kind, hidden])


def call_for_each_client(command: Callable[..., None]) -> Callable[..., None]:
    """Run a command for every client, one after the other, with options as in `add_state_options`.

    It skips clients that the host does not have; if the host has none, it takes the first. In
    JSON each client gets its own document, and the exit code is the worst of all.
    """

    def call(targets: tuple[Target, ...], given: dict[str, Any]) -> None:
        run_for_each(
            tuple(drop_absent_clients(targets)),
            lambda target: command(adapter=target.adapter, request=target.request, **given),
            as_text=given.get("output") != "json",
        )

    return _with_state_options(command, call)


def _with_state_options(
    command: Callable[..., None], call: Callable[[tuple[Target, ...], dict[str, Any]], None]
) -> Callable[..., None]:
    of_state = {
        name: parameter
        for name, parameter in inspect.signature(make_targets).parameters.items()
        if parameter.kind is parameter.KEYWORD_ONLY
    }
    own = inspect.signature(command).parameters
    of_users = inspect.signature(choose_users).parameters if "users" in own else {}

    @functools.wraps(command)
    def run(**given: Any) -> None:
        state = {name: given.pop(name) for name in of_state}
        fronted = next(iter(given.get("command") or ()), None)
        for option, name in HOME_PARAMETERS.items():
            state = _take_home(option, given.pop(name), state, fronted)
        if of_users:
            given["users"] = choose_users(**{name: given.pop(name) for name in of_users})
            if given["users"]:
                refuse_one_session(state)
        call(make_targets(fronted, **state), given)

    gathered = ("adapter", "request", "targets", "users")
    kept = [parameter for name, parameter in own.items() if name not in gathered]
    parameters = [*kept, *of_state.values(), *_list_homes(), *of_users.values()]
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return run
