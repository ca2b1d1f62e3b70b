"""What is enforced on a host, whatever clients are installed (ADR 0014, ADR 0039)."""

from collections.abc import Sequence
from functools import partial, reduce

from tipstaff_policy.clients.interface.adapter import Adapter
from tipstaff_policy.enforcement.enforce import (
    LOCK_TIMEOUT_S,
    BeforeRemoval,
    Enforcement,
    enforce,
    personal_view,
    view_of,
)
from tipstaff_policy.errors import (
    ENFORCED_FOR_ONE_WORST_FIRST,
    INCOMPLETE_EXIT,
    INVALID_EXIT,
    LOGGED_OUT_EXIT,
    UNEVALUATED_EXIT,
)
from tipstaff_policy.model.request import Request


def enforce_all(
    adapter: Adapter,
    request: Request,
    *,
    dry_run: bool = False,
    lock_timeout_s: float = LOCK_TIMEOUT_S,
    before_removal: BeforeRemoval | None = None,
) -> Enforcement:
    """Enforce the administrators' rules, then what the user's own rules make every client do.

    In every folder that the client may use: what was done in the others is added to the first.

    Whose rule it is decides: an administrators' rule holds whatever client is installed. A rule of
    the user's own removes only where every client here would log out, and from each client's own
    stores.

    Raises:
        UsageError: The request names no single home.
    """
    enforce_in = partial(
        _enforce_in,
        adapter,
        dry_run=dry_run,
        lock_timeout_s=lock_timeout_s,
        before_removal=before_removal,
    )
    result = enforce_in(request)
    for folder in result.state.further_homes:
        result = _with_folder(result, enforce_in(request._replace(client_home=folder)))
    return result


def _with_folder(result: Enforcement, other: Enforcement) -> Enforcement:
    """Add what was done in a further folder of the same user; the worse of the two stands."""
    return _with_other(result, other, f"In {other.state.home}.")


def combine_clients(results: Sequence[tuple[Adapter, Enforcement]]) -> Enforcement:
    """Return what was done for several clients of a user as one result; the worst stands."""
    combined = results[0][1]
    for adapter, result in results[1:]:
        combined = _with_other(combined, result, f"For {adapter.name}.")
    return combined


def _with_other(result: Enforcement, other: Enforcement, where: str) -> Enforcement:
    noted = other._replace(note=f"{other.note} ({where})")
    if other.exit_code == 0:
        return result if result.exit_code else _both_start(result, noted)
    worse = _with_client(result, noted)
    codes = {result.exit_code, other.exit_code}
    if LOGGED_OUT_EXIT in codes and codes & {INVALID_EXIT, UNEVALUATED_EXIT}:
        # What could not be judged in one folder is not proven gone by the log-out of the other.
        worse = worse._replace(exit_code=INCOMPLETE_EXIT)
    return worse


def _both_start(result: Enforcement, other: Enforcement) -> Enforcement:
    """Return the result that has a login to tell of, or what there is to say of both."""
    if not other.sign_in.credentials:
        return result
    if not result.sign_in.credentials:
        return other
    return result._replace(note=f"{result.note} {other.note}")


def _enforce_in(
    adapter: Adapter,
    request: Request,
    *,
    dry_run: bool,
    lock_timeout_s: float,
    before_removal: BeforeRemoval | None,
) -> Enforcement:
    """Enforce in one folder."""
    result = enforce(
        adapter,
        request,
        dry_run=dry_run,
        lock_timeout_s=lock_timeout_s,
        before_removal=before_removal,
    )
    if result.exit_code or result.decision is None:
        return result
    if request.system_root and result.decision.unread:
        # Of a store that no image shows, only the decision knows that this user's client reads it.
        note = f"{result.decision.reason} Nothing was removed."
        return result._replace(note=note, exit_code=UNEVALUATED_EXIT)
    if not request.options.personal_rules:
        return result
    # Only a log-out by the first client makes it worth asking the others.
    if result.decision.verdict != "log_out":
        return result
    from tipstaff_policy.clients.interface.installations import (  # noqa: PLC0415 - rules of a user's
        drop_alike,
    )

    requests = [
        request._replace(client=client)
        for client in drop_alike(adapter.find_installations(request))
    ]
    views = [personal_view(adapter, view_of(adapter, asked)) for asked in requests]
    found = [view for view in views if view is not None]
    if len(found) < len(views):
        note = f"{result.decision.reason} Only a personal setting says so, and not to every client."
        return result._replace(note=note)
    from tipstaff_policy.enforcement.log_out import LogOut  # noqa: PLC0415 - only a log-out

    # Each client loses what it would remove itself, from its own stores, and no more: a version
    # may look for its login where another one does not.
    log_outs = [
        LogOut(adapter, asked, view, before_removal, personal=True)
        for asked, view in zip(requests, found, strict=True)
    ]
    done = [out.carry_out(dry_run=dry_run, lock_timeout_s=lock_timeout_s) for out in log_outs]
    return reduce(_with_client, done)


def _with_client(result: Enforcement, other: Enforcement) -> Enforcement:
    """Add what was done for a further client of the same folder; the worse of the two stands."""
    worse = min(
        result, other, key=lambda enforced: ENFORCED_FOR_ONE_WORST_FIRST.index(enforced.exit_code)
    )
    steps = tuple(dict.fromkeys((*result.steps, *other.steps)))
    return worse._replace(steps=steps)
