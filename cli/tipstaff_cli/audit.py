"""``tipstaff audit``: decision and findings; writes nothing but its report."""

from datetime import UTC, datetime
from typing import Annotated, Literal

import typer

from tipstaff_cli.circumstances import observe
from tipstaff_cli.output import write_out
from tipstaff_cli.state_options import judging
from tipstaff_policy.checks.model import Host
from tipstaff_policy.clients.model import Adapter, Request
from tipstaff_policy.findings import FINDINGS_EXIT, audit_exit, evaluate_checks, select_checks
from tipstaff_policy.organisation.reading import searching
from tipstaff_policy.sight import look
from tipstaff_reports import FORMATS
from tipstaff_schemas.build import Judgement, build_report

Format = Literal["text", "json"]
"""The keys of `tipstaff_reports.FORMATS`; a test holds the two together."""
Threshold = Literal["low", "medium", "high", "critical", "never"]


@judging
def audit(  # noqa: PLR0913 - one argument an option
    *,
    report_format: Annotated[Format, typer.Option("--format", help="How to write it.")] = "text",
    fail_on: Annotated[
        Threshold, typer.Option(help="The least severity that makes the exit code 1.")
    ] = "medium",
    select: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="Only these checks, or families: TIP1.")
    ] = None,
    ignore: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="Not these checks or families.")
    ] = None,
    exit_zero: Annotated[bool, typer.Option("--exit-zero", help="Exit 0 in place of 1.")] = False,
    adapter: Adapter,
    request: Request,
) -> None:
    """Say what the client will do here, and what is wrong. Changes nothing.

    Examples: `tipstaff audit` · `tipstaff audit --format json --fail-on high` ·
    `tipstaff audit --system-root /mnt/image --select TIP1`

    Exit codes: 0 compliant, 1 findings, 3 invalid policy, 4 not evaluated, 5 nothing checked.
    """
    started_at = datetime.now(UTC)
    selected = select_checks(_words(select), _words(ignore))
    sight = look(adapter, request)
    decision = adapter.decide(sight.state)
    surroundings = adapter.observe(searching(request, sight.organisation), sight.state)
    host = Host(sight.state, decision, sight.orders, surroundings)
    findings = evaluate_checks(host, selected, sight.faults)
    narrowed = selected if select or ignore else None
    judgement = Judgement(sight, surroundings, decision, findings, narrowed, fail_on)
    report = build_report(judgement, observe(request, started_at))
    write_out(FORMATS[report_format](report))
    code = audit_exit(decision, findings, fail_on, valid_policy=not sight.faults)
    raise typer.Exit(0 if exit_zero and code == FINDINGS_EXIT else code)


def _words(given: list[str] | None) -> list[str]:
    return [word for each in given or [] for word in each.split(",")]
