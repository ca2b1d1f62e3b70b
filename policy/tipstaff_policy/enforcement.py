"""Carrying a plan out: lock, look again, decide again, remove, verify by reading back."""

import os
from typing import TYPE_CHECKING, Literal, NamedTuple

from tipstaff_policy.clients.model import Adapter, Request
from tipstaff_policy.errors import (
    FINDINGS_EXIT,
    INCOMPLETE_EXIT,
    INVALID_EXIT,
    LOGGED_OUT_EXIT,
    UNEVALUATED_EXIT,
    EvaluationError,
    TipstaffError,
)
from tipstaff_policy.removal import Plan, plan_removal
from tipstaff_policy.sight import Sight, look
from tipstaff_policy.values import (
    Credential,
    Decision,
    Fault,
    HostState,
    NoCredential,
    UnreadableCredential,
)

if TYPE_CHECKING:  # loaded only where there is a policy
    from tipstaff_policy.organisation.reading import Organisation

LOCK_TIMEOUT_S = 10.0
EXITS = {
    "complies": 0,
    "warned": FINDINGS_EXIT,
    "refused": INVALID_EXIT,
    "unevaluated": UNEVALUATED_EXIT,
}
"""The exit code of a plan that removes nothing."""


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
    organisation: "Organisation | None" = None
    """The organisation's policy; None where there is none that can be used."""
    policy_faults: tuple[Fault, ...] = ()
    """Why it cannot be used."""
    needs_library: bool = False
    """Whether the full program, which has the libraries for it, could judge."""


class View(NamedTuple):
    """A host at one moment, and what is to be done about it."""

    sight: Sight
    plan: Plan

    def result(self, steps: tuple[Step, ...], code: int) -> Enforcement:
        """Return that nothing was removed."""
        decision, note = self.plan.decision, self.plan.note
        organisation, faults = self.sight.organisation, self.sight.faults
        library = self.plan.needs_library
        return Enforcement(
            self.sight.state, decision, steps, decision, note, code, organisation, faults, library
        )


def view_of(adapter: Adapter, request: Request) -> View:
    """Read a host and the organisation's policy, and plan."""
    sight = look(adapter, request)
    if sight.faults:
        first = sight.faults[0]
        note = f"the organisation's policy is invalid: {first.where}: {first.what}"
        return View(sight, Plan("refused", adapter.decide(sight.state), note=note))
    ignoring = adapter.restrictions if request.administrators_only else ()
    return View(sight, plan_removal(sight.state, adapter.decide, sight.orders, ignoring))


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
    view = view_of(adapter, request)
    state, plan = view.sight.state, view.plan
    if plan.standing != "violates":
        return view.result((), EXITS[plan.standing])
    if dry_run:
        return view.result((*_planned(state, plan), *_variables(plan)), INCOMPLETE_EXIT)
    if not plan.remove:
        return view.result(_variables(plan), INCOMPLETE_EXIT)
    try:
        return _under_locks(adapter, request, state, lock_timeout_s)
    except (TipstaffError, OSError) as error:
        why = (
            str(error).removeprefix("error: ") if isinstance(error, TipstaffError) else _why(error)
        )
        steps = (*(each._replace(outcome="failed", detail=why) for each in _planned(state, plan)),)
        return view.result((*steps, *_variables(plan)), INCOMPLETE_EXIT)


def _under_locks(
    adapter: Adapter, request: Request, before: HostState, timeout_s: float
) -> Enforcement:
    from tipstaff_policy.locks import held  # noqa: PLC0415 - only a log-out needs it

    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
    folder = os.open(before.home, flags)
    try:
        with held(adapter.locks, folder, before.home, timeout_s=timeout_s):
            # With lines, for whoever asks why; a log-out may take a little longer than a pass.
            view = view_of(adapter, request._replace(detail="lines"))
            plan = view.plan
            # Somebody may have signed in or out, or mended the policy, while we waited.
            if plan.standing != "violates":
                return view.result((), EXITS[plan.standing])
            if not plan.remove:
                return view.result(_variables(plan), INCOMPLETE_EXIT)
            removals = tuple(
                _remove(adapter, request, folder, view.sight.state, store) for store in plan.remove
            )
            return _verified(adapter, request, view, removals)
    finally:
        os.close(folder)


def _remove(adapter: Adapter, request: Request, folder: int, state: HostState, store: str) -> Step:
    """Empty one store; of a file, remove its name, and do not touch what a link leads to."""
    step = _planned_store(state, store)
    try:
        if store in adapter.files:
            os.unlink(adapter.files[store], dir_fd=folder)
            os.fsync(folder)
        else:
            adapter.empty_store(request, store, state.home)
    except FileNotFoundError:
        return step._replace(outcome="removed", detail="it was already gone")
    except OSError as error:
        return step._replace(outcome="failed", detail=f"cannot be removed: {_why(error)}")
    except EvaluationError as error:
        return step._replace(outcome="failed", detail=error.what)
    return step._replace(outcome="removed", detail=_left_behind(state, store))


def _verified(
    adapter: Adapter, request: Request, view: View, removals: tuple[Step, ...]
) -> Enforcement:
    """Read everything back; what is still there was not removed."""
    state, plan = view.sight.state, view.plan
    after = adapter.read_state(request)
    found = {each.source: each for each in after.credentials}
    checked = tuple(_checked(each, found.get(each.store)) for each in removals)
    unseen = tuple(
        Step(
            each.source,
            each.path,
            "keep",
            "failed",
            f"{each.content.reason}; what lies there stays",
        )
        for each in after.credentials
        if isinstance(each.content, UnreadableCredential)
        and each.content.present
        and each.source not in plan.remove
    )
    complete = (
        all(each.outcome == "removed" and not _left_behind(state, each.store) for each in checked)
        and not plan.variables
        and not unseen
    )
    return Enforcement(
        state,
        plan.decision,
        (*checked, *unseen, *_variables(plan)),
        adapter.decide(after),
        plan.note,
        LOGGED_OUT_EXIT if complete else INCOMPLETE_EXIT,
        view.sight.organisation,
    )


def _checked(removal: Step, found: Credential | None) -> Step:
    still_there = found is not None and (
        found.file is not None or not isinstance(found.content, NoCredential)
    )
    if removal.outcome == "removed" and still_there:
        return removal._replace(outcome="failed", detail="still there when read back")
    return removal


def _planned(state: HostState, plan: Plan) -> tuple[Step, ...]:
    return tuple(_planned_store(state, store) for store in plan.remove)


def _planned_store(state: HostState, store: str) -> Step:
    path = next((each.path for each in state.credentials if each.source == store), None)
    return Step(store, path, "remove", "planned", "")


def _variables(plan: Plan) -> tuple[Step, ...]:
    return tuple(
        Step(name, None, "keep", "failed", f"unset {name}; it cannot be removed from outside")
        for name in plan.variables
    )


def _left_behind(state: HostState, store: str) -> str:
    """Return what a removal of the name leaves usable elsewhere, or nothing."""
    facts = next((each.file for each in state.credentials if each.source == store), None)
    if facts and facts.type == "link":
        return f"only the link was removed; its target {facts.target} still holds the credential"
    if facts and facts.links > 1:
        return f"{facts.links - 1} further name(s) of the same file still hold the credential"
    return ""


def _why(error: OSError) -> str:
    return error.strerror or type(error).__name__
