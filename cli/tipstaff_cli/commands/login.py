"""``tipstaff login``: the client's own login, under the policy."""

import sys
from typing import Annotated

import typer

from tipstaff_cli.shared.options import Format, LockTimeout
from tipstaff_cli.shared.output import say_unlogged, write_out
from tipstaff_cli.shared.state_options import add_state_options_here
from tipstaff_cli.shared.targets import Target
from tipstaff_policy import __version__
from tipstaff_policy.clients.interface.adapter import Adapter
from tipstaff_policy.enforcement.enforce import LOCK_TIMEOUT_S
from tipstaff_policy.errors import UsageError
from tipstaff_policy.logins.action_entries import record_login
from tipstaff_policy.logins.sign_in.flow import choose_flow, hints, log_in
from tipstaff_policy.logins.sign_in.outcome import LogIn
from tipstaff_policy.model.request import Request
from tipstaff_reports import json_report
from tipstaff_reports.text import clean
from tipstaff_reports.texts import login as text
from tipstaff_schemas.login import LoginReport
from tipstaff_schemas.report import Tool


@add_state_options_here
def login(  # noqa: PLR0913 - one argument an option
    *,
    by: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Way to sign in, such as device; default: browser."),
    ] = None,
    with_api_key: Annotated[
        bool, typer.Option("--with-api-key", help="Sign in with an API key from standard input.")
    ] = False,
    with_access_token: Annotated[
        bool,
        typer.Option(
            "--with-access-token", help="Sign in with an access token from standard input."
        ),
    ] = False,
    device_auth: Annotated[
        bool, typer.Option("--device-auth", help="Sign in with a code on any device.")
    ] = False,
    report_format: Format = "text",
    lock_timeout: LockTimeout = LOCK_TIMEOUT_S,
    targets: tuple[Target, ...],
) -> None:
    """Sign in with the client's own login, if the policy allows it.

    The earlier login stays until the new one is stored, judged and read back. If several clients
    are installed, --client says which one is meant.

    Examples: `tipstaff login` · `tipstaff login --by device` · `tipstaff login --client claude` ·
    `printenv API_KEY | tipstaff login --with-api-key`

    Exit codes: 0 signed in, 1 the policy forbids this login, 2 wrong usage, 3 invalid policy or
    configuration, 4 the sign-in failed, 11 check what is stored, 130 interrupted. After 1, 2, 3, 4
    and 130 the earlier login is unchanged.
    """
    options = {
        "--with-api-key": with_api_key,
        "--with-access-token": with_access_token,
        "--device-auth": device_auth,
    }
    asked = [option for option, given in options.items() if given]
    _require_machine(targets[0].request)
    adapter, request = _choose(targets, by, asked)
    flow = choose_flow(adapter, by, asked)
    for hint in hints(adapter, request, flow):
        sys.stderr.write(clean(f"tipstaff: {hint}") + "\n")
    sys.stderr.flush()
    result = log_in(adapter, request, flow, lock_timeout_s=lock_timeout)
    say_unlogged(record_login(adapter, request, result))
    report = _report(result)
    as_text = report_format == "text"
    write_out(text.render(report) if as_text else json_report.render(report))
    raise typer.Exit(result.exit_code)


def _choose(targets: tuple[Target, ...], by: str | None, options: list[str]) -> Target:
    """Return the client to sign in to: the only one that is installed and has the way asked for.

    Raises:
        UsageError: None is, or several are.
    """
    if len(targets) == 1:
        return targets[0]
    asked = {*options, *([by] if by else ())}
    fitting = [target for target in targets if asked <= _ways(target.adapter)] or list(targets)
    if len(fitting) == 1:
        return fitting[0]
    installed = [
        target
        for target in fitting
        if any(found.path for found in target.adapter.find_installations(target.request))
    ]
    names = [target.adapter.name for target in fitting]
    if not installed:
        raise UsageError(
            f"no program of {' or '.join(names)} was found",
            expected="a client program on the path, or installed for all users",
            remedy="install one, or name it by --program",
        )
    if len(installed) > 1:
        way = f" --by {by}" if by else "".join(f" {option}" for option in options)
        commands = (f"`tipstaff login{way} --client {name}`" for name in names)
        raise UsageError(
            f"{' and '.join(names)} are installed, and a sign-in is to one of them",
            expected=" or ".join(commands),
        )
    return installed[0]


def _ways(adapter: Adapter) -> set[str]:
    """Return the names of a client's ways to sign in, and the options that mean one."""
    flows = adapter.login().flows
    return {*flows, *(flow.option for flow in flows.values() if flow.option)}


def _require_machine(request: Request) -> None:
    if request.system_root is not None:
        raise UsageError("--system-root does not apply to login", remedy="leave it out")
    if request.client_version is not None:
        raise UsageError(
            "--client-version does not apply to login", remedy="leave it out, or name a --program"
        )
    if request.platform != "linux":
        raise UsageError(f"login does not support {request.platform}", expected="linux")


def _report(result: LogIn) -> LoginReport:
    return LoginReport(
        tool=Tool(version=__version__),
        client=result.state.client,
        home=result.state.home,
        flow=result.flow,
        outcome=result.outcome,
        note=result.note,
        remedy=result.remedy,
        earlier=result.earlier,
        warnings=list(result.warnings),
        advice=list(result.advice),
        revocations=list(result.revocations),
        exit_code=result.exit_code,
    )
