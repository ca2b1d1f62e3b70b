"""``tipstaff doctor``: can Tipstaff see, judge and log out here?"""

from importlib import import_module
from pathlib import Path
from typing import Annotated, Literal

import typer

import tipstaff_policy
from tipstaff_cli.output import write_out
from tipstaff_cli.rehearsal import rehearse_log_out
from tipstaff_cli.state_options import judging
from tipstaff_policy.action_chain import verify
from tipstaff_policy.action_log import read_log
from tipstaff_policy.audits import judge_all, worst_of
from tipstaff_policy.clients.model import Adapter, Request
from tipstaff_policy.doctor import Facts, classify, exit_code, overall
from tipstaff_policy.findings import select_checks
from tipstaff_policy.symptoms import ActionLog, Library
from tipstaff_reports import doctor as text
from tipstaff_reports import json_report
from tipstaff_schemas.doctor import DoctorReport
from tipstaff_schemas.report import Tool

LIBRARIES = {
    "jeepney": "the keyring of Linux",
    "pyrage": "the client's encrypted file",
    "jwt": "the signatures of logins",
    "cryptography": "the signatures of waivers and logins",
}


@judging
def doctor(
    *,
    output: Annotated[
        Literal["text", "json"], typer.Option("--format", help="How to write it.")
    ] = "text",
    adapter: Adapter,
    request: Request,
) -> None:
    """Say what Tipstaff can see and do here: good, bad, or cannot tell.

    A log-out is rehearsed with a made-up login in a scratch folder beside the client's.

    Examples: `tipstaff doctor` · `tipstaff doctor --format json` ·
    `tipstaff doctor --system-root /mnt/image`

    Exit codes: 0 all good, 1 something is bad, 4 nothing bad and something cannot be told.
    """
    facts = gather(adapter, request)
    symptoms = classify(facts)
    mark = overall(symptoms)
    state = facts.judged.sight.state
    report = DoctorReport(
        tool=Tool(version=tipstaff_policy.__version__),
        platform=state.platform,
        home=state.home,
        mark=mark,
        symptoms=list(symptoms),
        exit_code=exit_code(mark),
    )
    write_out(text.render(report) if output == "text" else json_report.render(report))
    raise typer.Exit(report.exit_code)


def gather(adapter: Adapter, request: Request) -> Facts:
    """Look at the host: as an audit with all checks does, and by a rehearsal."""
    judged = judge_all(adapter, request, select_checks((), ()))
    worst = worst_of(tuple(each for _, each in judged), "medium")
    return Facts(
        judged,
        worst,
        rehearse_log_out(adapter, request, worst.sight.state.home),
        tuple(Library(name, used, _fault(name)) for name, used in LIBRARIES.items()),
        int(Path(tipstaff_policy.__file__).stat().st_mtime),
        _action_log(request, worst.sight.state.home),
    )


def _action_log(request: Request, home: str) -> ActionLog:
    if request.system_root:
        return ActionLog(None, "an image has none")
    files, fault = read_log(request.env, home)
    return ActionLog(None, fault) if fault else ActionLog(verify(files))


def _fault(name: str) -> str:
    """Return why a library cannot be used; one without its binary part is there and useless."""
    try:
        import_module(name)
    except ImportError as error:
        return f"cannot be imported ({type(error).__name__})"
    return ""
