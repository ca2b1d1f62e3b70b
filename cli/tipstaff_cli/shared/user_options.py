"""The options of a root run that choose users."""

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
"""Options that describe a single session."""


class Users(NamedTuple):
    """The chosen users."""

    names: tuple[str, ...]
    """Empty means every user."""
    limit_s: float
    """Time limit for each user."""


def choose_users(
    *,
    user: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME", rich_help_panel=PANEL, help="As root: run for this user (repeatable)."
        ),
    ] = None,
    all_users: Annotated[
        bool,
        typer.Option("--all-users", rich_help_panel=PANEL, help="As root: run for every user."),
    ] = False,
    user_timeout: Annotated[
        float,
        typer.Option(
            metavar="SECONDS",
            min=1,
            max=86400,
            rich_help_panel=PANEL,
            help="Time limit per user.",
        ),
    ] = TIME_LIMIT_S,
) -> Users | None:
    """Return the chosen users; None for the current user.

    Raises:
        UsageError: Both options are given.
    """
    if user and all_users:
        raise UsageError("--user and --all-users exclude each other")
    return Users(tuple(user or ()), user_timeout) if user or all_users else None


def refuse_one_session(state: dict[str, object]) -> None:
    """Refuse options that cannot apply to several users.

    Args:
        state: The state options, by the names of their parameters.
    Raises:
        UsageError: Such an option is given.
    """
    given = [option for name, option in OF_ONE_SESSION.items() if state.get(name)]
    if given:
        raise UsageError(
            f"{given[0]} describes one session; --user and --all-users run for whole accounts",
            remedy=f"leave {given[0]} out, or run this as the user",
        )
