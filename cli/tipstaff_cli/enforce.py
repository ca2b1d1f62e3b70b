"""``tipstaff enforce``: on violation log out, verify, exit."""

from datetime import UTC, datetime
from typing import Annotated, Literal

import typer

from tipstaff_cli.circumstances import observe
from tipstaff_cli.output import say_unlogged, write_out
from tipstaff_cli.state_options import judging
from tipstaff_policy.clients.model import Adapter, Request
from tipstaff_policy.enforcement import LOCK_TIMEOUT_S
from tipstaff_policy.installations import enforce_all, record_enforcement
from tipstaff_reports import json_report, text
from tipstaff_schemas.build import build_enforcement

Format = Literal["text", "json"]


@judging
def enforce(
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be removed; remove nothing.")
    ] = False,
    report_format: Annotated[Format, typer.Option("--format", help="How to write it.")] = "text",
    lock_timeout: Annotated[
        float,
        typer.Option(metavar="SECONDS", min=0, help="How long to wait for the client's locks."),
    ] = LOCK_TIMEOUT_S,
    adapter: Adapter,
    request: Request,
) -> None:
    """Log out of every store whose credential violates the policy, and prove it.

    Examples: `tipstaff enforce --dry-run` · `tipstaff enforce --format json`

    Exit codes: 0 complies, 3 invalid policy, 4 not evaluated, 10 logged out and verified,
    11 log-out incomplete (also for a dry run that would log out). 3 and 4 remove nothing.
    """
    started_at = datetime.now(UTC)
    result = enforce_all(adapter, request, dry_run=dry_run, lock_timeout_s=lock_timeout)
    unlogged = "" if dry_run else record_enforcement(request, result, "enforce")
    around = observe(request, started_at, result.state.home)
    if unlogged:
        around = around._replace(action_log=around.action_log._replace(fault=unlogged))
    say_unlogged(unlogged)
    report = build_enforcement(result, around, dry_run=dry_run)
    as_text = report_format == "text"
    write_out(text.render_enforcement(report) if as_text else json_report.render(report))
    raise typer.Exit(result.exit_code)
