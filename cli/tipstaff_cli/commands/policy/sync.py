"""``tipstaff policy sync``: an endpoint gets its policy from a publisher's folder."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tipstaff_cli.commands.policy.publisher_options import require_extra
from tipstaff_cli.shared.options import Format, SystemRoot, root_of
from tipstaff_cli.shared.output import write_out
from tipstaff_policy import __version__
from tipstaff_policy.errors import INVALID_EXIT, UsageError
from tipstaff_policy.model.request import this_platform
from tipstaff_reports import json_report
from tipstaff_reports.texts import sync as text
from tipstaff_schemas.delivery import FileChange, PolicySynced, RoleVersion
from tipstaff_schemas.report import Tool

if TYPE_CHECKING:
    from tipstaff_rollout.sync.applying import Change
    from tipstaff_rollout.sync.syncing import Synced

ROOT_LIMIT = 1 << 19


def sync(  # noqa: PLR0913 - one argument an option
    *,
    url: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Address of the publisher's folder (https)."),
    ] = None,
    root: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="First run: the publisher's 1.root.json, copied by hand."
        ),
    ] = None,
    ca_file: Annotated[
        str | None,
        typer.Option(
            metavar="PATH",
            help="Additional certificate authorities: a PEM file that only root can change.",
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print what would change.")] = False,
    replace: Annotated[
        bool,
        typer.Option(
            "--replace", help="Replace client files of other administrators; keeps copies."
        ),
    ] = False,
    system_root: SystemRoot = None,
    output: Format = "text",
) -> None:
    """Download the newest published policy, and install its files.

    If anything fails, the current policy stays in force. A client file of another administrator is
    merged with the policy key by key; if they contradict each other, nothing is changed. Settings
    for a timer are in `/etc/tipstaff/sync.toml`: url, root, ca_file, proxy, time_limit.

    Examples: `sudo tipstaff policy sync --url https://policy.example.com --root 1.root.json` ·
    `sudo tipstaff policy sync` · `sudo tipstaff policy sync --dry-run`

    Exit codes: 0 the newest policy is in force, 2 wrong usage, 3 this release cannot read the
    policy, or it contradicts other files on the host, 4 the server cannot be reached or a file
    cannot be written, 6 the download is not signed, older, expired or too large.
    """
    require_extra()
    from tipstaff_rollout.sync.applying import Host  # noqa: PLC0415 - heavy
    from tipstaff_rollout.sync.settings import read_settings  # noqa: PLC0415
    from tipstaff_rollout.sync.syncing import Run, sync  # noqa: PLC0415 - the extra

    platform = this_platform()
    if platform == "windows":
        raise UsageError("`sync` runs on Linux and macOS", remedy="use another channel on Windows")
    host = Host(root_of(system_root), platform)
    settings = read_settings(host, {"url": url, "ca_file": ca_file})
    trust = None if root is None else _read(root)
    run = Run(host, settings, os.environ, trust, dry_run, replace)
    document = _document(sync(run), dry_run=dry_run)
    write_out(text.render(document) if output == "text" else json_report.render(document))
    raise typer.Exit(document.exit_code)


def _document(result: "Synced", *, dry_run: bool) -> PolicySynced:
    policy = result.policy
    return PolicySynced(
        tool=Tool(version=__version__),
        dry_run=dry_run,
        id=policy.id,
        version=policy.version,
        fingerprint=policy.fingerprint,
        metadata=[RoleVersion(role=role, version=n) for role, n in result.downloaded.versions],
        fresh_until=result.downloaded.fresh_until,
        completed=_changes(result.completed),
        changes=_changes(result.changes),
        faults=list(result.faults),
        exit_code=INVALID_EXIT if result.faults else 0,
        knowledge_not_used=result.knowledge_not_used,
    )


def _changes(changes: "tuple[Change, ...]") -> list[FileChange]:
    return [FileChange(path=change.path, action=change.action) for change in changes]


def _read(path: Path) -> bytes:
    from tipstaff_rollout.storing import content_of  # noqa: PLC0415 - as above

    return content_of(path, ROOT_LIMIT)
