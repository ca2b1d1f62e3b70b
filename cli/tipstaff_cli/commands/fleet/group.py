"""The group of commands; each is loaded when all that it needs is installed."""

import typer

from tipstaff_policy.errors import UsageError

try:
    from tipstaff_cli.commands.fleet.diff import diff
    from tipstaff_cli.commands.fleet.duplicates import duplicates
    from tipstaff_cli.commands.fleet.export import export
    from tipstaff_cli.commands.fleet.ingest import ingest
    from tipstaff_cli.commands.fleet.rejected import rejected
    from tipstaff_cli.commands.fleet.report import report
    from tipstaff_cli.commands.fleet.simulate import simulate
except ModuleNotFoundError as error:
    if error.name not in {"duckdb", "msgspec", "zstandard"}:
        raise
    raise UsageError(
        f"the fleet commands need {error.name}, which is not installed",
        remedy="install Tipstaff with the extra `fleet` (docs/install.md)",
    ) from error

app = typer.Typer(no_args_is_help=True, help="Collect and query reports of many hosts.")
app.command()(ingest)
app.command()(report)
app.command()(diff)
app.command()(duplicates)
app.command()(rejected)
app.command()(simulate)
app.command()(export)
