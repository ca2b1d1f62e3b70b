"""``tipstaff enforce``: on violation log out, verify, exit."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from tipstaff_cli.shared.options import Format, LockTimeout, Revoke, RevokeTimeout, WouldRemove
from tipstaff_cli.shared.output import say_unlogged, write_outcome
from tipstaff_cli.shared.run_context import observe
from tipstaff_cli.shared.state_options import judging
from tipstaff_cli.shared.user_options import Users
from tipstaff_policy.all_users.root_run import run_for_users
from tipstaff_policy.clients.interface.adapter import Adapter
from tipstaff_policy.enforcement.action_entries import record_enforcement
from tipstaff_policy.enforcement.all_clients import enforce_all
from tipstaff_policy.enforcement.enforce import LOCK_TIMEOUT_S, Enforcement
from tipstaff_policy.errors import INCOMPLETE_EXIT, LOGGED_OUT_EXIT, UsageError
from tipstaff_policy.launch import starts_all_the_same, tell
from tipstaff_policy.logins.revocation import TIME_LIMIT_S, Revoker
from tipstaff_policy.model.request import Request
from tipstaff_reports import json_report, text
from tipstaff_reports.texts.users import render as as_of_users
from tipstaff_schemas.build import build_enforcement
from tipstaff_schemas.build_users import build_answer, build_enforcement_of_users
from tipstaff_schemas.report import EnforcementReport


@judging
def enforce(  # noqa: PLR0913 - one argument an option
    *,
    dry_run: WouldRemove = False,
    report_format: Format = "text",
    lock_timeout: LockTimeout = LOCK_TIMEOUT_S,
    revoke: Revoke = False,
    revoke_timeout: RevokeTimeout = TIME_LIMIT_S,
    in_front: Annotated[bool, typer.Option("--in-front", hidden=True)] = False,
    command: Annotated[list[str] | None, typer.Argument(hidden=True)] = None,
    adapter: Adapter,
    request: Request,
    users: Users | None,
) -> None:
    """Log out of every store whose credential violates the policy, and prove it.

    For users, root runs it with each one's own rights; rules of the users' own remove nothing,
    and the exit code is the worst of all: 70, 11, 4, 3, 10, 1, 0.

    Examples: `tipstaff enforce --dry-run` · `tipstaff enforce --format json` ·
    `tipstaff enforce --revoke` · `tipstaff enforce --all-users`

    Exit codes: 0 complies, 1 violates a policy that only warns so far, 2 wrong usage, 3 invalid
    policy, 4 not evaluated, 10 logged out and verified, 11 log-out incomplete. 1, 3 and 4 remove
    nothing. A dry run that would log out ends with 11, because the login is still there.
    What the issuer answers changes none of them.
    """
    started_at = datetime.now(UTC)
    request = _asking(request._replace(asks=users is None), command, in_front=in_front)

    def judge(asked: Request) -> EnforcementReport:
        revoker = Revoker(adapter, asked) if revoke else None
        result = enforce_all(
            adapter,
            asked,
            dry_run=dry_run,
            lock_timeout_s=lock_timeout,
            before_removal=revoker.take if revoker else None,
        )
        if in_front:
            raise typer.Exit(_answer_guard(adapter, asked, tuple(command or ()), result))
        unlogged = "" if dry_run else record_enforcement(asked, result, "enforce")
        revocations = revoker.finish(result, time_limit_s=revoke_timeout) if revoker else ()
        around = observe(asked, started_at, result.state.home)
        if unlogged:
            around = around._replace(action_log=around.action_log._replace(fault=unlogged))
        say_unlogged(unlogged)
        return build_enforcement(result, around, revocations=revocations, dry_run=dry_run)

    if users is not None:
        asked = request._replace(personal_rules=False, lean=True)
        run = run_for_users(
            adapter, asked, users.names, lambda each: _answer(judge(each)), limit_s=users.limit_s
        )
        around = observe(request, started_at, None)
        document = build_enforcement_of_users(run, around, dry_run=dry_run)
        write_outcome(
            as_of_users(document) if report_format == "text" else json_report.render(document),
            acted=any(_has_acted(user.exit_code) for user in document.users),
        )
        raise typer.Exit(document.exit_code)
    report = judge(request)
    as_text = report_format == "text"
    write_outcome(
        text.render_enforcement(report) if as_text else json_report.render(report),
        acted=_has_acted(report.exit_code),
    )
    raise typer.Exit(report.exit_code)


def _asking(request: Request, command: list[str] | None, *, in_front: bool) -> Request:
    """Return the request of a person, or of the guard in front of a command.

    The guard reads nothing of the user's but the credentials.
    """
    if in_front:
        return request._replace(lean=True, detail="lines")
    if command:
        raise UsageError(
            f"`tipstaff enforce` starts no command, such as {command[0]!r}",
            expected="options alone",
            remedy="put `tipstaff exec --` in front of the command",
        )
    return request


def _answer_guard(
    adapter: Adapter, asked: Request, command: tuple[str, ...], result: Enforcement
) -> int:
    """Return the exit code, and explain it as the guard does: nothing of a host that complies."""
    if not result.exit_code:
        return 0
    if command and starts_all_the_same(adapter, asked, command, result):
        return 0
    return tell(asked, result, "guard")


def _has_acted(exit_code: int) -> bool:
    return exit_code in (LOGGED_OUT_EXIT, INCOMPLETE_EXIT)


def _answer(report: EnforcementReport) -> str:
    return build_answer(report, report.exit_code)
