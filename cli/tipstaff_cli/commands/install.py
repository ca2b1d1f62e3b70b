"""``tipstaff install``, ``uninstall`` and ``status``: Tipstaff itself on this host."""

import os
import re
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import typer

from tipstaff_cli.shared.options import Format, ListGood
from tipstaff_cli.shared.output import write_out
from tipstaff_policy import __version__, guard
from tipstaff_policy.clients import load_clients
from tipstaff_policy.clients.interface.adapter import Adapter, find_working_folder
from tipstaff_policy.doctor.diagnose import exit_code, overall
from tipstaff_policy.errors import UsageError
from tipstaff_policy.installation import commands
from tipstaff_policy.installation.model import File, Wanted
from tipstaff_policy.installation.platforms import load_platform
from tipstaff_policy.installation.status import diagnose_status
from tipstaff_policy.installation.survey import top_of
from tipstaff_policy.model.request import Request, this_platform
from tipstaff_policy.model.state import Platform
from tipstaff_policy.system.files import within
from tipstaff_reports import json_report
from tipstaff_reports.texts import installation as text
from tipstaff_schemas.report import Tool
from tipstaff_schemas.setup import SetupReport, SetupStep, StatusReport

Command = Literal["install", "uninstall"]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Print the steps; change nothing.")]
Root = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="Use this tree as / (package, image, test)."),
]
PlatformOf = Annotated[
    Platform | None,
    typer.Option("--platform", help="Platform of the tree; default: this machine's."),
]
Client = Annotated[
    str | None, typer.Option(metavar="NAME", help="Client to guard; default: all known clients.")
]
TOOL = Tool(version=__version__)


def install(  # noqa: PLR0913 - one argument an option
    *,
    dry_run: DryRun = False,
    root: Root = None,
    platform: PlatformOf = None,
    folder: Annotated[
        list[str] | None,
        typer.Option(metavar="DIR", help="Additional folder of programs (repeatable)."),
    ] = None,
    units: Annotated[
        bool | None,
        typer.Option(help="Whether to install services; default: if the host can run them."),
    ] = None,
    python: Annotated[
        str | None,
        typer.Option(metavar="PATH", help="Python that runs the guard, as a path on the host."),
    ] = None,
    guard_file: Annotated[
        str | None,
        typer.Option("--guard", metavar="PATH", help="Guard program, as a path on the host."),
    ] = None,
    client: Client = None,
    output: Format = "text",
) -> None:
    """Install or repair the guard in front of every client, and its services.

    Examples: `tipstaff install --dry-run` · `sudo tipstaff install` ·
    `tipstaff install --root build/tree --platform macos --python /opt/tipstaff/bin/python3`

    Exit codes: 0 installed, 1 something was left unchanged (it is listed), 4 not or only partly
    installed: not root, a guard that others can change, or a write that failed.
    """
    place = _check_path(root)
    host = _require_platform(platform, place)
    started = python or _as_host_calls(sys.executable, place)
    if host == "windows":
        started, guard_file = _in_image(started), guard_file and _in_image(guard_file)
    wanted = Wanted(
        __version__,
        started,
        guard_file or _in_image(_as_host_calls(str(Path(guard.__file__).absolute()), place)),
        _programs(load_clients(client)),
        tuple(folder or ()),
        _files(place, started, units, host),
        host,
        _read_launcher(place, host),
    )
    _finish("install", commands.install(place, wanted, dry_run=dry_run), place, dry_run, output)


def uninstall(
    *,
    dry_run: DryRun = False,
    root: Root = None,
    platform: PlatformOf = None,
    client: Client = None,
    output: Format = "text",
) -> None:
    """Remove what `tipstaff install` made, and restore every client.

    It keeps and lists files that others have changed since.

    Examples: `tipstaff uninstall --dry-run` · `sudo tipstaff uninstall`

    Exit codes: 0 no shim is left, 4 not root, or a write failed: run it again.
    """
    place = _check_path(root)
    wanted = _plan_search(load_clients(client), place, _require_platform(platform, place))
    _finish("uninstall", commands.uninstall(place, wanted, dry_run=dry_run), place, dry_run, output)


def status(
    *,
    root: Root = None,
    platform: PlatformOf = None,
    client: Client = None,
    verbose: ListGood = False,
    output: Format = "text",
) -> None:
    """Show whether the installation is intact, and list unguarded clients.

    Examples: `tipstaff status` · `tipstaff status --format json`

    Exit codes: 0 all good, 1 something differs or a client is unguarded, 4 cannot tell.
    """
    place, adapters = _check_path(root), load_clients(client)
    host = _require_platform(platform, place)
    request = Request(
        os.environ, find_working_folder(), int(time.time()), system_root=place, platform=host
    )
    programs = tuple(program for adapter in adapters for program in adapter.programs(request) or ())
    seen = commands.look(place, _plan_search(adapters, place, host), programs)
    symptoms = diagnose_status(seen)
    manifest = seen.seen.manifest
    report = StatusReport(
        tool=TOOL,
        system_root=place,
        installed_version=manifest.version if manifest else None,
        mark=overall(symptoms),
        symptoms=list(symptoms),
        exit_code=exit_code(overall(symptoms)),
    )
    write_out(
        text.render_status(report, verbose=verbose)
        if output == "text"
        else json_report.render(report)
    )
    raise typer.Exit(report.exit_code)


def _finish(
    command: Command, result: commands.Result, root: str | None, dry_run: bool, output: str
) -> None:
    report = SetupReport(
        tool=TOOL,
        command=command,
        system_root=root,
        dry_run=dry_run,
        steps=[
            SetupStep(
                action=step.step.action,
                path=step.step.path,
                detail=step.step.detail,
                outcome=step.outcome,
                why=step.why,
            )
            for step in result.steps
        ],
        exit_code=result.exit_code,
    )
    write_out(text.render(report) if output == "text" else json_report.render(report))
    raise typer.Exit(report.exit_code)


def _check_path(root: Path | None) -> str | None:
    if root is not None and not root.is_dir():
        raise UsageError(f"{root} is not a directory", expected="a folder to use as /")
    place = str(root.resolve()) if root else None
    return None if place == "/" else place


def _require_platform(named: Platform | None, root: str | None) -> Platform:
    here = this_platform()
    if named not in (None, here) and root is None:
        raise UsageError(
            f"this machine runs {here}, not {named}",
            expected="--platform only with --root and a tree of that platform",
        )
    return named or here


def _as_host_calls(path: str, root: str | None) -> str:
    """Return a path on this machine as the path on the host of a tree."""
    inside = root is not None and path.startswith(f"{root}/")
    return path.removeprefix(root) if root and inside else path


def _in_image(path: str) -> str:
    """Return a path of Windows without its drive, as an installation writes it."""
    return re.sub("^[A-Za-z]:", "", path).replace("\\", "/") if ":" in path[:2] else path


def _read_launcher(root: str | None, platform: Platform) -> bytes:
    """Return what a shim that is a program is made of; nothing where there is none."""
    named = load_platform(platform).fronting.launcher
    if not named:
        return b""
    try:
        return Path(within(root or top_of(root), named)).read_bytes()
    except OSError:
        return b""


def _files(
    root: str | None, python: str, units: bool | None, platform: Platform
) -> tuple[File, ...]:
    services = load_platform(platform).services
    return services.files(python) if (services.present(root) if units is None else units) else ()


def _programs(adapters: Sequence[Adapter]) -> tuple[str, ...]:
    return tuple(adapter.program for adapter in adapters)


def _plan_search(adapters: Sequence[Adapter], root: str | None, platform: Platform) -> Wanted:
    """Return what to look for, without anything to write."""
    python = _as_host_calls(sys.executable, root)
    files = load_platform(platform).services.files(python)
    return Wanted(__version__, python, "", _programs(adapters), files=files, platform=platform)
