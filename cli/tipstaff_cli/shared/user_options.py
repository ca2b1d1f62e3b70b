"""The options that say for which users a command runs, as root; the same for each that does."""

from typing import Annotated, NamedTuple

import typer

from tipstaff_policy.all_users.bounds import TIME_LIMIT_S
from tipstaff_policy.errors import UsageError

PANEL = "Users"
OF_ONE_SESSION = {
    "system_root": "--system-root",
    "platform": "--platform",
    "client_home": "--client-home",
    "cwd": "--cwd",
    "process_cwd": "--process-cwd",
    "override": "-c",
    "profile": "--profile",
    "ignore_user_config": "--ignore-user-config",
    "client_option": "--client-option",
    "process": "--process",
}
"""Options that say something of one session, or of none here."""


class Users(NamedTuple):
    """Who was chosen."""

    names: tuple[str, ...]
    """Empty for every user."""
    limit_s: float
    """For each of them."""


def choose_users(
    *,
    user: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME", rich_help_panel=PANEL, help="As root: this user's home (repeatable)."
        ),
    ] = None,
    all_users: Annotated[
        bool,
        typer.Option("--all-users", rich_help_panel=PANEL, help="As root: every user's home."),
    ] = False,
    user_timeout: Annotated[
        float,
        typer.Option(
            metavar="SECONDS",
            min=1,
            max=86400,
            rich_help_panel=PANEL,
            help="How long one user may take before the next has the turn.",
        ),
    ] = TIME_LIMIT_S,
) -> Users | None:
    """Return whose homes are meant; None for the person's own.

    Raises:
        UsageError: Both some and all.
    """
    if user and all_users:
        raise UsageError("--user and --all-users exclude each other")
    return Users(tuple(user or ()), user_timeout) if user or all_users else None


def refuse_one_session(state: dict[str, object]) -> None:
    """Refuse options that cannot hold for several users.

    Args:
        state: The options that say which state is judged, by the names of their parameters.
    Raises:
        UsageError: There is one.
    """
    given = [option for name, option in OF_ONE_SESSION.items() if state.get(name)]
    if given:
        raise UsageError(
            f"{given[0]} says something of one session; --user and --all-users look into homes",
            remedy=f"leave {given[0]} out, or run this as the user",
        )
