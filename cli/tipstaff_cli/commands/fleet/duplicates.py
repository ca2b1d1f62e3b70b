"""``tipstaff fleet duplicates``: the same login on several hosts."""

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
    open_asked,
    read_expected,
    read_moments,
)
from tipstaff_cli.shared.options import Format
from tipstaff_cli.shared.output import write_out
from tipstaff_fleet.answers.duplicates import make_duplicates
from tipstaff_fleet.answers.report import LIMIT
from tipstaff_reports import json_report
from tipstaff_reports.texts import fleet_diff


def duplicates(  # noqa: PLR0913 - one argument an option
    *,
    store: ASKED_STORE = None,
    engine: EngineAddress = EMBEDDED,
    expect: Expect = None,
    at: At = None,
    silent_after: SilentAfter = SILENT_AFTER,
    gone_after: GoneAfter = GONE_AFTER,
    output: Format = "text",
    limit: Limit = LIMIT,
    memory: Memory = None,
) -> None:
    """Show which logins are on more than one host, by the newest reports.

    A fingerprint, keyed by the policy's `fleet_key`, identifies a login; no secret is read.
    A login that was copied to other hosts signs them in too, and their refreshes break each other.

    Examples: `tipstaff fleet duplicates --store fleet` ·
    `tipstaff fleet duplicates --store fleet --expect hosts.csv --format json`

    Exit codes: 0 no login is on more than one host, 1 some are, 2 wrong arguments or no store, 4
    none is and some have no fingerprint, or the store cannot be read, 5 there is no credential.
    """
    moments = read_moments(at, None, silent_after, gone_after)
    expected = read_expected(expect)
    with open_asked(store, engine, memory) as opened:
        document = make_duplicates(opened, moments, expected, limit=limit)
    text = fleet_diff.render_duplicates(document)
    write_out(text if output == "text" else json_report.render(document))
    raise typer.Exit(document.exit_code)
