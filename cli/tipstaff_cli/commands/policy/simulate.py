"""``tipstaff policy simulate``: whom a policy would log out, before it is shipped."""

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

import typer

from tipstaff_cli.commands.policy.drafts import Authored, Keys, read_authored
from tipstaff_cli.commands.policy.shipping import (
    At,
    AtOnce,
    ClientName,
    Each,
    PolicyOnly,
    PolicyPath,
    WayOption,
    make_shipments,
    read_moment,
)
from tipstaff_cli.shared.collecting import STANDARD_INPUT, Advance, read_reports, report_files
from tipstaff_cli.shared.options import Format
from tipstaff_cli.shared.output import write_out
from tipstaff_cli.shared.state_options import read_toml_1_1
from tipstaff_policy.assessment.policy_loading import Organisation
from tipstaff_policy.assessment.simulation import Client, Shipment
from tipstaff_policy.assessment.simulation import simulate as simulate_one
from tipstaff_policy.assessment.simulation_subjects import (
    Person,
    Wanted,
    platform_of,
    read_hosts,
    system_roots,
)
from tipstaff_policy.assessment.simulation_summary import (
    Example,
    Limit,
    Tally,
    Unread,
    parse_limit,
)
from tipstaff_policy.assessment.simulation_summary import FailOn as FailOnOutcome
from tipstaff_policy.clients import load_clients, require_client
from tipstaff_policy.clients.interface.adapter import Adapter
from tipstaff_policy.errors import UsageError
from tipstaff_policy.model.state import Platform
from tipstaff_reports import json_report
from tipstaff_reports.texts.policy_diff import render_simulation
from tipstaff_rollout.storing import PLAIN, reserve
from tipstaff_rollout.taking_away import find_lost_keys, may_lose
from tipstaff_schemas.build_simulation import build_person, build_simulation
from tipstaff_schemas.comparison import Gate, KeyTakenAway

SHOWS_PROGRESS_FROM = 1 << 20
"""Bytes of reports."""
FailOn = Literal["log_out", "certain", "never"]


class Asked(NamedTuple):
    """Who is to be simulated."""

    adapters: tuple[Adapter, ...]
    hosts: list[str]
    reports: list[Path]
    client_version: str | None
    platform: Platform | None


def simulate(  # noqa: PLR0913 - one argument an option
    policy: PolicyPath,
    *,
    hosts: Annotated[
        list[Path] | None,
        typer.Option(metavar="DIR", help="A system root (an image), or a folder of some."),
    ] = None,
    reports: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE|DIR", help="JSON reports of `audit`, one a file or one a line; - reads."
        ),
    ] = None,
    at: At = None,
    keys: Keys = None,
    policy_only: PolicyOnly = False,
    at_once: AtOnce = False,
    way: WayOption = "files",
    fail_on: Annotated[
        FailOn,
        typer.Option(help="Exit 1 where more than --at-most lose it or may; `certain`: who does."),
    ] = "never",
    at_most: Annotated[
        str, typer.Option(metavar="N|P%", help="How many, or which share, may.")
    ] = "0",
    examples: Annotated[
        int, typer.Option(metavar="N", min=0, help="How many to show of each outcome.")
    ] = 5,
    each: Each = None,
    client: ClientName = None,
    client_version: Annotated[
        str | None, typer.Option(metavar="V", help="The client of the hosts; default: installed.")
    ] = None,
    platform: Annotated[
        Platform | None, typer.Option(help="Of the hosts; default: what they look like.")
    ] = None,
    output: Format = "text",
) -> None:
    """Say who would be logged out, and why, if a policy were shipped. Changes nothing.

    Judged is what Tipstaff orders by the policy on each host at that moment, and what the client
    does by itself once the files that the policy compiles to lie in place of those of today.

    Examples: `tipstaff policy simulate policy.toml --reports collected/` ·
    `tipstaff policy simulate policy.toml --hosts images/ --at 2027-01-10` ·
    `tipstaff policy simulate policy.toml --reports fleet.ndjson --fail-on log_out --at-most 2%`

    Keys of the client that a shipped file would take away from --hosts are named with their lines.

    Exit codes: 0 simulated, 1 more than --at-most, 2 wrong usage, 3 no policy, 4 a host or report
    could not be read (shown after all others), 5 there was nothing to simulate.
    """
    limit = parse_limit(at_most)
    adapters = load_clients(client)
    asked = _asked(adapters, hosts or [], reports or [], client_version, platform)
    authored = read_authored(policy, keys)
    shipments = make_shipments(
        authored, adapters, read_moment(at), policy_only=policy_only, at_once=at_once, way=way
    )
    tally = Tally(examples)
    with _lines(each) as write, _progress(asked) as advance:
        persons = _persons(asked, authored, advance)
        unseen = _count_all(persons, asked.adapters, shipments, tally, write)
    files = tuple(file for shipment in shipments.values() for file in shipment.files)
    whole = shipments[adapters[0].name]._replace(files=files)
    document = build_simulation(authored.named, whole, tally)
    gate = None if fail_on == "never" else _gate(fail_on, at_most, limit, tally)
    document = document.model_copy(
        update={
            "gate": gate,
            "exit_code": tally.exit_code(exceeded=gate is not None and gate.exceeded),
            "takes_away": _taken_away(asked, whole),
            "keys_not_seen": unseen,
        }
    )
    as_text = output == "text"
    write_out(render_simulation(document) if as_text else json_report.render(document))
    raise typer.Exit(document.exit_code)


def _count_all(
    persons: Iterator[Person | Unread],
    adapters: tuple[Adapter, ...],
    shipments: Mapping[str, Shipment],
    tally: Tally,
    write: Callable[[Example], None],
) -> int:
    """Simulate every person; return of how many a report does not show every key."""
    unseen = 0
    for person in persons:
        if isinstance(person, Unread):
            tally.add_unread(person)
            continue
        state = person.subject.states[0]
        adapter = next((known for known in adapters if known.name == state.client.name), None)
        if adapter is None:
            why = f"is of {state.client.name}; simulated is {', '.join(shipments)}"
            tally.add_unread(Unread(person.source, why))
            continue
        shipment = shipments[adapter.name]
        example = _example(person, shipment, adapter)
        method = adapter.method(example.result.method)
        unseen += person.from_report and may_lose(state, shipment.files, shipment.way)
        tally.add(
            example,
            sees_environment=state.environment == "own",
            has_workspace=method is not None and method.has_workspace,
        )
        write(example)
    return unseen


def _gate(fail_on: FailOnOutcome, at_most: str, limit: Limit, tally: Tally) -> Gate:
    counted = tally.count(fail_on)
    exceeded = limit.is_exceeded(counted, tally.simulated)
    return Gate(fail_on=fail_on, at_most=at_most, counted=counted, exceeded=exceeded)


def _asked(
    adapters: tuple[Adapter, ...],
    hosts: list[Path],
    reports: list[Path],
    client_version: str | None,
    platform: Platform | None,
) -> Asked:
    """Return who is to be simulated, each host and each file named.

    Raises:
        UsageError: There is no one, or something is named that is not there.
    """
    if not hosts and not reports:
        raise UsageError(
            "no hosts or reports given",
            expected="--hosts DIR, --reports FILE, or both",
            remedy="collect reports of some hosts: `tipstaff audit --format json`",
        )
    if client_version is not None:
        _require_version(adapters, client_version)
    for path in (*hosts, *reports):
        if path != STANDARD_INPUT and not path.exists():
            raise UsageError(f"{path} is not there", expected="a host, a report, or a folder")
    for path in hosts:
        if not path.is_dir():
            raise UsageError(f"{path} is no folder", remedy="reports are named by --reports")
    roots = system_roots(map(str, hosts))
    return Asked(adapters, roots, report_files(reports), client_version, platform)


def _require_version(adapters: tuple[Adapter, ...], version: str) -> None:
    if len(adapters) > 1:
        raise require_client("--client-version says something of one client")
    versions = adapters[0].versions
    if versions.order(version) is None:
        raise UsageError(f"{version!r} is no version", expected=f"such as {versions.newest}")


def _persons(asked: Asked, authored: Authored, advance: Advance) -> Iterator[Person | Unread]:
    wanted = Wanted(
        asked.adapters,
        Organisation(authored.policy, ()),
        asked.client_version,
        asked.platform,
        read_toml_1_1,
    )
    yield from read_hosts(asked.hosts, wanted)
    yield from read_reports(asked.reports, advance)


def _taken_away(asked: Asked, shipment: Shipment) -> tuple[KeyTakenAway, ...]:
    """Return the client's keys that the shipped files would take away, by how many hosts."""
    counted: Counter[tuple[str, str]] = Counter()
    lines: dict[tuple[str, str], int | None] = {}
    for root in asked.hosts:
        platform = asked.platform or platform_of(root)
        base = str(Path(root).absolute())
        for taken in find_lost_keys(base, platform, shipment.files, shipment.way):
            counted[taken.path, taken.key] += 1
            lines.setdefault((taken.path, taken.key), taken.line)
    return tuple(
        KeyTakenAway(key=key, path=path, line=lines[path, key], hosts=hosts)
        for (path, key), hosts in sorted(counted.items())
    )


def _example(person: Person, shipment: Shipment, adapter: Adapter) -> Example:
    client = Client(
        adapter.name, adapter.decide, adapter.by_administrators, adapter.deployment().deploy
    )
    machine = person.subject.machine
    result = simulate_one(person.subject, shipment, client)
    return Example(person.source, machine.host_name, machine.host_id, machine.user, result)


@contextmanager
def _lines(path: Path | None) -> Iterator[Callable[[Example], None]]:
    """Give what writes a line for everybody; the file is there once all of it is."""
    if path is None:
        yield lambda _: None
        return
    with reserve(path, PLAIN) as write:
        yield lambda example: write(json_report.line(build_person(example)).encode())


@contextmanager
def _progress(asked: Asked) -> Iterator[Advance]:
    """Give what tells a person at a terminal how many bytes of the reports are done."""
    files = [report for report in asked.reports if report.is_file()]
    total = sum(file.stat().st_size for file in files)
    if total < SHOWS_PROGRESS_FROM or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console  # noqa: PLC0415 - at a terminal only
    from rich.progress import Progress  # noqa: PLC0415

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("reports", total=total)
        yield lambda count: progress.advance(task, count)
