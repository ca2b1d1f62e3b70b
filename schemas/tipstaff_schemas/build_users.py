"""From the turns of a root run to its document; what a user's process says is checked first."""

from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from tipstaff_policy import __version__
from tipstaff_policy.all_users.root_run import RootRun
from tipstaff_policy.all_users.run_as_user import WorkerResult
from tipstaff_policy.errors import AUDITED_WORST_FIRST, ENFORCED_WORST_FIRST, UNEVALUATED_EXIT
from tipstaff_schemas.build import Circumstances, time_text
from tipstaff_schemas.enforcement import EnforcementReport
from tipstaff_schemas.report import Host, Report, Tool
from tipstaff_schemas.reports import MergedReports
from tipstaff_schemas.users import (
    Answer,
    AuditedUser,
    AuditOfUsers,
    EnforcedUser,
    EnforcementOfUsers,
)
from tipstaff_schemas.values import json_text


def build_answer(report: Report | EnforcementReport, exit_code: int) -> str:
    """Return what the process of a user answers."""
    text = json_text(report)
    return Answer(exit_code=exit_code, report=text).model_dump_json()


def merge_clients(judged: Sequence[tuple[Report, int]]) -> tuple[MergedReports, int]:
    """Return the audits of several clients of one person as one document, and the exit code."""
    reports = [report for report, _ in judged]
    code = min((code for _, code in judged), key=AUDITED_WORST_FIRST.index)
    return MergedReports(tool=Tool(version=__version__), reports=reports, missing=[]), code


def build_audit_of_users(run: RootRun, around: Circumstances) -> AuditOfUsers:
    """Return the document of an audit of users."""
    exits = AUDITED_WORST_FIRST
    users = [AuditedUser(**_of_turn(turn, Report, exits)) for turn in run.turns]
    return AuditOfUsers(**_of_run(run, around, _worst(run, users, exits)), users=users)


def build_enforcement_of_users(
    run: RootRun, around: Circumstances, *, dry_run: bool
) -> EnforcementOfUsers:
    """Return the document of an enforcement for users."""
    exits = ENFORCED_WORST_FIRST
    users = [EnforcedUser(**_of_turn(turn, EnforcementReport, exits)) for turn in run.turns]
    shared = _of_run(run, around, _worst(run, users, exits))
    return EnforcementOfUsers(**shared, users=users, dry_run=dry_run)


def _worst(
    run: RootRun, users: list[AuditedUser] | list[EnforcedUser], exits: tuple[int, ...]
) -> int:
    """Return the exit code that comes first; what was not seen was not evaluated."""
    codes = [user.exit_code for user in users] + [UNEVALUATED_EXIT] * bool(run.unseen)
    return min(codes, key=exits.index, default=0)


def _of_run(run: RootRun, around: Circumstances, exit_code: int) -> dict[str, Any]:
    return {
        "tool": Tool(version=__version__),
        "host": Host(id=around.host_id, name=around.host_name, os="linux"),
        "started_at": time_text(around.started_at),
        "finished_at": time_text(around.finished_at),
        "unseen": list(run.unseen),
        "exit_code": exit_code,
    }


def _of_turn(
    turn: WorkerResult, model: type[Report] | type[EnforcementReport], exits: tuple[int, ...]
) -> dict[str, Any]:
    name, uid, _, home, _ = turn.user
    about: dict[str, Any] = {
        "user": name,
        "uid": uid,
        "home": home,
        "outcome": turn.outcome,
        "reason": turn.text,
        "exit_code": turn.exit_code,
        "report": None,
    }
    if turn.outcome != "done":
        return about
    read = _read(turn, model, exits)
    if read is None:
        reason = "the process did not answer with a report of this user"
        return {**about, "outcome": "failed", "reason": reason, "exit_code": UNEVALUATED_EXIT}
    report, code = read
    return {**about, "reason": "", "exit_code": code, "report": report}


def _read(
    turn: WorkerResult, model: type[Report] | type[EnforcementReport], exits: tuple[int, ...]
) -> tuple[Report | EnforcementReport, int] | None:
    """Return what a user's process answered; None where it is no report of this user."""
    try:
        answer = Answer.model_validate_json(turn.text)
        report = model.model_validate_json(answer.report)
    except ValidationError:
        return None
    fits = report.run.user == turn.user.name and answer.exit_code in exits
    return (report, answer.exit_code) if fits else None
