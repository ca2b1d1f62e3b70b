"""``tipstaff client …``: the clients found here, and what an upgrade would change."""

import json
from pathlib import Path
from typing import Annotated

import typer

from tipstaff_cli.shared.options import Format
from tipstaff_cli.shared.output import write_out
from tipstaff_cli.shared.state_options import judging
from tipstaff_policy.clients.codex.versions import PROVEN, version_number
from tipstaff_policy.clients.interface.adapter import Adapter
from tipstaff_policy.errors import FINDINGS_EXIT, EvaluationError, UsageError
from tipstaff_policy.model.request import Request
from tipstaff_policy.model.state import Decision, HostState
from tipstaff_schemas.values import as_json, state_from_json

app = typer.Typer(no_args_is_help=True, help="The client programs, and what versions change.")


@app.command("list")
@judging
def list_clients(*, output: Format = "text", adapter: Adapter, request: Request) -> None:
    """Print every client found here, its version, and whether others could change it.

    No client is run. A version that the user could have written is `doubted`.

    Example: `tipstaff client list --format json`
    """
    every = adapter.find_installations(request._replace(client_version=None))
    found = [each for each in every if each.path is not None]
    if output == "json":
        write_out(json.dumps(as_json(found), indent=2) + "\n")
        return
    for each in found:
        known = "proven" if each.proven else "not proven"
        write_out(f"{each.version:<10} {known:<11} {each.version_source:<8} {each.path}\n")
        if each.writable_at:
            write_out(f"           can be changed: {each.writable_at}\n")
    if not found:
        write_out("no client found\n")
    write_out(f"proven versions: {', '.join('.'.join(map(str, each)) for each in PROVEN)}\n")


@app.command()
@judging
def diff(  # noqa: PLR0913 - one argument an option
    old: Annotated[str, typer.Argument(metavar="OLD", help="A version, or a client program.")],
    new: Annotated[str, typer.Argument(metavar="NEW")],
    *,
    report: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="A JSON report of a host; default: this host."),
    ] = None,
    output: Format = "text",
    adapter: Adapter,
    request: Request,
) -> None:
    """Print which verdicts an upgrade of the client would change.

    Examples: `tipstaff client diff 0.146.0 0.169.0` ·
    `tipstaff client diff 0.160.0 /opt/new/bin/codex --report host1.json --report host2.json`

    Exit codes: 0 nothing changes, 1 a verdict changes, 4 a report cannot be read.
    """
    versions = [_version(adapter, request, each) for each in (old, new)]
    if report:
        pairs = [(str(path), *_on_versions(adapter, _state_of(path), versions)) for path in report]
    else:
        states = [
            adapter.read_state(request._replace(client_version=version)) for version in versions
        ]
        before, after = (adapter.decide(state) for state in states)
        pairs = [("this host", before, after)]
    changed = [pair for pair in pairs if _change(pair[1], pair[2])]
    if output == "json":
        write_out(
            json.dumps({"versions": versions, "hosts": [_entry(*pair) for pair in pairs]}, indent=2)
            + "\n"
        )
    else:
        for name, before, after in changed:
            write_out(f"{name}: {before.verdict} -> {after.verdict}\n")
            write_out(f"  {versions[0]}: {before.reason}\n  {versions[1]}: {after.reason}\n")
        write_out(
            f"{len(changed)} of {len(pairs)} verdicts change from {versions[0]} to {versions[1]}\n"
        )
    raise typer.Exit(FINDINGS_EXIT if changed else 0)


def _version(adapter: Adapter, request: Request, named: str) -> str:
    if "/" not in named:
        if version_number(named) is None:
            raise UsageError(f"{named!r} is no version", expected="a number, or a program's path")
        return named
    # A program is named as it lies on this machine, also where an image is judged.
    here = request._replace(client_version=None, system_root=None, program=named)
    client = adapter.find_installations(here)[0]
    if client.version_source == "assumed":
        raise UsageError(f"no package around {named} tells its version")
    return client.version


def _on_versions(
    adapter: Adapter, state: HostState, versions: list[str]
) -> tuple[Decision, Decision]:
    before, after = (adapter.decide(_as_version(state, version)) for version in versions)
    return before, after


def _as_version(state: HostState, version: str) -> HostState:
    client = state.client._replace(version=version, version_source="option", may_be=())
    return state._replace(client=client, readings=())


def _state_of(path: Path) -> HostState:
    try:
        return state_from_json(json.loads(path.read_text("utf-8"))["state"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EvaluationError(
            f"cannot be read as a report: {type(error).__name__}",
            where=str(path),
            expected="what `tipstaff audit --format json` wrote",
        ) from error


def _entry(name: str, before: Decision, after: Decision) -> dict[str, object]:
    changes = _change(before, after)
    return {"host": name, "changes": changes, "old": as_json(before), "new": as_json(after)}


def _change(before: Decision, after: Decision) -> bool:
    return (before.verdict, before.removes) != (after.verdict, after.removes)
