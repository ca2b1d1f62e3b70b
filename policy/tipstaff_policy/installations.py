"""Several clients on one host: what is enforced for each, and for the host (ADR 0014)."""

from functools import partial

from tipstaff_policy.clients.model import Adapter, Request
from tipstaff_policy.enforcement import (
    EXITS,
    LOCK_TIMEOUT_S,
    BeforeRemoval,
    Enforcement,
    View,
    enforce,
    view_of,
)
from tipstaff_policy.errors import (
    INCOMPLETE_EXIT,
    INVALID_EXIT,
    LOGGED_OUT_EXIT,
    UNEVALUATED_EXIT,
)
from tipstaff_policy.removal import by_administrators
from tipstaff_policy.values import Client

WORST_FIRST = (
    INCOMPLETE_EXIT,
    LOGGED_OUT_EXIT,
    INVALID_EXIT,
    UNEVALUATED_EXIT,
    EXITS["warned"],
    0,
)


def enforce_all(
    adapter: Adapter,
    request: Request,
    *,
    dry_run: bool = False,
    lock_timeout_s: float = LOCK_TIMEOUT_S,
    before_removal: BeforeRemoval | None = None,
) -> Enforcement:
    """Enforce for every client that a request is about; exit codes 10 and 11 before 3 and 4.

    One client on whose start an administrators' rule is broken is enough for a log-out. A rule of
    the user's own is not: it removes only what every client here would remove.

    Raises:
        UsageError: The request names no single home.
    """
    enforce_one = partial(
        enforce,
        adapter,
        dry_run=dry_run,
        lock_timeout_s=lock_timeout_s,
        before_removal=before_removal,
    )
    clients = adapter.find_installations(request)
    requests = [request._replace(client=each) for each in distinct(clients)]
    if len(requests) == 1:
        return enforce_one(requests[0])
    views = [view_of(adapter, each) for each in requests]
    acting = [
        each
        for each, view in zip(requests, views, strict=True)
        if view.plan.standing == "violates" and _binds(view, views)
    ]
    results = [enforce_one(each) for each in acting] or [_untouched(each) for each in views]
    result = min(results, key=lambda each: WORST_FIRST.index(each.exit_code))
    client = result.state.client
    note = f"{result.note} ({client.version} at {client.path}, one of {len(clients)} clients here)"
    steps = dict.fromkeys(step for each in results for step in each.steps)
    return result._replace(steps=tuple(steps), note=note)


def _binds(view: View, views: list[View]) -> bool:
    """Return whether what one client breaks counts for the host."""
    unanimous = all(each.plan.standing == "violates" for each in views)
    ordered = view.plan.ordered
    return unanimous or ordered or by_administrators(view.sight.state, view.plan.decision)


def _untouched(view: View) -> Enforcement:
    if view.plan.standing == "violates":
        note = f"{view.plan.note} Only a personal setting says so, and not to every client."
        return view._replace(plan=view.plan._replace(note=note)).result((), 0)
    return view.result((), EXITS[view.plan.standing])


def record_enforcement(request: Request, result: Enforcement, action: str) -> str:
    """Put into the action log what was removed, or ought to have been (ADR 0020).

    Returns:
        Why that could not be done, or nothing. It changes nothing of the enforcement.
    """
    if result.exit_code not in (LOGGED_OUT_EXIT, INCOMPLETE_EXIT) or request.system_root:
        return ""
    from tipstaff_policy.action_log import record  # noqa: PLC0415 - where something happened
    from tipstaff_policy.action_record import entry_of  # noqa: PLC0415

    return record(request.env, entry_of(action, result), request.now).fault


def likeness(client: Client) -> tuple[str, tuple[str, ...], str]:
    """Return what clients have in common that judge every state alike."""
    return client.precedence, client.may_be, client.version_source


def distinct(clients: tuple[Client, ...]) -> tuple[Client, ...]:
    """Return one client, the first, of those that judge every state alike."""
    return tuple({likeness(each): each for each in reversed(clients)}.values())[::-1]
