"""``tipstaff logout``: log out of every store, at the user's request."""

from typing import Annotated

import typer

import tipstaff_policy
from tipstaff_cli.shared.options import Format, Revoke, RevokeTimeout, WouldRemove
from tipstaff_cli.shared.output import say_unlogged, write_outcome
from tipstaff_cli.shared.revoking import Revoking
from tipstaff_cli.shared.state_options import call_for_each_client
from tipstaff_policy.clients.interface.adapter import Adapter
from tipstaff_policy.enforcement.enforce import LOCK_TIMEOUT_S
from tipstaff_policy.logins.action_entries import record_departure
from tipstaff_policy.logins.logout import log_out
from tipstaff_policy.logins.revocation import TIME_LIMIT_S
from tipstaff_policy.model.request import Request
from tipstaff_reports import json_report
from tipstaff_reports.texts import credentials as text
from tipstaff_schemas.credentials import LogOutReport
from tipstaff_schemas.report import Tool


@call_for_each_client
def logout(  # noqa: PLR0913 - one argument an option
    *,
    dry_run: WouldRemove = False,
    output: Format = "text",
    lock_timeout: Annotated[
        float,
        typer.Option(
            metavar="SECONDS", min=0, help="Time limit for the client's locks; then it goes on."
        ),
    ] = LOCK_TIMEOUT_S,
    revoke: Revoke = False,
    revoke_timeout: RevokeTimeout = TIME_LIMIT_S,
    adapter: Adapter,
    request: Request,
) -> None:
    """Log out of every store, even if the client refuses, and verify the log-out.

    It needs no valid configuration. It reports a lock that is not released in time, and goes on.

    Examples: `tipstaff logout` · `tipstaff logout --dry-run` · `tipstaff logout --revoke`

    Exit codes: 0 no store contains a login any more, 4 a store could not be read and nothing was
    removed, 11 a login is left (also for a dry run that would remove one).
    The issuer's answer does not change the exit code.
    """
    revoking = Revoking(adapter, request) if revoke else None
    result = log_out(
        adapter,
        request,
        dry_run=dry_run,
        lock_timeout_s=lock_timeout,
        before_removal=revoking.take if revoking else None,
    )
    say_unlogged("" if dry_run else record_departure(adapter, request, result))
    revocations = revoking.finish(dry_run=dry_run, time_limit_s=revoke_timeout) if revoking else []
    report = LogOutReport(
        tool=Tool(version=tipstaff_policy.__version__),
        home=result.home,
        steps=list(result.steps),
        revocations=revocations,
        note=result.note,
        dry_run=dry_run,
        exit_code=result.exit_code,
    )
    write_outcome(
        text.render_log_out(report, adapter.name)
        if output == "text"
        else json_report.render(report),
        acted=not dry_run and bool(result.steps),
    )
    raise typer.Exit(result.exit_code)
