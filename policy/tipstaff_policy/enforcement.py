"""Carrying a plan out: lock, look again, decide again, remove, verify by reading back."""

import os
from typing import Literal, NamedTuple

from tipstaff_policy.clients.model import Adapter, Request
from tipstaff_policy.errors import (
    INCOMPLETE_EXIT,
    INVALID_EXIT,
    LOGGED_OUT_EXIT,
    UNEVALUATED_EXIT,
    TipstaffError,
)
from tipstaff_policy.removal import Plan, plan_removal
from tipstaff_policy.values import Decision, HostState, NoCredential

LOCK_TIMEOUT_S = 10.0
EXITS = {"complies": 0, "refused": INVALID_EXIT, "unevaluated": UNEVALUATED_EXIT}


class Step(NamedTuple):
    """What was done in one place."""

    store: str
    path: str | None
    action: Literal["remove", "keep"]
    outcome: Literal["removed", "kept", "planned", "failed"]
    detail: str


class Enforcement(NamedTuple):
    """What enforcement found, did, and left."""

    state: HostState
    """As it was when the last decision before acting was made."""
    decision: Decision
    steps: tuple[Step, ...]
    decision_after: Decision
    note: str
    exit_code: int


def enforce(
    adapter: Adapter,
    request: Request,
    *,
    dry_run: bool = False,
    lock_timeout_s: float = LOCK_TIMEOUT_S,
) -> Enforcement:
    """Log out of every store whose credential violates, and prove it; exit codes 0, 3, 4, 10, 11.

    Raises:
        UsageError: The request names no single home.
    """
    state = adapter.read_state(request)
    plan = plan_removal(state, adapter.decide)
    if plan.standing != "violates":
        note, code = plan.note, EXITS[plan.standing]
        return Enforcement(state, plan.decision, (), plan.decision, note, code)
    if dry_run:
        steps = (*_planned(state, plan), *_variables(plan))
        return Enforcement(state, plan.decision, steps, plan.decision, plan.note, INCOMPLETE_EXIT)
    if not plan.remove:
        return _without_removal(state, plan)
    try:
        return _under_locks(adapter, request, state, lock_timeout_s)
    except (TipstaffError, OSError) as error:
        why = (
            str(error).removeprefix("error: ") if isinstance(error, TipstaffError) else _why(error)
        )
        steps = (*(each._replace(outcome="failed", detail=why) for each in _planned(state, plan)),)
        steps += _variables(plan)
        return Enforcement(state, plan.decision, steps, plan.decision, plan.note, INCOMPLETE_EXIT)


def _under_locks(
    adapter: Adapter, request: Request, before: HostState, timeout_s: float
) -> Enforcement:
    from tipstaff_policy.locks import held  # noqa: PLC0415 - only a log-out needs it

    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
    folder = os.open(before.home, flags)
    try:
        with held(adapter.locks, folder, before.home, timeout_s=timeout_s):
            # With lines, for whoever asks why; a log-out may take a little longer than a pass.
            state = adapter.read_state(request._replace(details=True))
            plan = plan_removal(state, adapter.decide)
            if plan.standing != "violates" or not plan.remove:
                # Somebody signed in or out, or mended the policy, while we waited.
                if plan.standing == "violates":
                    return _without_removal(state, plan)
                code = EXITS[plan.standing]
                return Enforcement(state, plan.decision, (), plan.decision, plan.note, code)
            removal = _remove(adapter.credential_file, folder, state)
            return _verified(adapter, request, state, plan, removal)
    finally:
        os.close(folder)


def _remove(name: str, folder: int, state: HostState) -> Step:
    """Remove one name from the client's folder; what a link leads to is not touched."""
    step = _planned_file(state)
    try:
        os.unlink(name, dir_fd=folder)
        os.fsync(folder)
    except FileNotFoundError:
        return step._replace(outcome="removed", detail="it was already gone")
    except OSError as error:
        return step._replace(outcome="failed", detail=f"cannot be removed: {_why(error)}")
    return step._replace(outcome="removed", detail=_left_behind(state))


def _verified(
    adapter: Adapter, request: Request, state: HostState, plan: Plan, removal: Step
) -> Enforcement:
    after = adapter.read_state(request)
    still_there = any(
        each.source in plan.remove and (each.file or not isinstance(each.content, NoCredential))
        for each in after.credentials
    )
    if removal.outcome == "removed" and still_there:
        removal = removal._replace(outcome="failed", detail="still there when read back")
    complete = removal.outcome == "removed" and not _left_behind(state) and not plan.variables
    return Enforcement(
        state,
        plan.decision,
        (removal, *_variables(plan)),
        adapter.decide(after),
        plan.note,
        LOGGED_OUT_EXIT if complete else INCOMPLETE_EXIT,
    )


def _without_removal(state: HostState, plan: Plan) -> Enforcement:
    steps = _variables(plan)
    return Enforcement(state, plan.decision, steps, plan.decision, plan.note, INCOMPLETE_EXIT)


def _planned(state: HostState, plan: Plan) -> tuple[Step, ...]:
    return (_planned_file(state),) if plan.remove else ()


def _planned_file(state: HostState) -> Step:
    path = next(each.path for each in state.credentials if each.path is not None)
    return Step("file", path, "remove", "planned", "")


def _variables(plan: Plan) -> tuple[Step, ...]:
    return tuple(
        Step(name, None, "keep", "failed", f"unset {name}; it cannot be removed from outside")
        for name in plan.variables
    )


def _left_behind(state: HostState) -> str:
    """Return what a removal of the name leaves usable elsewhere, or nothing."""
    facts = next((each.file for each in state.credentials if each.file), None)
    if facts and facts.type == "link":
        return f"only the link was removed; its target {facts.target} still holds the credential"
    if facts and facts.links > 1:
        return f"{facts.links - 1} further name(s) of the same file still hold the credential"
    return ""


def _why(error: OSError) -> str:
    return error.strerror or type(error).__name__
