"""What the commands about stored logins leave in the action log (ADR 0020).

Each returns why the record could not be written, or nothing; what was done stands all the same.
"""

from collections.abc import Iterable

from tipstaff_policy.action_log.log import record
from tipstaff_policy.action_log.record import LOGIN, MIGRATE, REVOKE, Entry
from tipstaff_policy.clients.interface.adapter import Adapter
from tipstaff_policy.errors import FINDINGS_EXIT, INCOMPLETE_EXIT
from tipstaff_policy.logins.logout import Departure
from tipstaff_policy.logins.migration import Move
from tipstaff_policy.logins.revocation import Revocation
from tipstaff_policy.logins.sign_in.commit import read_stored
from tipstaff_policy.logins.sign_in.outcome import LogIn
from tipstaff_policy.model.request import Request
from tipstaff_policy.model.steps import Step

EARLIER = {"replaced": "in the place of the earlier login"}


def record_move(adapter: Adapter, request: Request, result: Move) -> str:
    """Put into the log that a login was moved, or that something of it is left behind."""
    moved = any(step.outcome == "removed" for step in result.steps)
    if not moved and result.exit_code != INCOMPLETE_EXIT:
        return ""
    reason = "; ".join(part for part in (f"to the {result.to}", result.note) if part)
    entry = Entry(MIGRATE, result.home, result.exit_code, adapter.name)
    return _write(request, entry._replace(reason=reason, steps=result.steps))


def record_revocations(
    adapter: Adapter, request: Request, home: str, found: Iterable[Revocation], exit_code: int
) -> str:
    """Put into the log what an issuer was asked for stored logins, and what came of it."""
    steps = tuple(map(_of_revocation, found))
    if all(step.outcome == "not_revocable" for step in steps):
        return ""
    return _write(request, Entry(REVOKE, home, exit_code, adapter.name, steps=steps))


def record_login(adapter: Adapter, request: Request, result: LogIn) -> str:
    """Put into the log what was signed in with, what the policy refused, and what was revoked.

    A sign-in that fails changes nothing, and is no record.
    """
    ended = result.exit_code in (0, FINDINGS_EXIT, INCOMPLETE_EXIT)
    if not ended and not result.revocations:
        return ""
    steps = (*_of_login(adapter, result), *map(_of_revocation, result.revocations))
    client = result.state.client
    entry = Entry(LOGIN, result.state.home, result.exit_code, client.name, client.version)
    reason = f"{result.flow}: {result.note}"
    return _write(request, entry._replace(reason=reason, steps=steps))


def _write(request: Request, entry: Entry) -> str:
    return "" if request.system_root else record(request.env, entry, request.now).fault


def _of_revocation(revocation: Revocation) -> Step:
    through = f"through {' and '.join(revocation.through)}" if revocation.through else ""
    detail = "; ".join(part for part in (revocation.issuer, revocation.detail, through) if part)
    return Step(revocation.store, revocation.path, "revoke", revocation.outcome, detail)


def _of_login(adapter: Adapter, result: LogIn) -> tuple[Step, ...]:
    """Return the result for the store of the login; nothing if it is unchanged."""
    sign_in = adapter.login()
    flows = {" ".join(tried.words): tried for tried in sign_in.flows.values()}
    flow = flows.get(result.flow)
    store = (flow.store if flow else None) or sign_in.store_of(result.state).source
    found = read_stored(result.state, store)
    path = found.path if found else None
    if result.outcome == "signed_in":
        return (Step(store, path, "store", "stored", EARLIER.get(result.earlier, "")),)
    if result.earlier == "unclear":
        return (Step(store, path, "store", "failed", "could not be taken away again"),)
    return ()


def record_departure(adapter: Adapter, request: Request, result: Departure) -> str:
    """Put into the action log what was removed, or could not be (ADR 0020).

    Returns:
        Why that could not be done, or nothing. It changes nothing of the log-out.
    """
    if request.system_root or not any(step.action == "remove" for step in result.steps):
        return ""
    from tipstaff_policy.action_log.log import record  # noqa: PLC0415 - where something happened
    from tipstaff_policy.action_log.record import Entry  # noqa: PLC0415

    entry = Entry("logout", result.home, result.exit_code, adapter.name)
    entry = entry._replace(reason=result.note, steps=result.steps)
    return record(request.env, entry, request.now).fault
