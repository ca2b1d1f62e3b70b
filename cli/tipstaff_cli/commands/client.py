"""``tipstaff client …``: the clients found here, and what an upgrade would change."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tipstaff_cli.commands import knowledge
from tipstaff_cli.shared.collecting import read_reports, report_files
from tipstaff_cli.shared.options import Format, PolicyKeys
from tipstaff_cli.shared.output import write_out
from tipstaff_cli.shared.state_options import (
    add_state_options,
    call_for_each_client,
    only_target,
    read_toml_1_1,
)
from tipstaff_cli.shared.targets import Target
from tipstaff_policy import __version__
from tipstaff_policy.action_log.log import read_log
from tipstaff_policy.action_log.record import moment
from tipstaff_policy.assessment.knowledge.advice import advise
from tipstaff_policy.assessment.knowledge.differences import describe_release
from tipstaff_policy.assessment.policy_loading import Organisation
from tipstaff_policy.assessment.simulation_subjects import Wanted, list_system_roots
from tipstaff_policy.assessment.simulation_summary import Unread
from tipstaff_policy.assessment.upgrade import (
    HostUpgraded,
    Upgrade,
    choose_by_reports,
    compare_here,
    compare_hosts,
    compare_person,
    describe_rules,
    list_installed,
    read_version,
    upgrade_exit,
)
from tipstaff_policy.clients.interface.adapter import Adapter
from tipstaff_policy.clients.interface.knowledge import as_text
from tipstaff_policy.clients.learned import Found, learn, newest_learned
from tipstaff_policy.errors import UNEVALUATED_EXIT, EvaluationError, UsageError
from tipstaff_policy.model.request import Request
from tipstaff_policy.model.state import Client
from tipstaff_policy.organisation.model import NO_POLICY
from tipstaff_policy.system.streams import say
from tipstaff_reports import json_report
from tipstaff_reports.texts import clients as text
from tipstaff_schemas.clients import (
    ClientsCompared,
    ClientsListed,
    HostDecided,
    InstallationListed,
    UnreadSource,
)
from tipstaff_schemas.report import Tool

if TYPE_CHECKING:
    from tipstaff_cli.commands.policy.drafts import Authored

app = typer.Typer(no_args_is_help=True, help="List client programs, and compare versions.")
app.add_typer(knowledge.app, name="knowledge")


@app.command("list")
@call_for_each_client
def list_clients(*, output: Format = "text", adapter: Adapter, request: Request) -> None:
    """List the client programs on this host, their versions, and who can change them.

    It runs no client. A version is `doubted` if the user could have changed it.

    Example: `tipstaff client list --format json`

    Exit codes: 0 listed, 2 wrong usage.
    """
    found = learn(request.system_root, request.platform, request.now)
    log = {} if request.system_root else dict(_first_logged(adapter, request))
    document = ClientsListed(
        tool=Tool(version=__version__),
        client=adapter.name,
        installations=[
            _describe_installation(adapter, request, client, log, found)
            for client in list_installed(adapter, request)
        ],
        proven=[*adapter.versions.proven, *map(as_text, newest_learned(adapter.name))],
        knowledge=found.counter if found else None,
    )
    write_out(text.render_listed(document) if output == "text" else json_report.render(document))


def _describe_installation(
    adapter: Adapter,
    request: Request,
    client: Client,
    log: dict[str, str],
    found: Found | None,
) -> InstallationListed:
    """Return an installation with what a person wants to know about it."""
    installed = adapter.installed_since(request, client)
    since = None if installed is None else moment(installed)
    logged = log.get(client.version)
    from_log = logged is not None and (since is None or logged < since)
    return InstallationListed(
        **client._asdict() | {"may_be": list(client.may_be)},
        since=logged if from_log else since,
        since_from="action log" if from_log else None if since is None else "installation",
        to_do=advise(adapter, client, found),
    )


def _first_logged(adapter: Adapter, request: Request) -> Iterator[tuple[str, str]]:
    """Yield each version in the user's action log, with the moment of its first record."""
    home = request.env.get("HOME")
    if not home:
        return
    files, _ = read_log(request.env, f"{home}/{adapter.folder}")
    seen: set[str] = set()
    for line in (line for file in files for line in file.data.splitlines()):
        try:
            record = json.loads(line)
            client, version, time = (record[name] for name in ("client", "client_version", "time"))
        except (ValueError, KeyError, TypeError, RecursionError):
            continue  # the log's own check names what is broken
        if client == adapter.name and isinstance(version, str) and version not in seen:
            seen.add(version)
            yield version, str(time)


@app.command()
@add_state_options
def diff(  # noqa: PLR0913 - one argument an option
    old: Annotated[str, typer.Argument(metavar="OLD", help="Version or client program.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="Version or client program.")],
    *,
    policy: Annotated[
        Path | None,
        typer.Option(
            metavar="POLICY",
            help="Compare under this policy; default: under the rules that each host has.",
        ),
    ] = None,
    keys: PolicyKeys = None,
    report: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE|DIR",
            help="JSON reports of hosts, one per file or line (repeatable); default: this host.",
        ),
    ] = None,
    hosts: Annotated[
        list[Path] | None,
        typer.Option(metavar="DIR", help="Image of a host, or a folder of images (repeatable)."),
    ] = None,
    store: Annotated[
        str | None,
        typer.Option(metavar="DIR", help="Store of a fleet that `tipstaff fleet ingest` filled."),
    ] = None,
    output: Format = "text",
    targets: tuple[Target, ...],
) -> None:
    """Show whose start, log-out or message an upgrade of the client would change, and how.

    It also says in words what the new version does otherwise, by all that is known of both.

    With reports it takes their client, if all are of one; else it needs --client, and leaves the
    reports of other clients out.

    Examples: `tipstaff client diff 0.146.0 0.169.0` ·
    `tipstaff client diff 0.169.0 0.171.0 --policy policy.toml --store fleet` ·
    `tipstaff client diff 0.160.0 /opt/new/bin/CLIENT --report host1.json --report reports/`

    Exit codes: 0 nothing changes, 1 a verdict changes, 4 a host or report cannot be read.
    """
    reports = _require_reports(report) if report else None
    adapter, request = _choose(targets, reports)
    versions = (read_version(adapter, request, old), read_version(adapter, request, new))
    learn(request.system_root, request.platform, request.now)
    upgrade, authored = _upgrade(Upgrade(adapter, versions), policy, keys, request.now)
    found = [
        *_of_images(upgrade, authored, hosts or []),
        *_of_reports(upgrade, reports or []),
    ]
    compared = sum(isinstance(host, HostUpgraded) for host in found)
    if store is not None:
        from tipstaff_cli.shared.fleet_upgrade import compare_fleet  # noqa: PLC0415 - the extra

        fleet, people = compare_fleet(upgrade, store)
        found, compared = [*found, *fleet], compared + people
    if not (hosts or report or store):
        found, compared = [compare_here(upgrade, request)], 1
    decided = [host for host in found if isinstance(host, HostUpgraded)]
    unread = [source for source in found if isinstance(source, Unread)]
    code = upgrade_exit(decided) or (UNEVALUATED_EXIT if unread else 0)
    document = ClientsCompared(
        tool=Tool(version=__version__),
        client=adapter.name,
        versions=list(versions),
        policy=authored.named if authored else None,
        release=list(describe_release(adapter, *upgrade.versions)),
        rules=list(describe_rules(upgrade)),
        hosts=[_describe_decided(host) for host in decided],
        compared=compared,
        unread=[UnreadSource(source=one.source, why=one.why) for one in unread],
        exit_code=code,
    )
    as_text = output == "text"
    write_out(text.render_compared(document) if as_text else json_report.render(document))
    raise typer.Exit(document.exit_code)


def _upgrade(
    upgrade: Upgrade, policy: Path | None, keys: Path | None, now: int
) -> "tuple[Upgrade, Authored | None]":
    """Return the same with the policy's files, and the policy, where one is given."""
    if policy is None:
        return upgrade, None
    from tipstaff_cli.commands.policy.drafts import read_authored  # noqa: PLC0415 - heavy
    from tipstaff_cli.commands.policy.shipping import make_shipments  # noqa: PLC0415 - heavy

    authored = read_authored(policy, keys)
    client = upgrade.adapter
    shipments = make_shipments(
        authored, (client,), now, policy_only=False, at_once=False, way="files"
    )
    return upgrade._replace(shipment=shipments[client.name]), authored


def _choose(targets: tuple[Target, ...], reports: list[Path] | None) -> Target:
    """Return the client of the reports; without reports, the only one that is meant.

    Raises:
        UsageError: Several could be meant.
        EvaluationError: No report can be read.
    """
    if reports is None:
        return only_target(targets)
    clients = []
    unread = None
    for person in read_reports(reports, lambda _: None):
        if isinstance(person, Unread):
            unread = person
        else:
            clients += [state.client.name for state in person.subject.states]
    if unread and not clients and len(targets) == 1:
        return targets[0]  # which says what cannot be read
    if unread and not clients:
        raise _unreadable(unread.source, unread.why)
    name = choose_by_reports(clients, [target.adapter.name for target in targets])
    return next(target for target in targets if target.adapter.name == name)


def _require_reports(reports: list[Path]) -> list[Path]:
    """Return the files of reports that are named.

    Raises:
        EvaluationError: One is not there.
    """
    for path in reports:
        if not path.exists():
            raise _unreadable(str(path), "it does not exist")
    return report_files(reports)


def _unreadable(where: str, why: str) -> EvaluationError:
    return EvaluationError(
        f"cannot be read as a report: {why}",
        where=where,
        expected="the output of `tipstaff audit --format json`",
    )


def _describe_decided(host: HostUpgraded) -> HostDecided:
    return HostDecided(
        host=host.host,
        user=host.user,
        changes=host.changes,
        kinds=list(host.kinds),
        old=host.old,
        new=host.new,
    )


def _of_images(
    upgrade: Upgrade, authored: "Authored | None", folders: list[Path]
) -> Iterator[HostUpgraded | Unread]:
    for folder in folders:
        if not folder.is_dir():
            raise UsageError(f"{folder} is not a folder", remedy="use --report for reports")
    policy = Organisation(authored.policy if authored else NO_POLICY, ())
    wanted = Wanted((upgrade.adapter,), policy, None, None, read_toml_1_1)
    yield from compare_hosts(upgrade, list_system_roots(map(str, folders)), wanted)


def _of_reports(upgrade: Upgrade, reports: list[Path]) -> Iterator[HostUpgraded | Unread]:
    for person in read_reports(reports, lambda _: None):
        if isinstance(person, Unread):
            yield person
        elif (found := compare_person(upgrade, person)) is not None:
            yield found
        else:
            clients = " and ".join(state.client.name for state in person.subject.states)
            say(f"tipstaff: {person.source}: a report of {clients} is left out")
