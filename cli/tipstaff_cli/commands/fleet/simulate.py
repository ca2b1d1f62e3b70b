"""``tipstaff fleet simulate``: whom of a fleet a policy would log out, before it is shipped."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated

import typer

from tipstaff_cli.commands.fleet.asking import (
    ASKED_STORE,
    EMBEDDED,
    GONE_AFTER,
    SILENT_AFTER,
    EngineAddress,
    Expect,
    GoneAfter,
    Memory,
    SilentAfter,
    open_asked,
    read_expected,
    read_moments,
)
from tipstaff_cli.commands.policy.drafts import read_authored
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
from tipstaff_cli.shared.options import Format, PolicyKeys
from tipstaff_cli.shared.output import write_out
from tipstaff_fleet.answers.expected import define_expected
from tipstaff_fleet.engines.interface import Engine
from tipstaff_fleet.errors import WorkersError
from tipstaff_fleet.simulation.batches import Simulator, Work
from tipstaff_fleet.simulation.document import Ran, build_document
from tipstaff_fleet.simulation.fleet import (
    LEAST_MB,
    Listener,
    define_people,
    simulate_fleet,
)
from tipstaff_fleet.simulation.on_spark import Workers, simulate_on_workers
from tipstaff_fleet.simulation.tally import FleetTally
from tipstaff_policy.assessment.simulation import Shipment
from tipstaff_policy.assessment.simulation_summary import FailOn, Limit, parse_limit
from tipstaff_policy.clients import load_clients
from tipstaff_policy.clients.learned import learn_here
from tipstaff_policy.system.streams import say
from tipstaff_reports import json_report
from tipstaff_reports.texts.fleet_simulation import render_fleet_simulation
from tipstaff_rollout.storing import PLAIN, reserve
from tipstaff_rollout.taking_away import may_lose
from tipstaff_schemas.comparison import Gate


def simulate(  # noqa: PLR0913 - one argument an option
    policy: PolicyPath,
    *,
    store: ASKED_STORE = None,
    engine: EngineAddress = EMBEDDED,
    expect: Expect = None,
    at: At = None,
    keys: PolicyKeys = None,
    policy_only: PolicyOnly = False,
    at_once: AtOnce = False,
    way: WayOption = "files",
    max_log_outs: Annotated[
        str | None,
        typer.Option(
            metavar="N|P%", help="Exit 1 where more users, or a larger share, lose it or may."
        ),
    ] = None,
    certain: Annotated[
        bool, typer.Option("--certain", help="Count against --max-log-outs only who does.")
    ] = False,
    canary: Annotated[
        int,
        typer.Option(
            metavar="N", min=0, help="List hosts to try it on: one of every class and unit."
        ),
    ] = 0,
    examples: Annotated[
        int, typer.Option(metavar="N", min=0, help="How many to show of each reason.")
    ] = 3,
    every_user: EveryUser = None,
    client: ClientName = None,
    silent_after: SilentAfter = SILENT_AFTER,
    gone_after: GoneAfter = GONE_AFTER,
    memory: Memory = None,
    output: Format = "text",
) -> None:
    """Say whom of a fleet a policy would log out, and why, if it were shipped. Changes nothing.

    Judges the newest report of each user in the store as `policy simulate` judges a report.
    States that are alike are judged once, and a second time to prove that they are.

    Examples: `tipstaff fleet simulate policy.toml --store fleet` ·
    `tipstaff fleet simulate policy.toml --store fleet --expect hosts.csv --canary 20` ·
    `tipstaff fleet simulate policy.toml --store fleet --at 2027-01-10 --max-log-outs 0.5%`

    Exit codes: 0 simulated, 1 more than --max-log-outs, 2 wrong usage, 3 no policy, 4 the store
    cannot be read, 5 there was nothing to simulate.
    """
    limit = None if max_log_outs is None else parse_limit(max_log_outs, "--max-log-outs")
    adapters = load_clients(client)
    learn_here()
    authored = read_authored(policy, keys)
    shipments = make_shipments(
        authored, adapters, read_moment(at), policy_only=policy_only, at_once=at_once, way=way
    )
    tally = FleetTally(examples=examples, canaries=canary)
    numbers = read_moments(None, None, silent_after, gone_after).numbers()
    hosts = read_expected(expect)
    with open_asked(store, engine, memory, least_mb=LEAST_MB) as opened:
        define_expected(opened, hosts, numbers)
        apart = define_people(opened, numbers)
        with _open_listener(every_user, apart.people) as listener:
            work = _judge(opened, shipments, tally, apart.people, listener)
    gate = None if limit is None else _gate(str(max_log_outs), limit, tally, certain=certain)
    ran = Ran(store or engine.partition(":")[0], numbers, apart, work, tally)
    document = build_document(authored.named, tuple(shipments.values()), ran, gate)
    files = [file for shipment in shipments.values() for file in shipment.files]
    start = show_start(authored.policy, files, read_moment(at))
    document = document.model_copy(update={"start": start})
    as_text = output == "text"
    write_out(render_fleet_simulation(document) if as_text else json_report.render(document))
    raise typer.Exit(document.exit_code)


def _gate(at_most: str, limit: Limit, tally: FleetTally, *, certain: bool) -> Gate:
    fail_on: FailOn = "certain" if certain else "log_out"
    counted = tally.count(fail_on)
    exceeded = limit.is_exceeded(counted, tally.simulated)
    return Gate(fail_on=fail_on, at_most=at_most, counted=counted, exceeded=exceeded)


def _judge(
    engine: Engine,
    shipments: Mapping[str, Shipment],
    tally: FleetTally,
    people: int,
    listener: Listener,
) -> Work:
    """Judge everybody: on the workers of a cluster where there are some that can, else here."""
    if isinstance(engine, Workers):
        try:
            return simulate_on_workers(engine, shipments, may_lose, tally, listener)
        except WorkersError as error:
            say(f"{error}\n  meanwhile: this host judges, as with every other engine")
    return simulate_fleet(engine, Simulator(shipments, may_lose), tally, people, listener)


@contextmanager
def _open_listener(every_user: Path | None, people: int) -> Iterator[Listener]:
    """Give what writes a line for everybody, and shows how far it is."""
    with ExitStack() as stack:
        advance = stack.enter_context(_progress(people))
        write = None if every_user is None else stack.enter_context(reserve(every_user, PLAIN))
        yield Listener(write, advance)


@contextmanager
def _progress(people: int) -> Iterator[Callable[[int], None]]:
    """Give what shows a person at a terminal how far it is, and how long it takes."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console  # noqa: PLC0415 - at a terminal only
    from rich.progress import Progress  # noqa: PLC0415

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("users", total=people)
        yield lambda count: bar.advance(task, count)
