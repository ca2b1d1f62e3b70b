"""``tipstaff report``: convert, merge, compare and verify saved reports."""

import hashlib
import sys
from pathlib import Path
from typing import Annotated

import typer

from tipstaff_cli.shared.collecting import REPORT_SUFFIXES, files_below
from tipstaff_cli.shared.collecting import report_files as files_in
from tipstaff_cli.shared.options import Format, PassphraseFile
from tipstaff_cli.shared.output import write_out, write_report
from tipstaff_cli.shared.report_files import (
    LARGEST,
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
from tipstaff_policy import __version__
from tipstaff_policy.errors import (
    INTEGRITY_EXIT,
    BadSignatureError,
    EvaluationError,
    UsageError,
    worst_exit,
)
from tipstaff_policy.system.streams import say
from tipstaff_reports import json_report
from tipstaff_reports.analysis.compare import compare
from tipstaff_reports.analysis.contradictions import contradictions
from tipstaff_reports.analysis.fleet_contradictions import fleet_contradictions
from tipstaff_reports.analysis.merge import merge as merged
from tipstaff_reports.frameworks import with_frameworks
from tipstaff_reports.model import Document, as_audit
from tipstaff_reports.text import as_text
from tipstaff_reports.texts import report_diff
from tipstaff_rollout.storing import SIGNATURE, content_of
from tipstaff_schemas.report import Tool
from tipstaff_schemas.report_verified import FleetDocument, ReportVerified
from tipstaff_schemas.saved import BadReportError, ForeignReportError, is_other_format, read_saved
from tipstaff_schemas.saved_fleet import read_fleet

app = typer.Typer(no_args_is_help=True, help="Convert, merge, compare and verify saved reports.")
Saved = Annotated[
    Path,
    typer.Argument(metavar="REPORT", help="JSON or ndjson report of `audit`; - is standard input."),
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
    """Convert a saved report to another format, byte for byte as the audit writes it.

    Examples: `tipstaff report convert audit.json --to html >audit.html` ·
    `tipstaff report convert audit.json --report sarif:a.sarif --report csv:a.csv`

    Exit codes: 0 written, 2 wrong arguments, 4 not a report, or a file cannot be read or written.
    """
    wanted, frameworks = _choose_format(to, reports), parse_frameworks(framework)
    files = parse_report_files(reports)
    with report_files(files, sign_key, passphrase_file, verbose=verbose) as write:
        document = _group(read_report(report), frameworks)
        write(as_audit(document))
    if wanted:
        write_report(wanted, as_audit(document), verbose=verbose)
    say_left_out([*([wanted] if wanted else []), *(file.form for file in files)])


@app.command("merge")
def merge_reports(  # noqa: PLR0913 - one argument an option
    found: Annotated[
        list[Path],
        typer.Argument(metavar="REPORT", help="Files or folders of reports; - is standard input."),
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

    Exit codes: 0 written, 2 wrong arguments, 4 a file is not a report or cannot be read; then
    nothing is written, and all such files are listed.
    """
    wanted, frameworks = _choose_format(to, reports), parse_frameworks(framework)
    files = parse_report_files(reports)
    with report_files(files, sign_key, passphrase_file, verbose=verbose) as write:
        files_of_reports = files_in(found)
        _say_skipped(found, files_of_reports)
        together = merged(
            as_audit(saved_document) for saved_document in _read_all(files_of_reports)
        )
        document = _group(together, frameworks)
        write(as_audit(document))
    if wanted:
        write_report(wanted, as_audit(document), verbose=verbose)
    say_left_out([*([wanted] if wanted else []), *(file.form for file in files)])


@app.command()
def diff(
    before: Annotated[Path, typer.Argument(metavar="OLD", help="Earlier report.")],
    after: Annotated[Path, typer.Argument(metavar="NEW", help="Later report.")],
    *,
    output: Format = "text",
) -> None:
    """Compare two reports: what broke, what was fixed, what is new, since when, and why.

    It compares host by host, and separates a changed policy or client from a changed host.

    Examples: `tipstaff report diff monday.json friday.json` ·
    `tipstaff report diff old.ndjson new.ndjson --format json`

    Exit codes: 0 nothing got worse, 1 something broke, is new, or lost its waiver, 4 a check is
    not judged any more, or a file is not a report, 5 the reports have no host in common.
    """
    document = compare(
        as_audit(read_report(before)), as_audit(read_report(after)), names=(str(before), str(after))
    )
    write_out(report_diff.render(document) if output == "text" else json_report.render(document))
    raise typer.Exit(document.exit_code)


@app.command()
def verify(
    reports: Annotated[list[Path], typer.Argument(metavar="REPORT", help="Reports in any format.")],
    *,
    trusted_key: Annotated[
        list[Path],
        typer.Option(metavar="FILE", help="OpenSSH public keys; one of them must have signed."),
    ],
    output: Format = "text",
) -> None:
    """Verify the signature of a report: REPORT.sig, next to the report.

    It also checks that the parts of a JSON report agree with each other. To compare a report with
    the action log of its host, run `tipstaff doctor --report` on that host.

    Examples: `tipstaff report verify audit.json --trusted-key audits.pub` ·
    `tipstaff report verify reports/*.html --trusted-key audits.pub` ·
    `tipstaff report verify audit.html --trusted-key audits.pub --format json`

    Exit codes: 0 all verified, 2 wrong arguments, 4 a file cannot be read, 6 a report was edited,
    is not signed, is not signed by a trusted key, or contradicts itself. With several reports,
    each is verified, and the exit code is the worst.
    """
    from tipstaff_rollout.signing.key_files import read_trusted_keys  # noqa: PLC0415 - heavy

    trusted = read_trusted_keys(trusted_key)
    if len(reports) == 1:
        raise typer.Exit(_verify(reports[0], trusted, output))
    codes = []
    for report in reports:
        try:
            codes.append(_verify(report, trusted, output))
        except (EvaluationError, BadSignatureError) as error:
            say(str(error))
            codes.append(error.exit_code)
    raise typer.Exit(worst_exit(codes))


def _verify(report: Path, trusted: tuple[bytes, ...], output: str) -> int:
    """Verify one report, print the result, and return its exit code."""
    from tipstaff_rollout.signing import verify_report  # noqa: PLC0415 - heavy

    data = content_of(report, LARGEST, expected="a report")
    signature_file = report.with_name(report.name + SIGNATURE)
    try:
        signer = verify_report(data, _signature(signature_file), trusted)
    except BadSignatureError as error:
        error.where = str(signature_file)
        raise
    document = _verify_one(report, data, signer)
    write_out(_as_text(document) if output == "text" else json_report.render(document))
    return document.exit_code


def _choose_format(to: FormatName | None, reports: list[str] | None) -> FormatName | None:
    if to is None and not reports:
        raise UsageError("no format given", expected="--to FORMAT or --report FORMAT:PATH")
    return to


def _say_skipped(given: list[Path], taken: list[Path]) -> None:
    """Warn about files in folders whose names are not those of reports."""
    others = [
        file
        for path in given
        if path.is_dir()
        for file in files_below(path)
        if file not in taken and file.suffix != SIGNATURE
    ]
    if others:
        sys.stderr.write(
            f"tipstaff: {len(others)} files left out, such as {others[0]}: their names do not "
            f"end with {', '.join(REPORT_SUFFIXES)}\n"
        )


def _group(document: Document, frameworks: tuple[str, ...]) -> Document:
    """Group a document by the given frameworks; without any, return it as it was saved."""
    return with_frameworks(document, frameworks) if frameworks else document


def _read_all(paths: list[Path]) -> list[Document]:
    """Return all reports; if some cannot be read, print an error for each.

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
        for fault in failed[:-1]:
            sys.stderr.write(f"{fault}\n")
        raise failed[-1]
    if not found:
        raise BadReportError("no report given", expected="files that end with .json or .ndjson")
    return found


def _signature(path: Path) -> bytes:
    if not path.exists():
        raise BadSignatureError(
            "is missing: the report is not signed",
            expected="the signature that `--sign-key` writes next to the report",
            remedy="copy both files again from where they were written",
        )
    return content_of(path, 1 << 16, expected="a signature")


def _verify_one(path: Path, data: bytes, signer: str) -> ReportVerified:
    count, fleet, against = _read_back(path, data)
    return ReportVerified(
        tool=Tool(version=__version__),
        file=str(path),
        sha256=hashlib.sha256(data).hexdigest(),
        signer=signer,
        reports=count,
        fleet=fleet,
        contradictions=against,
        exit_code=INTEGRITY_EXIT if against else 0,
    )


def _read_back(path: Path, data: bytes) -> tuple[int | None, FleetDocument | None, list[str]]:
    """Return how many reports a file holds, or which document of a fleet; and contradictions."""
    if of_fleet := read_fleet(data):
        return None, of_fleet[0], fleet_contradictions(of_fleet[1])
    try:
        document = read_saved(data, str(path))
    except ForeignReportError:
        # Of another format, that it is what was signed is all there is to say.
        if _calls_itself_json(path, data) and not is_other_format(data):
            raise
        return None, None, []
    return len(as_audit(document).reports), None, contradictions(document)


def _calls_itself_json(path: Path, data: bytes) -> bool:
    return path.suffix.lower() in REPORT_SUFFIXES or data.lstrip()[:1] in (b"{", b"[")


def _as_text(document: ReportVerified) -> str:
    held = "in another format, not read back" if document.reports is None else document.reports
    held = f"those of a fleet, counted again: {document.fleet}" if document.fleet else held
    lines = [
        f"{document.file}: signed and unchanged",
        f"  signer    {document.signer}, trusted",
        f"  sha256    {document.sha256}",
        f"  reports   {held}",
        *(f"  CONTRADICTS ITSELF  {contradiction}" for contradiction in document.contradictions),
    ]
    return as_text(lines)
