"""``tipstaff enforce``: on violation log out, verify, exit."""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, NamedTuple

import typer

from tipstaff_cli.shared.options import (
    Format,
    LockTimeout,
    ReportJournal,
    ReportLog,
    Revoke,
    RevokeTimeout,
    WouldRemove,
)
from tipstaff_cli.shared.output import say_unlogged, write_outcome
from tipstaff_cli.shared.report_log import try_to_keep_report
from tipstaff_cli.shared.run_context import observe
from tipstaff_cli.shared.state_options import add_state_options
from tipstaff_cli.shared.targets import Target
from tipstaff_cli.shared.user_options import Users
from tipstaff_policy.all_users.root_run import run_for_users
from tipstaff_policy.clients.interface.adapter import Adapter
from tipstaff_policy.enforcement.action_entries import record_enforcement
from tipstaff_policy.enforcement.all_clients import combine_clients, enforce_all
from tipstaff_policy.enforcement.enforce import LOCK_TIMEOUT_S, Enforcement
from tipstaff_policy.errors import (
    LOG_OUT_EXITS,
    TipstaffError,
    UsageError,
    worst_exit,
)
from tipstaff_policy.launch import judge_each, report_result, starts_all_the_same
from tipstaff_policy.logins.revocation import TIME_LIMIT_S, Revocation, Revoker
from tipstaff_policy.model.request import Request
from tipstaff_policy.system.streams import say
from tipstaff_reports import json_report, text
from tipstaff_reports.texts.users import render as as_of_users
from tipstaff_schemas.build_enforcement import build_enforcement
from tipstaff_schemas.build_users import build_answer, build_enforcement_of_users
from tipstaff_schemas.enforcement import EnforcementReport


class Wanted(NamedTuple):
    """The options of an enforcement."""

    dry_run: bool
    lock_timeout: float
    revoke: bool
    revoke_timeout: float
    started_at: datetime


class Done(NamedTuple):
    """What was enforced for one client."""

    adapter: Adapter
    request: Request
    result: Enforcement
    unlogged: str
    """Why it is not in the action log; empty if it is."""
    revocations: tuple[Revocation, ...]


@add_state_options
def enforce(  # noqa: PLR0913 - one argument an option
    *,
    dry_run: WouldRemove = False,
    report_format: Format = "text",
    lock_timeout: LockTimeout = LOCK_TIMEOUT_S,
    revoke: Revoke = False,
    revoke_timeout: RevokeTimeout = TIME_LIMIT_S,
    report_log: ReportLog = None,
    report_journal: ReportJournal = False,
    in_front: Annotated[bool, typer.Option("--in-front", hidden=True)] = False,
    command: Annotated[list[str] | None, typer.Argument(hidden=True)] = None,
    targets: tuple[Target, ...],
    users: Users | None,
) -> None:
    """Log out of every store whose credential violates the policy, and verify the log-out.

    With --user or --all-users, root runs it with the rights of each user. Users' own settings
    remove nothing then, and the exit code is the worst of all: 70, 11, 4, 3, 10, 1, 0.

    Examples: `tipstaff enforce --dry-run` · `tipstaff enforce --format json` ·
    `tipstaff enforce --revoke` · `tipstaff enforce --all-users`

    Exit codes: 0 complies, 1 violates a policy that only warns so far, 2 wrong usage, 3 invalid
    policy, 4 not evaluated, 10 logged out and verified, 11 log-out incomplete. 1, 3 and 4 remove
    nothing. A dry run that would log out ends with 11, because the login is still there.
    The issuer's answer does not change the exit code.
    """
    started_at = datetime.now(UTC)
    asking = [
        (adapter, _make_request(request.read_with(asks=users is None), command, in_front=in_front))
        for adapter, request in targets
    ]
    if in_front:
        words = tuple(command or ())

        def answer(adapter: Adapter, asked: Request) -> int:
            return _answer_guard(adapter, asked, words, lock_timeout)

        raise typer.Exit(judge_each(asking, answer))
    wanted = Wanted(dry_run, lock_timeout, revoke, revoke_timeout, started_at)

    if users is not None and sys.platform == "win32":
        from tipstaff_cli.shared.windows_sessions import (  # noqa: PLC0415 - there only
            enforce_in_sessions,
        )

        raise typer.Exit(enforce_in_sessions(users, dry_run=dry_run))
    if users is not None:
        run = run_for_users(
            [
                (adapter, asked.read_with(personal_rules=False, lean=True))
                for adapter, asked in asking
            ],
            users.names,
            lambda adapter, asked: _answer(_report([_carry_out(adapter, asked, wanted)], wanted)),
            limit_s=users.limit_s,
        )
        around = observe(asking[0][1], started_at, None)
        document = build_enforcement_of_users(run, around, dry_run=dry_run)
        write_outcome(
            as_of_users(document) if report_format == "text" else json_report.render(document),
            acted=any(_has_acted(user.exit_code) for user in document.users),
        )
        try_to_keep_report(document, report_log, journal=report_journal)
        raise typer.Exit(document.exit_code)
    done, failures = _carry_out_all(asking, wanted)
    report = _report(done, wanted)
    as_text = report_format == "text"
    write_outcome(
        text.render_enforcement(report) if as_text else json_report.render(report),
        acted=_has_acted(report.exit_code),
    )
    try_to_keep_report(report, report_log, journal=report_journal)
    for failure in failures:
        say(str(failure))
    raise typer.Exit(worst_exit([report.exit_code, *(failure.exit_code for failure in failures)]))


def _carry_out_all(
    asking: Sequence[tuple[Adapter, Request]], wanted: Wanted
) -> tuple[list[Done], list[TipstaffError]]:
    """Enforce for every client; a failure for one does not stop the others.

    Raises:
        TipstaffError: Enforcement failed for all clients.
    """
    done, failures = [], []
    for adapter, asked in asking:
        try:
            done.append(_carry_out(adapter, asked, wanted))
        except TipstaffError as error:
            failures.append(error)
        except Exception as error:
            if len(asking) == 1:
                raise
            what = f"internal error of {adapter.name} ({type(error).__name__})"
            failures.append(TipstaffError(what))
    if not done:
        raise failures[0]
    return done, failures


def _carry_out(adapter: Adapter, asked: Request, wanted: Wanted) -> Done:
    """Enforce for one client, and record it."""
    revoker = Revoker(adapter, asked) if wanted.revoke else None
    result = enforce_all(
        adapter,
        asked,
        dry_run=wanted.dry_run,
        lock_timeout_s=wanted.lock_timeout,
        before_removal=revoker.take if revoker else None,
    )
    unlogged = "" if wanted.dry_run else record_enforcement(asked, result, "enforce")
    limit = wanted.revoke_timeout
    revocations = revoker.finish(result, time_limit_s=limit) if revoker else ()
    say_unlogged(unlogged)
    return Done(adapter, asked, result, unlogged, revocations)


def _report(done: Sequence[Done], wanted: Wanted) -> EnforcementReport:
    """Return one report for all clients."""
    result = combine_clients([(one.adapter, one.result) for one in done])
    around = observe(done[0].request, wanted.started_at, result.state.home)
    unlogged = next((one.unlogged for one in done if one.unlogged), "")
    if unlogged:
        around = around._replace(action_log=around.action_log._replace(fault=unlogged))
    revocations = tuple(revocation for one in done for revocation in one.revocations)
    return build_enforcement(result, around, revocations=revocations, dry_run=wanted.dry_run)


def _make_request(request: Request, command: list[str] | None, *, in_front: bool) -> Request:
    """Return the request of a user, or of the guard in front of a command.

    The guard reads only the credentials of the user.
    """
    if in_front:
        return request.read_with(lean=True, detail="lines")
    if command:
        raise UsageError(
            f"`tipstaff enforce` starts no command, such as {command[0]!r}",
            expected="only options",
            remedy="put `tipstaff exec --` in front of the command",
        )
    return request


def _answer_guard(
    adapter: Adapter, asked: Request, command: tuple[str, ...], lock_timeout: float
) -> int:
    """Enforce for the guard and explain the result; a start that complies prints nothing."""
    result = enforce_all(adapter, asked, lock_timeout_s=lock_timeout)
    if not result.exit_code:
        return 0
    if command and starts_all_the_same(adapter, asked, command, result):
        return 0
    return report_result(asked, result, "guard")


def _has_acted(exit_code: int) -> bool:
    return exit_code in LOG_OUT_EXITS


def _answer(report: EnforcementReport) -> str:
    return build_answer(report, report.exit_code)
