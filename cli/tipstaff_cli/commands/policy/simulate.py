"""``tipstaff policy simulate``: whom a policy would log out, before it is shipped."""

import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

import typer

from tipstaff_cli.commands.policy.drafts import Authored, Keys, client_files, read_authored
from tipstaff_cli.shared.collecting import (
    STANDARD_INPUT,
    Advance,
    Person,
    Wanted,
    platform_of,
    read_hosts,
    read_reports,
    report_files,
    system_roots,
)
from tipstaff_cli.shared.options import Format
from tipstaff_cli.shared.output import write_out
from tipstaff_policy.assessment.policy_loading import Organisation
from tipstaff_policy.assessment.simulation import Client, Outcome, Shipment
from tipstaff_policy.assessment.simulation import simulate as simulate_one
from tipstaff_policy.assessment.simulation_summary import Example, Limit, Tally, Unread
from tipstaff_policy.clients import load_client
from tipstaff_policy.clients.codex.versions import version_number
from tipstaff_policy.clients.interface.adapter import Adapter
from tipstaff_policy.clients.interface.deployment import Way
from tipstaff_policy.errors import (
    FINDINGS_EXIT,
    NOTHING_CHECKED_EXIT,
    UNEVALUATED_EXIT,
    UsageError,
)
from tipstaff_policy.model.state import Platform
from tipstaff_policy.organisation.field_types import moment
from tipstaff_reports import json_report
from tipstaff_reports.texts.policy_diff import render_simulation
from tipstaff_rollout.storing import PLAIN, reserve
from tipstaff_rollout.taking_away import find_lost_keys, may_lose
from tipstaff_schemas.build_simulation import build_person, build_simulation
from tipstaff_schemas.comparison import Gate, KeyTakenAway

LIMIT = re.compile(r"([0-9]{1,9})|([0-9]{1,3}(?:\.[0-9]{1,3})?)%")
SHOWS_PROGRESS_FROM = 1 << 20
"""Bytes of reports."""
FailOn = Literal["log_out", "certain", "never"]
COUNTED: dict[str, tuple[Outcome, ...]] = {
    "log_out": ("log_out", "refused", "unknown"),
    "certain": ("log_out", "refused"),
}


class Asked(NamedTuple):
    """Who is to be simulated."""

    hosts: list[Path]
    reports: list[Path]
    client_version: str | None
    platform: Platform | None


def simulate(  # noqa: PLR0913 - one argument an option
    policy: Annotated[Path, typer.Argument(metavar="POLICY", help="A policy, or its folder.")],
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
    at: Annotated[
        str | None, typer.Option(metavar="DATE", help="The moment asked about; default: now.")
    ] = None,
    keys: Keys = None,
    policy_only: Annotated[
        bool,
        typer.Option("--policy-only", help="Tipstaff's document alone; no files of the client."),
    ] = False,
    at_once: Annotated[
        bool,
        typer.Option(
            "--at-once",
            help="Ship the client's own files although the policy begins later or not everywhere.",
        ),
    ] = False,
    way: Annotated[
        Way, typer.Option(help="How macOS gets the client's files: as files, or by a profile.")
    ] = "files",
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
    each: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write every user to this file, one line each."),
    ] = None,
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
    limit = _limit(at_most)
    asked = _asked(Asked(hosts or [], reports or [], client_version, platform))
    adapter = load_client("codex")
    authored = read_authored(policy, keys)
    files = () if policy_only else client_files(authored, adapter, at_once=at_once)
    shipment = Shipment(authored.policy, files, _moment(at), way)
    tally, unseen = Tally(examples, adapter.methods), 0
    with _lines(each) as write, _progress(asked) as advance:
        for person in _persons(asked, authored, adapter, advance):
            if isinstance(person, Unread):
                tally.add_unread(person)
                continue
            example = _example(person, shipment, adapter)
            state = person.subject.states[0]
            unseen += person.from_report and may_lose(state, files, way)
            seen = state.environment == "own"
            tally.add(example, sees_environment=seen)
            write(example)
    document = build_simulation(authored.named, shipment, tally)
    gate = None if fail_on == "never" else _gate(fail_on, at_most, limit, tally)
    document = document.model_copy(
        update={
            "gate": gate,
            "exit_code": _exit_code(tally, gate),
            "takes_away": _taken_away(asked, shipment),
            "keys_not_seen": unseen,
        }
    )
    as_text = output == "text"
    write_out(render_simulation(document) if as_text else json_report.render(document))
    raise typer.Exit(document.exit_code)


def _limit(text: str) -> Limit:
    found = LIMIT.fullmatch(text)
    if found is None or (found[2] and float(found[2]) > 100):
        raise UsageError(f"--at-most {text!r} is no limit", expected="a number, or a share: 2%")
    return Limit(float(found[1] or found[2]), is_share=found[2] is not None)


def _asked(asked: Asked) -> Asked:
    """Return who is to be simulated, each host and each file named.

    Raises:
        UsageError: Nobody is, or something is named that is not there.
    """
    if not asked.hosts and not asked.reports:
        raise UsageError(
            "no hosts or reports given",
            expected="--hosts DIR, --reports FILE, or both",
            remedy="collect reports of some hosts: `tipstaff audit --format json`",
        )
    if asked.client_version is not None and version_number(asked.client_version) is None:
        raise UsageError(f"{asked.client_version!r} is no version", expected="such as 0.169.0")
    for path in (*asked.hosts, *asked.reports):
        if path != STANDARD_INPUT and not path.exists():
            raise UsageError(f"{path} is not there", expected="a host, a report, or a folder")
    for path in asked.hosts:
        if not path.is_dir():
            raise UsageError(f"{path} is no folder", remedy="reports are named by --reports")
    return asked._replace(hosts=system_roots(asked.hosts), reports=report_files(asked.reports))


def _moment(text: str | None) -> int:
    if text is None:
        return int(time.time())
    try:
        found: int = moment().read(text)
    except ValueError as error:
        raise UsageError(f"--at {text!r} is no moment", expected=str(error)) from error
    return found


def _persons(
    asked: Asked, authored: Authored, adapter: Adapter, advance: Advance
) -> Iterator[Person | Unread]:
    organisation = Organisation(authored.policy, ())
    wanted = Wanted(adapter, organisation, asked.client_version, asked.platform)
    yield from read_hosts(asked.hosts, wanted)
    yield from read_reports(asked.reports, advance)


def _taken_away(asked: Asked, shipment: Shipment) -> tuple[KeyTakenAway, ...]:
    """Return the client's keys that the shipped files would take away, by how many hosts."""
    counted: Counter[tuple[str, str]] = Counter()
    lines: dict[tuple[str, str], int | None] = {}
    for root in asked.hosts:
        platform = asked.platform or platform_of(root)
        base = str(root.absolute())
        for each in find_lost_keys(base, platform, shipment.files, shipment.way):
            counted[each.path, each.key] += 1
            lines.setdefault((each.path, each.key), each.line)
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


def _gate(fail_on: Literal["log_out", "certain"], at_most: str, limit: Limit, tally: Tally) -> Gate:
    counted = sum(tally.outcomes[each] for each in COUNTED[fail_on])
    exceeded = limit.is_exceeded(counted, tally.simulated)
    return Gate(fail_on=fail_on, at_most=at_most, counted=counted, exceeded=exceeded)


def _exit_code(tally: Tally, gate: Gate | None) -> int:
    if tally.unread:
        return UNEVALUATED_EXIT
    if not tally.simulated:
        return NOTHING_CHECKED_EXIT
    return FINDINGS_EXIT if gate is not None and gate.exceeded else 0
