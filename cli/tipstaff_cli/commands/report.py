"""``tipstaff report``: saved reports converted, merged, compared, and held to a signature."""

import hashlib
import sys
from pathlib import Path
from typing import Annotated

import typer

from tipstaff_cli.shared.collecting import REPORT_SUFFIXES, files_below
from tipstaff_cli.shared.collecting import report_files as files_in
from tipstaff_cli.shared.options import Format
from tipstaff_cli.shared.output import write_out, write_report
from tipstaff_cli.shared.report_files import (
    LARGEST,
    FormatName,
    Frameworks,
    PassphraseFile,
    ReportFiles,
    SignKey,
    Verbose,
    parse_frameworks,
    parse_report_files,
    read_report,
    report_files,
    say_left_out,
)
from tipstaff_policy import __version__
from tipstaff_policy.errors import (
    INTEGRITY_EXIT,
    BadSignatureError,
    EvaluationError,
    UsageError,
)
from tipstaff_reports import json_report
from tipstaff_reports.analysis.compare import compare
from tipstaff_reports.analysis.contradictions import contradictions
from tipstaff_reports.analysis.merge import merge as merged
from tipstaff_reports.frameworks import with_frameworks
from tipstaff_reports.model import Document, as_audit
from tipstaff_reports.text import as_text
from tipstaff_reports.texts import report_diff
from tipstaff_rollout.storing import SIGNATURE, content_of
from tipstaff_schemas.report import Tool
from tipstaff_schemas.report_verified import ReportVerified
from tipstaff_schemas.saved import BadReportError, ForeignReportError, is_other_format, read_saved

app = typer.Typer(no_args_is_help=True, help="Saved reports: convert, merge, diff, verify.")
Saved = Annotated[
    Path, typer.Argument(metavar="REPORT", help="What `audit` wrote as JSON or ndjson; - reads.")
]
To = Annotated[
    FormatName | None, typer.Option("--to", help="Write it to standard output in this format.")
]


@app.command()
def convert(  # noqa: PLR0913 - one argument an option
    report: Saved,
    *,
    to: To = None,
    reports: ReportFiles = None,
    framework: Frameworks = None,
    sign_key: SignKey = None,
    passphrase_file: PassphraseFile = None,
    verbose: Verbose = False,
) -> None:
    """Write a saved report in another format: the same bytes as the audit itself would write.

    Examples: `tipstaff report convert audit.json --to html >audit.html` ·
    `tipstaff report convert audit.json --report sarif:a.sarif --report csv:a.csv`

    Exit codes: 0 written, 2 wrong arguments, 4 no report, or a file cannot be read or written.
    """
    wanted, frameworks = _wanted(to, reports), parse_frameworks(framework)
    files = parse_report_files(reports)
    with report_files(files, sign_key, passphrase_file, verbose=verbose) as write:
        document = _grouped(read_report(report), frameworks)
        write(as_audit(document))
    if wanted:
        write_report(wanted, as_audit(document), verbose=verbose)
    say_left_out([*([wanted] if wanted else []), *(file.form for file in files)])


@app.command("merge")
def merge_reports(  # noqa: PLR0913 - one argument an option
    found: Annotated[
        list[Path],
        typer.Argument(metavar="REPORT", help="Files, or folders with files of reports; - reads."),
    ],
    *,
    to: To = None,
    reports: ReportFiles = None,
    framework: Frameworks = None,
    sign_key: SignKey = None,
    passphrase_file: PassphraseFile = None,
    verbose: Verbose = False,
) -> None:
    """Make one report of many: of several hosts, users or moments; each run counts once.

    Examples: `tipstaff report merge reports/ --to html >all.html` ·
    `tipstaff report merge a.json b.json --report json:all.json`

    Exit codes: 0 written, 2 wrong arguments, 4 one of them is no report, or cannot be read: then
    nothing is written, and each of them is named.
    """
    wanted, frameworks = _wanted(to, reports), parse_frameworks(framework)
    files = parse_report_files(reports)
    with report_files(files, sign_key, passphrase_file, verbose=verbose) as write:
        files_of_reports = files_in(found)
        _say_skipped(found, files_of_reports)
        together = merged(as_audit(each) for each in _read_all(files_of_reports))
        document = _grouped(together, frameworks)
        write(as_audit(document))
    if wanted:
        write_report(wanted, as_audit(document), verbose=verbose)
    say_left_out([*([wanted] if wanted else []), *(file.form for file in files)])


@app.command()
def diff(
    before: Annotated[Path, typer.Argument(metavar="OLD", help="An earlier report.")],
    after: Annotated[Path, typer.Argument(metavar="NEW", help="A later one.")],
    *,
    output: Format = "text",
) -> None:
    """Say what broke, what was fixed and what is new between two reports, since when, and why.

    Reports of many hosts are compared host by host. A changed policy, client or Tipstaff is told
    apart from a changed host.

    Examples: `tipstaff report diff monday.json friday.json` ·
    `tipstaff report diff old.ndjson new.ndjson --format json`

    Exit codes: 0 nothing got worse, 1 something broke, is new, or its waiver ended, 4 something is
    not judged any more or is no report, 5 the reports have no host in common.
    """
    document = compare(
        as_audit(read_report(before)), as_audit(read_report(after)), names=(str(before), str(after))
    )
    write_out(report_diff.render(document) if output == "text" else json_report.render(document))
    raise typer.Exit(document.exit_code)


@app.command()
def verify(
    report: Annotated[Path, typer.Argument(metavar="REPORT", help="In any format.")],
    *,
    trusted_key: Annotated[
        list[Path],
        typer.Option(metavar="FILE", help="OpenSSH public keys; one of them has signed."),
    ],
    output: Format = "text",
) -> None:
    """Prove that a report is as it was signed: by the signature beside it, REPORT.sig.

    A JSON report is also held against itself: what follows from its other parts is worked out
    again. Whether the host's action log still holds what the report saw, `tipstaff doctor --report`
    tells on that host.

    Examples: `tipstaff report verify audit.json --trusted-key audits.pub` ·
    `tipstaff report verify audit.html --trusted-key audits.pub --format json`

    Exit codes: 0 it holds, 2 wrong arguments, 4 a file, or a JSON report, cannot be read, 6 it was
    edited, is not signed, or by nobody who is trusted, or contradicts itself.
    """
    from tipstaff_rollout.signing import verified_report  # noqa: PLC0415 - as above
    from tipstaff_rollout.signing.key_files import read_trusted_keys  # noqa: PLC0415 - heavy

    data = content_of(report, LARGEST, expected="a report")
    beside = report.with_name(report.name + SIGNATURE)
    trusted = read_trusted_keys(trusted_key)
    try:
        signer = verified_report(data, _signature(beside), trusted)
    except BadSignatureError as error:
        error.where = str(beside)
        raise
    document = _verified(report, data, signer)
    write_out(_told(document) if output == "text" else json_report.render(document))
    raise typer.Exit(document.exit_code)


def _wanted(to: FormatName | None, reports: list[str] | None) -> FormatName | None:
    if to is None and not reports:
        raise UsageError("no format is asked for", expected="--to FORMAT or --report FORMAT:PATH")
    return to


def _say_skipped(given: list[Path], taken: list[Path]) -> None:
    """Tell a person of files in folders that are not named as reports are."""
    others = [
        each for path in given if path.is_dir() for each in files_below(path) if each not in taken
    ]
    if others:
        sys.stderr.write(
            f"tipstaff: {len(others)} left out, {others[0]} first: they do not end with "
            f"{', '.join(REPORT_SUFFIXES)}\n"
        )


def _grouped(document: Document, frameworks: tuple[str, ...]) -> Document:
    """Return a document grouped anew where that is asked for, and as it was saved otherwise."""
    return with_frameworks(document, frameworks) if frameworks else document


def _read_all(paths: list[Path]) -> list[Document]:
    """Return all reports; where any cannot be read, each that cannot is named.

    Raises:
        EvaluationError: The last of them.
    """
    found, failed = [], list[EvaluationError]()
    for path in paths:
        try:
            found.append(read_report(path))
        except EvaluationError as error:
            failed.append(error)
    if failed:
        for each in failed[:-1]:
            sys.stderr.write(f"{each}\n")
        raise failed[-1]
    if not found:
        raise BadReportError("there is no report", expected="files that end with .json or .ndjson")
    return found


def _signature(path: Path) -> bytes:
    if not path.exists():
        raise BadSignatureError(
            "is missing: the report is not signed",
            expected="the signature that `--sign-key` writes beside a report",
            remedy="copy both files again from where they were written",
        )
    return content_of(path, 1 << 16, expected="a signature")


def _verified(path: Path, data: bytes, signer: str) -> ReportVerified:
    count, against = None, list[str]()
    try:
        document = read_saved(data, str(path))
    except ForeignReportError:
        # Of another format, that it is what was signed is all there is to say.
        if _calls_itself_json(path, data) and not is_other_format(data):
            raise
    else:
        count, against = len(as_audit(document).reports), contradictions(document)
    return ReportVerified(
        tool=Tool(version=__version__),
        file=str(path),
        sha256=hashlib.sha256(data).hexdigest(),
        signer=signer,
        reports=count,
        contradictions=against,
        exit_code=INTEGRITY_EXIT if against else 0,
    )


def _calls_itself_json(path: Path, data: bytes) -> bool:
    return path.suffix.lower() in REPORT_SUFFIXES or data.lstrip()[:1] in (b"{", b"[")


def _told(document: ReportVerified) -> str:
    held = "in another format, not read back" if document.reports is None else document.reports
    lines = [
        f"{document.file}: as it was signed",
        f"  signer    {document.signer}, trusted",
        f"  sha256    {document.sha256}",
        f"  reports   {held}",
        *(f"  CONTRADICTS ITSELF  {contradiction}" for contradiction in document.contradictions),
    ]
    return as_text(lines)
