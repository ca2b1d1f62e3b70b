"""``tipstaff fleet report``: how the hosts stand, on one page or as tables."""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Literal

import typer

from tipstaff_cli.commands.fleet.asking import (
    ASKED_STORE,
    EMBEDDED,
    GONE_AFTER,
    SILENT_AFTER,
    At,
    EngineAddress,
    Expect,
    GoneAfter,
    Limit,
    Memory,
    SilentAfter,
    Since,
    open_asked,
    read_age,
    read_expected,
    read_moments,
)
from tipstaff_cli.shared.options import PassphraseFile
from tipstaff_cli.shared.output import colour, write_out
from tipstaff_cli.shared.report_files import (
    Frameworks,
    ReportFile,
    SignKey,
    open_signed,
    parse_frameworks,
)
from tipstaff_fleet.answers.data_tables import SUFFIXES, list_tables, write_tables
from tipstaff_fleet.answers.report import LIMIT, Asked, FailOn, make_report
from tipstaff_policy.errors import UsageError
from tipstaff_reports import json_report
from tipstaff_reports.page.fleet import page as fleet_page
from tipstaff_reports.texts import fleet_markdown, fleet_report
from tipstaff_schemas.fleet import FleetReport

RENDERERS: dict[str, Callable[[FleetReport], str]] = {
    "text": fleet_report.render,
    "json": json_report.render,
    "md": fleet_markdown.render,
    "html": fleet_page.render_page,
}
"""Formats that are one file."""
FORMATS = (*RENDERERS, *SUFFIXES)
FleetFormat = Annotated[
    Literal["text", "json", "md", "html"], typer.Option("--format", help="How to write it.")
]


def _formats(incomplete: str) -> list[str]:
    return [f"{form}:" for form in FORMATS if form.startswith(incomplete)]


def report(  # noqa: PLR0913 - one argument an option
    *,
    store: ASKED_STORE = None,
    engine: EngineAddress = EMBEDDED,
    expect: Expect = None,
    at: At = None,
    since: Since = None,
    silent_after: SilentAfter = SILENT_AFTER,
    gone_after: GoneAfter = GONE_AFTER,
    framework: Frameworks = None,
    waivers_within: Annotated[
        str, typer.Option(metavar="AGE", help="Show waivers that end within this time.")
    ] = "30d",
    days: Annotated[int, typer.Option(metavar="N", min=1, help="Days of the trend.")] = 14,
    fail_on: Annotated[
        FailOn,
        typer.Option(help="When to exit with other than 0; `any`: a host fails or is not known."),
    ] = "any",
    output: FleetFormat = "text",
    reports: Annotated[
        list[str] | None,
        typer.Option(
            "--report",
            metavar="FORMAT:PATH",
            help=f"Write it to a file too: {', '.join(RENDERERS)}, or to a folder of tables: "
            f"{', '.join(SUFFIXES)}; repeatable.",
            autocompletion=_formats,
        ),
    ] = None,
    sign_key: SignKey = None,
    passphrase_file: PassphraseFile = None,
    limit: Limit = LIMIT,
    memory: Memory = None,
    verbose: Annotated[
        bool, typer.Option("--verbose", help="Show as text every table, not one page.")
    ] = False,
) -> None:
    """Show how all hosts stand: which fail, since when, which are silent or missing, what changed.

    A host is silent without a report for --silent-after, and gone after --gone-after. A host that
    is silent, missing or cannot be judged is never compliant. DATE is a day or a moment in UTC.

    Examples: `tipstaff fleet report --store fleet --expect hosts.csv` ·
    `tipstaff fleet report --store fleet --since 2026-11-23 --framework soc2 --format md` ·
    `tipstaff fleet report --store fleet --report html:fleet.html --sign-key ~/.ssh/audits` ·
    `tipstaff fleet report --store fleet --report parquet:out/ --fail-on worse`

    Exit codes: 0 every expected host reports and complies, 1 a host fails (with --fail-on worse: a
    host became worse or is gone), 2 wrong arguments or no store, 4 no host fails and some are
    silent, missing or cannot be judged, or the store cannot be read, 5 there is no host. With
    --fail-on fails only 1 and 5 remain of these, with never none.
    """
    files = [_file(path) for path in reports or ()]
    pages = [file for file in files if file.form in RENDERERS]
    if sign_key and len(pages) < len(files):
        raise UsageError(
            "--sign-key signs files, and no folder of tables",
            expected=f"--report with {', '.join(RENDERERS)}",
            remedy="write the tables by a command of their own",
        )
    asked = Asked(
        read_moments(at, since, silent_after, gone_after),
        read_expected(expect),
        parse_frameworks(framework),
        read_age("--waivers-within", waivers_within),
        days,
        limit,
        fail_on,
    )
    with ExitStack() as stack:
        put_all = open_signed(stack, pages, sign_key, passphrase_file)
        with open_asked(store, engine, memory) as opened:
            document = make_report(opened, asked)
            for file in files:
                if file.form in SUFFIXES:
                    tables = list_tables(opened, document, asked.moments.numbers())
                    write_tables(file.form, str(file.path), tables)
        put_all([RENDERERS[page.form](document).encode() for page in pages])
    if output == "text":
        write_out(colour(fleet_report.render(document, verbose=verbose)))
    else:
        write_out(RENDERERS[output](document))
    raise typer.Exit(document.exit_code)


def _file(given: str) -> ReportFile:
    form, colon, path = given.partition(":")
    if form not in FORMATS or not colon or not Path(path).name:
        raise UsageError(
            f"--report {given!r} names no format and place",
            expected=f"FORMAT:PATH, with one of {', '.join(FORMATS)}",
        )
    return ReportFile(form, Path(path))
