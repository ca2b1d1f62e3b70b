"""``tipstaff policy simulate``: who would be logged out by a policy, before it is shipped."""

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

import typer

from tipstaff_cli.commands.policy.drafts import Authored, read_authored
from tipstaff_cli.commands.policy.shipping import (
    At,
    AtOnce,
    ClientName,
    EveryUser,
    PolicyOnly,
    PolicyPath,
    WayOption,
    make_shipments,
    read_moment,
    show_start,
)
from tipstaff_cli.shared.collecting import STANDARD_INPUT, Advance, read_reports, report_files
from tipstaff_cli.shared.options import Format, PolicyKeys
from tipstaff_cli.shared.output import write_out
from tipstaff_cli.shared.state_options import read_toml_1_1
from tipstaff_policy.assessment.policy_loading import Organisation
from tipstaff_policy.assessment.simulation import Shipment, client_of
from tipstaff_policy.assessment.simulation import simulate as simulate_one
from tipstaff_policy.assessment.simulation_subjects import (
    Person,
    Wanted,
    list_system_roots,
    platform_of,
    read_hosts,
)
from tipstaff_policy.assessment.simulation_summary import (
    Example,
    Limit,
    SimulationSummary,
    Unread,
    parse_limit,
)
from tipstaff_policy.assessment.simulation_summary import FailOn as FailOnOutcome
from tipstaff_policy.clients import load_clients, require_client
from tipstaff_policy.clients.interface.adapter import Adapter
from tipstaff_policy.clients.learned import learn_here
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
    """The hosts and reports to simulate."""

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
        typer.Option(metavar="DIR", help="Image of a host, or a folder of images (repeatable)."),
    ] = None,
    reports: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE|DIR",
            help="JSON reports of `audit`, one per file or line; - is standard input.",
        ),
    ] = None,
    at: At = None,
    keys: PolicyKeys = None,
    policy_only: PolicyOnly = False,
    at_once: AtOnce = False,
    way: WayOption = "files",
    fail_on: Annotated[
        FailOn,
        typer.Option(
            metavar="WHEN",
            help="Exit 1 if more than --at-most users lose their login: log_out counts "
            "uncertain ones too, certain does not, never exits 0.",
        ),
    ] = "never",
    at_most: Annotated[
        str, typer.Option(metavar="N|P%", help="Allowed number or share of users for --fail-on.")
    ] = "0",
    examples: Annotated[
        int, typer.Option(metavar="N", min=0, help="Number of examples for each outcome.")
    ] = 5,
    every_user: EveryUser = None,
    client: ClientName = None,
    client_version: Annotated[
        str | None,
        typer.Option(metavar="V", help="Client version of the hosts; default: installed."),
    ] = None,
    platform: Annotated[
        Platform | None, typer.Option(help="Platform of the hosts; default: detected.")
    ] = None,
    output: Format = "text",
) -> None:
    """Report who would be logged out, and why, if a policy were shipped; change nothing.

    It evaluates what Tipstaff will do on each host under the policy at that moment, and what the
    client itself will do with the client files that are rendered from the policy.

    Examples: `tipstaff policy simulate policy.toml --reports collected/` ·
    `tipstaff policy simulate policy.toml --hosts images/ --at 2027-01-10` ·
    `tipstaff policy simulate policy.toml --reports fleet.ndjson --fail-on log_out --at-most 2%`

    It lists, with file and line, each key that a shipped file would remove from a file on --hosts.

    Exit codes: 0 simulated, 1 more than --at-most, 2 wrong usage, 3 invalid policy, 4 a host or
    report could not be read (listed last), 5 nothing to simulate.
    """
    limit = parse_limit(at_most)
    adapters = load_clients(client)
    asked = _collect_subjects(adapters, hosts or [], reports or [], client_version, platform)
    authored = read_authored(policy, keys)
    shipments = make_shipments(
        authored, adapters, read_moment(at), policy_only=policy_only, at_once=at_once, way=way
    )
    summary = SimulationSummary(examples)
    with _lines(every_user) as write, _progress(asked) as advance:
        persons = _persons(asked, authored, advance)
        unseen = _count_all(persons, asked.adapters, shipments, summary, write)
    files = tuple(file for shipment in shipments.values() for file in shipment.files)
    whole = shipments[adapters[0].name]._replace(files=files)
    document = build_simulation(authored.named, whole, summary)
    gate = None if fail_on == "never" else _gate(fail_on, at_most, limit, summary)
    document = document.model_copy(
        update={
            "gate": gate,
            "exit_code": summary.exit_code(exceeded=gate is not None and gate.exceeded),
            "start": show_start(authored.policy, files, whole.at),
            "takes_away": _find_taken_away(asked, whole),
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
    summary: SimulationSummary,
    write: Callable[[Example], None],
) -> int:
    """Simulate every user; return the number of reports that do not show every key."""
    unseen = 0
    for person in persons:
        if isinstance(person, Unread):
            summary.add_unread(person)
            continue
        state = person.subject.states[0]
        adapter = next((known for known in adapters if known.name == state.client.name), None)
        if adapter is None:
            why = f"is of {state.client.name}; simulated is {', '.join(shipments)}"
            summary.add_unread(Unread(person.source, why))
            continue
        shipment = shipments[adapter.name]
        example = _example(person, shipment, adapter)
        method = adapter.method(example.result.method)
        unseen += person.from_report and may_lose(state, shipment.files, shipment.way)
        summary.add(
            example,
            sees_environment=state.environment == "own",
            has_workspace=method is not None and method.has_workspace,
        )
        write(example)
    return unseen


def _gate(fail_on: FailOnOutcome, at_most: str, limit: Limit, summary: SimulationSummary) -> Gate:
    counted = summary.count(fail_on)
    exceeded = limit.is_exceeded(counted, summary.simulated)
    return Gate(fail_on=fail_on, at_most=at_most, counted=counted, exceeded=exceeded)


def _collect_subjects(
    adapters: tuple[Adapter, ...],
    hosts: list[Path],
    reports: list[Path],
    client_version: str | None,
    platform: Platform | None,
) -> Asked:
    """Return what to simulate: each host and each file.

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
            raise UsageError(f"{path} does not exist", expected="a host, a report, or a folder")
    for path in hosts:
        if not path.is_dir():
            raise UsageError(f"{path} is not a folder", remedy="use --reports for reports")
    roots = list_system_roots(map(str, hosts))
    return Asked(adapters, roots, report_files(reports), client_version, platform)


def _require_version(adapters: tuple[Adapter, ...], version: str) -> None:
    if len(adapters) > 1:
        raise require_client("--client-version applies to one client")
    versions = adapters[0].versions
    if versions.order(version) is None:
        raise UsageError(f"{version!r} is not a version", expected=f"such as {versions.newest}")


def _persons(asked: Asked, authored: Authored, advance: Advance) -> Iterator[Person | Unread]:
    wanted = Wanted(
        asked.adapters,
        Organisation(authored.policy, ()),
        asked.client_version,
        asked.platform,
        read_toml_1_1,
    )
    yield from read_hosts(asked.hosts, wanted)
    learn_here()  # what a report was judged by stays on its host; this machine judges it again
    yield from read_reports(asked.reports, advance)


def _find_taken_away(asked: Asked, shipment: Shipment) -> tuple[KeyTakenAway, ...]:
    """Return the client's keys that the shipped files would remove, with the number of hosts."""
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
    client = client_of(adapter)
    machine = person.subject.machine
    result = simulate_one(person.subject, shipment, client)
    return Example(person.source, machine.host_name, machine.host_id, machine.user, result)


@contextmanager
def _lines(path: Path | None) -> Iterator[Callable[[Example], None]]:
    """Yield a function that writes a line for each user; the file appears when it is complete."""
    if path is None:
        yield lambda _: None
        return
    with reserve(path, PLAIN) as write:
        yield lambda example: write(json_report.line(build_person(example)).encode())


@contextmanager
def _progress(asked: Asked) -> Iterator[Advance]:
    """Yield a function that shows on a terminal how many bytes of the reports are done."""
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
