"""``tipstaff credentials …``: logins and their places, without secrets."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

import tipstaff_policy
from tipstaff_cli.shared.options import Format, LockTimeout, RevokeTimeout
from tipstaff_cli.shared.output import say_unlogged, write_out, write_outcome
from tipstaff_cli.shared.revoking import Revoking
from tipstaff_cli.shared.state_options import call_for_each_client
from tipstaff_policy.assessment.inspection import inspect_host
from tipstaff_policy.clients import CLIENTS, stores_to_move_to
from tipstaff_policy.clients.interface.adapter import Adapter
from tipstaff_policy.enforcement.enforce import LOCK_TIMEOUT_S
from tipstaff_policy.errors import FINDINGS_EXIT, INCOMPLETE_EXIT, UNEVALUATED_EXIT, UsageError
from tipstaff_policy.logins.action_entries import record_move, record_revocations
from tipstaff_policy.logins.migration import move_login
from tipstaff_policy.logins.revocation import TIME_LIMIT_S
from tipstaff_policy.model.request import Request
from tipstaff_policy.system.file_walk import Limits, Scope
from tipstaff_reports import json_report
from tipstaff_reports.texts import credentials as text
from tipstaff_schemas.credentials import LoginMoved, LoginsRevoked, build_moved_steps
from tipstaff_schemas.listing import build_found, build_listed
from tipstaff_schemas.report import Tool

if TYPE_CHECKING:
    StoreName = str
else:
    StoreName = Literal[tuple(dict.fromkeys(sum(map(stores_to_move_to, CLIENTS), ())))]
app = typer.Typer(no_args_is_help=True, help="List, find, move and revoke logins.")


@app.command("list")
@call_for_each_client
def list_credentials(*, output: Format = "text", adapter: Adapter, request: Request) -> None:
    """List every login in the client's stores and the environment, without secrets.

    It also lists stores that are not in force, and files that a killed client left behind.

    Examples: `tipstaff credentials list` · `tipstaff credentials list --format json`

    Exit codes: 0 listed, 4 the client's folder cannot be read.
    """
    stores = adapter.custody().every_store(request)
    state = inspect_host(adapter, request).state
    report = build_listed(stores, state, adapter.decide(state))
    shown = text.render_listed(report, state.names())
    write_out(shown if output == "text" else json_report.render(report))


@app.command()
@call_for_each_client
def find(  # noqa: PLR0913 - one argument an option
    *,
    under: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="DIR", help="Folder to search (repeatable); default: the user's home."
        ),
    ] = None,
    all_files: Annotated[
        bool, typer.Option("--all-files", help="Read all files, whatever their names.")
    ] = False,
    time_limit: Annotated[
        float, typer.Option(metavar="SECONDS", min=0, help="Stop the search after this long.")
    ] = Limits().seconds,
    output: Format = "text",
    adapter: Adapter,
    request: Request,
) -> None:
    """Find copies of the login and other logins: backups, switchers, dotfiles.

    It compares them in memory and prints no secret. It follows no link, enters no other file
    system, and lists what it could not search.

    Examples: `tipstaff credentials find` · `tipstaff credentials find --under /srv --all-files`

    Exit codes: 0 none found, 1 found, 4 none found, but something could not be read.
    """
    roots = tuple(str(folder.absolute()) for folder in under or [])
    for root in roots:
        if not Path(root).is_dir():
            raise UsageError(f"{root} is not a directory", expected="a folder to search")
    limits = Limits()._replace(seconds=time_limit)
    with _progress() as show_progress:
        found = adapter.custody().find_copies(
            request, Scope(roots, all_files, limits, time.monotonic, show_progress)
        )
    code = FINDINGS_EXIT if found.copies else UNEVALUATED_EXIT if found.unseen else 0
    report = build_found(found, code)
    write_out(text.render_found(report) if output == "text" else json_report.render(report))
    raise typer.Exit(code)


@app.command()
@call_for_each_client
def migrate(  # noqa: PLR0913 - one argument an option
    *,
    to: Annotated[StoreName, typer.Option("--to", help="Store to move the login to.")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be moved; move nothing.")
    ] = False,
    lock_timeout: LockTimeout = LOCK_TIMEOUT_S,
    output: Format = "text",
    adapter: Adapter,
    request: Request,
) -> None:
    """Move the login between two stores; it is never lost on the way.

    The client's setting must already name the new store. Otherwise nothing is moved, and the
    line to add is printed. If it was interrupted, run it again to complete the move.

    Examples: `tipstaff credentials migrate --to keyring` ·
    `tipstaff credentials migrate --to file --dry-run`

    Exit codes: 0 moved and verified, 3 the configuration is broken or names another store, 4 a
    store cannot be used, or the stores contain different logins, 11 something is left behind.
    """
    result = move_login(adapter, request, to, dry_run=dry_run, lock_timeout_s=lock_timeout)
    say_unlogged("" if dry_run else record_move(adapter, request, result))
    report = LoginMoved(
        tool=Tool(version=tipstaff_policy.__version__),
        home=result.home,
        to=to,
        steps=build_moved_steps(result.steps),
        note=result.note,
        dry_run=dry_run,
        exit_code=result.exit_code,
    )
    write_outcome(
        text.render_moved(report) if output == "text" else json_report.render(report),
        acted=not dry_run and bool(result.steps),
    )
    raise typer.Exit(result.exit_code)


@app.command()
@call_for_each_client
def revoke(
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show which issuers would get a request; send none.")
    ] = False,
    revoke_timeout: RevokeTimeout = TIME_LIMIT_S,
    output: Format = "text",
    adapter: Adapter,
    request: Request,
) -> None:
    """Ask the issuer to revoke every stored login, so that copies of it stop working too.

    The logins stay in their stores; `tipstaff logout --revoke` removes them as well.

    Examples: `tipstaff credentials revoke` · `tipstaff credentials revoke --dry-run`

    Exit codes: 0 all revoked, or nothing stored, 4 a store could not be read, 11 a login is still
    valid (also for a dry run that would send a request).
    """
    stores = adapter.custody().every_store(request)
    revoking = Revoking(adapter, request)
    for place in stores.places:
        if place.holds:
            revoking.take(stores.home, place)
    found = revoking.finish(dry_run=dry_run, time_limit_s=revoke_timeout)
    in_doubt = any(stores.in_doubt(place) for place in stores.places)
    code = UNEVALUATED_EXIT if in_doubt else 0
    if any(revocation.outcome != "revoked" for revocation in found):
        code = INCOMPLETE_EXIT
    if not dry_run:
        say_unlogged(record_revocations(adapter, request, stores.home, found, code))
    report = LoginsRevoked(
        tool=Tool(version=tipstaff_policy.__version__),
        home=stores.home,
        revocations=found,
        dry_run=dry_run,
        exit_code=code,
    )
    write_outcome(
        text.render_revoked(report) if output == "text" else json_report.render(report),
        acted=not dry_run and bool(found),
    )
    raise typer.Exit(code)


@contextmanager
def _progress() -> Iterator[Callable[[int, int, str], None]]:
    """Show the progress of a search on a terminal; in a pipe nothing."""
    if not sys.stderr.isatty():
        yield lambda _entries, _files, _folder: None
        return
    from rich.console import Console  # noqa: PLC0415 - heavy
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("")
        yield lambda entries, files, folder: bar.update(
            task, description=text.progress(entries, files, folder)
        )
