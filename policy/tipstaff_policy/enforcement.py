"""Carrying a plan out: lock, look again, decide again, remove, verify by reading back."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, NamedTuple

from tipstaff_policy.clients.model import ASIDE, Adapter, Request
from tipstaff_policy.emptying import (
    Home,
    Step,
    empty,
    planned,
    unlink_leftovers,
    variable,
    why,
)
from tipstaff_policy.errors import (
    FINDINGS_EXIT,
    INCOMPLETE_EXIT,
    INVALID_EXIT,
    LOGGED_OUT_EXIT,
    UNEVALUATED_EXIT,
    StoreLockedError,
    TipstaffError,
)
from tipstaff_policy.files import open_folder
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
DONE = ("removed", "terminated", "kept")
EXITS = {
    "complies": 0,
    "warned": FINDINGS_EXIT,
    "refused": INVALID_EXIT,
    "unevaluated": UNEVALUATED_EXIT,
}
"""The exit code of a plan that removes nothing."""


BeforeRemoval = Callable[[Request, HostState, str], None]
"""Told of each store under the locks, before the first is emptied; must not fail."""


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
    plan = plan_removal(sight.state, adapter.decide, sight.orders, adapter.residue)
    return View(sight, plan)


def enforce(
    adapter: Adapter,
    request: Request,
    *,
    dry_run: bool = False,
    lock_timeout_s: float = LOCK_TIMEOUT_S,
    before_removal: BeforeRemoval | None = None,
) -> Enforcement:
    """Log out of every store whose credential violates, and prove it; exit codes 0, 3, 4, 10, 11.

    Raises:
        UsageError: The request names no single home.
    """
    view = view_of(adapter, request)
    if not dry_run and _recovered(adapter, view.sight.state.home):
        view = view_of(adapter, request)
    plan = view.plan
    if plan.standing != "violates":
        return view.result((), EXITS[plan.standing])
    if dry_run:
        return view.result((*_planned(view), *_variables(plan)), INCOMPLETE_EXIT)
    if not plan.remove:
        return view.result(_variables(plan), INCOMPLETE_EXIT)
    log_out = _LogOut(adapter, request, view, before_removal)
    try:
        return log_out.under_locks(lock_timeout_s)
    except StoreLockedError as error:
        return log_out.without_lock(error)
    except (TipstaffError, OSError) as error:
        return log_out.failed(error)


def _recovered(adapter: Adapter, home: str) -> bool:
    """Put back what a run that was killed has left aside; return whether there was anything."""
    if not os.path.lexists(f"{home}/{adapter.files['file']}{ASIDE}"):
        return False
    from tipstaff_policy.aside import put_back  # noqa: PLC0415 - rare

    with suppress(OSError), _folder(home) as folder:
        put_back(adapter, folder)
    return True


@contextmanager
def _folder(home: str) -> Iterator[int]:
    folder = open_folder(home)
    try:
        yield folder
    finally:
        os.close(folder)


class _LogOut(NamedTuple):
    """A log-out that was found to be due."""

    adapter: Adapter
    request: Request
    before: View
    """What was seen before anything was locked."""
    before_removal: BeforeRemoval | None

    def under_locks(self, timeout_s: float) -> Enforcement:
        """Look and decide again while nobody can sign in or out, and act."""
        from tipstaff_policy.locks import held  # noqa: PLC0415 - only a log-out needs it

        home = self.before.sight.state.home
        with (
            _folder(home) as folder,
            held(self.adapter.locks, folder, home, timeout_s=timeout_s),
        ):
            return self._act(folder, self._everywhere(self.request))

    def without_lock(self, error: StoreLockedError) -> Enforcement:
        """Move the credential file aside, where the lock is held for ever, and act on it there."""
        from tipstaff_policy.aside import put_aside, put_back  # noqa: PLC0415 - rare

        if "file" not in self.before.plan.remove:
            return self.failed(error)
        unlocked = f"the client's lock was not held: {error.where} belongs to another process"
        try:
            with _folder(self.before.sight.state.home) as folder:
                put_aside(self.adapter, folder)
                try:
                    result = self._act(folder, self._everywhere(self.request._replace(aside=True)))
                finally:
                    put_back(self.adapter, folder)
        except (TipstaffError, OSError) as failure:
            return self.failed(failure)
        return result._replace(note=f"{result.note} ({unlocked})")

    def failed(self, error: TipstaffError | OSError) -> Enforcement:
        """Return that nothing could be removed, and why."""
        told = str(error).removeprefix("error: ") if isinstance(error, TipstaffError) else ""
        steps = [
            each._replace(outcome="failed", detail=told or why(error))  # type: ignore[arg-type]
            for each in _planned(self.before)
        ]
        variables = _variables(self.before.plan)
        return self.before.result((*steps, *variables), INCOMPLETE_EXIT)

    def _everywhere(self, request: Request) -> Request:
        """Return the request that looks into every store, with lines, for whoever asks why."""
        return request._replace(detail="lines", every_store=not request.only_in_use)

    def _act(self, folder: int, request: Request) -> Enforcement:
        unlink_leftovers(self.adapter, folder)
        view = view_of(self.adapter, request)
        plan, state = view.plan, view.sight.state
        # Somebody may have signed in or out, or mended the policy, while we waited.
        if plan.standing != "violates":
            return view.result((), EXITS[plan.standing])
        if not plan.remove:
            return view.result(_variables(plan), INCOMPLETE_EXIT)
        # The store in use comes last: until it is empty, a run that was killed is done again.
        stores = sorted(plan.remove, key=lambda each: each == plan.decision.active)
        for store in stores if self.before_removal else ():
            self.before_removal(request, state, store)  # type: ignore[misc]
        home = Home(self.adapter, request, folder, state, _wipes(view))
        removals = tuple(step for store in stores for step in empty(home, store))
        return self._verified(view, removals)

    def _verified(self, view: View, removals: tuple[Step, ...]) -> Enforcement:
        """Read everything back; what is still there was not removed."""
        plan, state = view.plan, view.sight.state
        # Also under its own name again: somebody may have signed in without the lock.
        after = self.adapter.read_state(self._everywhere(self.request))
        found = {each.source: each for each in after.credentials}
        in_use = {each.source for each in self.before.sight.state.credentials}
        checked = tuple(_checked(each, found.get(each.store)) for each in removals)
        unseen = tuple(
            Step(
                each.source,
                each.path,
                "keep",
                # Of a store that is not in use, it is enough to say that nobody could look.
                "failed" if each.source in in_use else "kept",
                f"{each.content.reason}; what lies there stays",
            )
            for each in after.credentials
            if isinstance(each.content, UnreadableCredential)
            and each.content.present
            and each.source not in plan.remove
        )
        steps = (*checked, *unseen, *self._holders(view), *_variables(plan))
        complete = all(each.outcome in DONE for each in steps)
        return Enforcement(
            state,
            plan.decision,
            steps,
            self.adapter.decide(after),
            plan.note,
            LOGGED_OUT_EXIT if complete else INCOMPLETE_EXIT,
            view.sight.organisation,
        )

    def _holders(self, view: View) -> tuple[Step, ...]:
        from tipstaff_policy.holders import steps_for_holders  # noqa: PLC0415 - only a log-out

        organisation = view.sight.organisation
        rule = organisation.policy.running_clients if organisation else None
        terminate = rule is not None and rule.value == "terminate"
        return steps_for_holders(
            self.adapter, self.request, view.sight.state.home, terminate=terminate
        )


def _wipes(view: View) -> bool:
    rule = view.sight.organisation.policy.wipe_linked if view.sight.organisation else None
    return rule is not None and rule.value


def _checked(removal: Step, found: Credential | None) -> Step:
    still_there = found is not None and (
        found.file is not None or not isinstance(found.content, NoCredential)
    )
    if removal.outcome == "removed" and still_there:
        return removal._replace(outcome="failed", detail="still there when read back")
    return removal


def _planned(view: View) -> tuple[Step, ...]:
    return tuple(planned(view.sight.state, store) for store in view.plan.remove)


def _variables(plan: Plan) -> tuple[Step, ...]:
    return tuple(map(variable, plan.variables))
