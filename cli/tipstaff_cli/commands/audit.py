"""``tipstaff audit``: decision and findings; writes nothing but its report."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal, get_args

import typer

from tipstaff_cli.shared.options import PassphraseFile, ReportJournal, ReportLog
from tipstaff_cli.shared.output import write_report
from tipstaff_cli.shared.report_files import (
    FormatName,
    Frameworks,
    ReportFiles,
    SignKey,
    Verbose,
    parse_frameworks,
    parse_report_files,
    read_report,
    report_files,
    say_left_out,
)
from tipstaff_cli.shared.report_log import keep_report
from tipstaff_cli.shared.run_context import observe
from tipstaff_cli.shared.state_options import add_state_options
from tipstaff_cli.shared.targets import Target
from tipstaff_cli.shared.user_options import Users
from tipstaff_policy.all_users.bounds import SkippedError
from tipstaff_policy.assessment.audit import judge_all, worst_of
from tipstaff_policy.assessment.findings import select_checks
from tipstaff_policy.assessment.presence import drop_absent_clients
from tipstaff_policy.clients.interface.adapter import Adapter
from tipstaff_policy.errors import FINDINGS_EXIT
from tipstaff_policy.model.request import Request
from tipstaff_reports.frameworks import with_frameworks
from tipstaff_reports.model import Document, as_audit
from tipstaff_schemas.build import Judgement, build_report
from tipstaff_schemas.report import Report

Threshold = Literal["low", "medium", "high", "critical", "never"]
THRESHOLDS = get_args(Threshold)


@add_state_options
def audit(  # noqa: PLR0913 - one argument an option
    *,
    report_format: Annotated[
        FormatName, typer.Option("--format", help="Format of the report.")
    ] = "text",
    reports: ReportFiles = None,
    baseline: Annotated[
        Path | None,
        typer.Option(
            metavar="REPORT",
            help="Earlier report; shows since when each finding fails.",
        ),
    ] = None,
    framework: Frameworks = None,
    sign_key: SignKey = None,
    passphrase_file: PassphraseFile = None,
    fail_on: Annotated[
        Threshold,
        typer.Option(metavar="LEVEL", help=f"Exit 1 from this severity: {', '.join(THRESHOLDS)}."),
    ] = "medium",
    select: Annotated[
        list[str] | None,
        typer.Option(metavar="ID", help="Run only these checks or families, such as TIP1."),
    ] = None,
    ignore: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="Skip these checks or families.")
    ] = None,
    verbose: Verbose = False,
    report_log: ReportLog = None,
    report_journal: ReportJournal = False,
    exit_zero: Annotated[bool, typer.Option("--exit-zero", help="Exit 0 instead of 1.")] = False,
    targets: tuple[Target, ...],
    users: Users | None,
) -> None:
    """Report what the client will do on this host, and what is wrong; change nothing.

    Examples: `tipstaff audit` · `tipstaff audit --verbose` ·
    `tipstaff audit --format json --fail-on high` ·
    `tipstaff audit --system-root /mnt/image --select TIP1` · `tipstaff audit --all-users` ·
    `tipstaff audit --report html:audit.html --report sarif:audit.sarif --framework soc2`

    Exit codes: 0 compliant, 1 findings, 3 invalid policy, 4 not evaluated or report not written, 5
    nothing checked.
    """
    started_at = datetime.now(UTC)
    selected = select_checks(_words(select), _words(ignore))
    frameworks = parse_frameworks(framework)
    narrowed = selected if select or ignore else None

    def judge(adapter: Adapter, asked: Request) -> tuple[Report, int]:
        judged = judge_all(adapter, asked, selected)
        worst = worst_of(tuple(one for _, one in judged), fail_on)
        clients = tuple((client, one.decision.verdict) for client, one in judged)
        judgement = Judgement(worst, clients, narrowed, fail_on)
        around = observe(asked, started_at, worst.sight.state.home)
        return build_report(judgement, around), worst.exit_code(fail_on)

    earlier = None if baseline is None else as_audit(read_report(baseline))
    files = parse_report_files(reports)
    forks = users is not None
    with report_files(files, sign_key, passphrase_file, forks=forks, verbose=verbose) as write:
        document, code = _judge_all(targets, users, judge, started_at)
        if earlier is not None:
            from tipstaff_reports.analysis.history import with_baseline  # noqa: PLC0415 - rare

            document = with_baseline(document, earlier)
        document = with_frameworks(document, frameworks)
        write(as_audit(document))
    write_report(report_format, as_audit(document), verbose=verbose)
    keep_report(document, report_log, journal=report_journal)
    say_left_out([report_format, *(file.form for file in files)])
    raise typer.Exit(0 if exit_zero and code == FINDINGS_EXIT else code)


def _judge_all(
    targets: tuple[Target, ...],
    users: Users | None,
    judge: Callable[[Adapter, Request], tuple[Report, int]],
    started_at: datetime,
) -> tuple[Document, int]:
    """Return the report of this user, or of every user of a root run.

    Each client that the host has gets its own report.
    """
    if users is None:
        judged = [
            judge(target.adapter, target.request.read_with(asks=True))
            for target in drop_absent_clients(targets)
        ]
        if len(judged) == 1:
            return judged[0]
        from tipstaff_schemas.build_users import merge_clients  # noqa: PLC0415 - several clients

        return merge_clients(judged)
    return _judge_users(targets, users, judge, started_at)


def _judge_users(
    targets: tuple[Target, ...],
    users: Users,
    judge: Callable[[Adapter, Request], tuple[Report, int]],
    started_at: datetime,
) -> tuple[Document, int]:
    """Return the report of every user that root was asked about, each made by a process of it."""
    from tipstaff_policy.all_users.root_run import run_for_users  # noqa: PLC0415 - runs of root's
    from tipstaff_schemas.build_users import (  # noqa: PLC0415 - as above
        build_answer,
        build_audit_of_users,
    )

    def answer(adapter: Adapter, asked: Request) -> str:
        _require_here(adapter, asked, targets)
        return build_answer(*judge(adapter, asked))

    run = run_for_users(
        targets,
        users.names,
        answer,
        limit_s=users.limit_s,
    )
    document = build_audit_of_users(run, observe(targets[0].request, started_at, None))
    return document, document.exit_code


def _require_here(adapter: Adapter, asked: Request, targets: tuple[Target, ...]) -> None:
    """Skip a client that a user does not have, as the user's own audit does.

    Raises:
        SkippedError: The user has only other clients.
    """
    own = [
        Target(target.adapter, asked._replace(entry_point=target.request.entry_point))
        for target in targets
    ]
    if not any(target.adapter.name == adapter.name for target in drop_absent_clients(own)):
        raise SkippedError(f"nothing of {adapter.name}")


def _words(given: list[str] | None) -> list[str]:
    return [word for words in given or [] for word in words.split(",")]
