"""``tipstaff doctor``: can Tipstaff see, judge and log out on this host?"""

import json
import sys
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

import tipstaff_policy
from tipstaff_cli.shared.options import Format, ListGood
from tipstaff_cli.shared.output import write_out
from tipstaff_cli.shared.state_options import add_state_options
from tipstaff_cli.shared.targets import Target
from tipstaff_policy.action_log.chain import verify
from tipstaff_policy.action_log.log import read_log
from tipstaff_policy.action_log.record import Standing
from tipstaff_policy.assessment.audit import judge_all, worst_of
from tipstaff_policy.assessment.findings import select_checks
from tipstaff_policy.assessment.presence import drop_absent_clients
from tipstaff_policy.clients.interface.adapter import Adapter
from tipstaff_policy.doctor.diagnose import Facts, classify, combine, exit_code, overall
from tipstaff_policy.doctor.diagnosis import ActionLog, Library
from tipstaff_policy.doctor.rehearsal import rehearse_log_out
from tipstaff_policy.errors import AccessDeniedError, UsageError
from tipstaff_policy.installation.trials import run_trials
from tipstaff_policy.model.request import Request, this_platform
from tipstaff_reports import json_report
from tipstaff_reports.texts import doctor as text
from tipstaff_schemas.doctor import DoctorReport
from tipstaff_schemas.report import ActionLog as LogEntry
from tipstaff_schemas.report import Tool

LIBRARIES = {
    "jwt": "the signatures of logins",
    "cryptography": "the signatures of waivers and logins",
}


@add_state_options
def doctor(
    *,
    output: Format = "text",
    report: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Earlier JSON report of this user; the action log must continue from it.",
        ),
    ] = None,
    verbose: ListGood = False,
    targets: tuple[Target, ...],
) -> None:
    """Diagnose what Tipstaff can see and do on this host.

    It rehearses a log-out with a made-up login in a temporary folder next to the client's. On a Mac
    it also tries what docs/try-one-first.md lists, on a made-up entry of the keychain; on Windows
    it asks for what docs/try-one-first-windows.md lists.

    Examples: `tipstaff doctor` · `tipstaff doctor --format json` ·
    `tipstaff doctor --system-root /mnt/image` · `tipstaff doctor --report last-week.json`

    Exit codes: 0 all good, 1 something is bad, 4 nothing is bad, but something is unknown.
    """
    anchor = _read_anchor(report)
    facts = [
        gather(target.adapter, target.request, anchor) for target in drop_absent_clients(targets)
    ]
    named = [(one.judged.sight.state.client.name, classify(one)) for one in facts]
    state = facts[0].judged.sight.state
    tried = () if state.system_root else run_trials(this_platform())
    symptoms = (*combine(named), *tried)
    mark = overall(symptoms)
    document = DoctorReport(
        tool=Tool(version=tipstaff_policy.__version__),
        platform=state.platform,
        home=state.home,
        mark=mark,
        symptoms=list(symptoms),
        exit_code=exit_code(mark),
    )
    as_text = output == "text"
    write_out(text.render(document, verbose=verbose) if as_text else json_report.render(document))
    raise typer.Exit(document.exit_code)


def gather(adapter: Adapter, request: Request, anchor: Standing | None) -> Facts:
    """Gather the facts: run an audit with all checks, and rehearse a log-out."""
    judged = judge_all(adapter, request, select_checks((), ()))
    worst = worst_of(tuple(one for _, one in judged), "medium")
    return Facts(
        judged,
        worst,
        rehearse_log_out(adapter, request, worst.sight.state.home),
        tuple(
            Library(name, used, _fault(name))
            for name, used in {**adapter.libraries, **LIBRARIES}.items()
            if name != "jeepney" or sys.platform == "linux"
        ),
        int(Path(tipstaff_policy.__file__).stat().st_mtime),
        _action_log(request, worst.sight.state.home, anchor),
    )


def _action_log(request: Request, home: str, anchor: Standing | None) -> ActionLog:
    if request.system_root:
        return ActionLog(None, "the action log of an image is not read", image=True)
    files, fault = read_log(request.env, home)
    return ActionLog(None, fault) if fault else ActionLog(verify(files, anchor))


def _read_anchor(report: Path | None) -> Standing | None:
    """Return the end of the action log in an earlier report."""
    if report is None:
        return None
    try:
        stated = json.loads(report.read_bytes())["run"]["action_log"]
        stood = LogEntry.model_validate(stated)
    except OSError as error:
        raise AccessDeniedError(f"cannot be read: {error.strerror}", where=str(report)) from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise UsageError(
            f"{report} is not a report", expected="the output of `tipstaff audit --format json`"
        ) from error
    return Standing(stood.head, stood.length)


def _fault(name: str) -> str:
    """Return why a library cannot be used, such as one without its binary part."""
    try:
        import_module(name)
    except ImportError as error:
        return f"cannot be imported ({type(error).__name__})"
    return ""
