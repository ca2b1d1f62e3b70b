"""Carrying a plan out: lock, look again, decide again, remove, verify by reading back."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from tipstaff_policy.assessment.compliance import comply
from tipstaff_policy.assessment.inspection import Inspection, inspect_and_ask
from tipstaff_policy.assessment.removal_plan import Plan, plan_by_personal_rule, plan_removal
from tipstaff_policy.clients.interface.adapter import Adapter
from tipstaff_policy.clients.own_files import ASIDE
from tipstaff_policy.enforcement.erasure import (
    Home,
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
    AccessDeniedError,
    StoreLockedError,
    TipstaffError,
)
from tipstaff_policy.model.request import Request
from tipstaff_policy.model.state import (
    Credential,
    Decision,
    Fault,
    HostState,
    NoCredential,
    SignIn,
    UnreadableCredential,
)
from tipstaff_policy.model.steps import Step
from tipstaff_policy.record import Record
from tipstaff_policy.system.files import open_folder

if TYPE_CHECKING:  # loaded only where there is a policy
    from tipstaff_policy.assessment.policy_loading import Organisation

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


class Enforcement(Record):
    """What enforcement found, did, and left."""

    state: HostState
    """As it was when the last judgement before acting was made."""
    sign_in: SignIn
    steps: tuple[Step, ...]
    sign_in_after: SignIn
    note: str
    exit_code: int
    decision: Decision | None = None
    """What the client would do; None where only compliance was asked for."""
    organisation: "Organisation | None" = None
    """The organisation's policy; None where there is none that can be used."""
    policy_faults: tuple[Fault, ...] = ()
    """Why it cannot be used."""
    needs_library: bool = False
    """Whether the full program, which has the libraries for it, could judge."""


class View(Record):
    """A host at one moment, and what is to be done about it."""

    sight: Inspection
    sign_in: SignIn
    plan: Plan
    decision: Decision | None = None

    def result(self, steps: tuple[Step, ...], code: int) -> Enforcement:
        """Return that nothing was removed."""
        return Enforcement(
            self.sight.state,
            self.sign_in,
            steps,
            self.sign_in,
            self.plan.note,
            code,
            self.decision,
            self.sight.organisation,
            self.sight.faults,
            self.plan.needs_library,
        )


def view_of(adapter: Adapter, request: Request) -> View:
    """Read a host and the organisation's policy, judge compliance, and plan."""
    sight = inspect_and_ask(adapter, request)
    sign_in = comply(sight.state, adapter.by_administrators)
    why = sight.orders.stage.why if sight.orders else ""
    plan = plan_removal(sign_in, why)
    decision = None if request.lean else adapter.decide(sight.state)
    return View(sight, sign_in, plan, decision)


def personal_view(adapter: Adapter, view: View) -> View | None:
    """Return what the client would remove by a rule of the user's own; None where nothing."""
    if view.decision is None or view.plan.standing != "complies":
        return None
    state = view.sight.state
    binding = adapter.by_administrators(state).binding
    plan = plan_by_personal_rule(state, adapter.decide, view.sign_in, binding)
    return None if plan is None else view._replace(plan=plan)


def enforce(
    adapter: Adapter,
    request: Request,
    *,
    dry_run: bool = False,
    lock_timeout_s: float = LOCK_TIMEOUT_S,
    before_removal: BeforeRemoval | None = None,
) -> Enforcement:
    """Log out of every store that breaks a rule of the administrators, and prove it.

    The exit codes are 0, 1, 3, 4, 10 and 11.

    Raises:
        UsageError: The request names no single home.
    """
    view = view_of(adapter, request)
    if not dry_run and _recovered(adapter, view.sight.state.home):
        view = view_of(adapter, request)
    log_out = LogOut(adapter, request, view, before_removal)
    return log_out.carried_out(dry_run=dry_run, lock_timeout_s=lock_timeout_s)


def _recovered(adapter: Adapter, home: str) -> bool:
    """Put back what a run that was killed has left aside; return whether there was anything."""
    if not os.path.lexists(f"{home}/{adapter.files['file']}{ASIDE}"):
        return False
    from tipstaff_policy.enforcement.quarantine import put_back  # noqa: PLC0415 - rare

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


class LogOut(Record):
    """What is to be done about a host, and by whose wish."""

    adapter: Adapter
    request: Request
    before: View
    """What was seen before anything was locked."""
    before_removal: BeforeRemoval | None = None
    personal: bool = False
    """Whether a rule of the user's own wants it."""

    def carried_out(self, *, dry_run: bool, lock_timeout_s: float) -> Enforcement:
        """Remove what is to be removed, and return what came of it."""
        view, plan = self.before, self.before.plan
        if plan.needs_library and self.request.hands_over:
            return view.result((), UNEVALUATED_EXIT)
        if plan.standing != "violates":
            return view.result((), EXITS[plan.standing])
        if dry_run or not plan.remove:
            return view.result((*_planned(view), *_variables(plan)), INCOMPLETE_EXIT)
        try:
            return self.under_locks(lock_timeout_s)
        except (StoreLockedError, AccessDeniedError) as error:
            return self.without_lock(error)
        except (TipstaffError, OSError, MemoryError) as error:
            return self.failed(error)

    def under_locks(self, timeout_s: float) -> Enforcement:
        """Look and judge again while nobody can sign in or out, and act."""
        from tipstaff_policy.enforcement.client_locks import (  # noqa: PLC0415 - only a log-out needs it
            held,
        )

        home = self.before.sight.state.home
        with (
            _folder(home) as folder,
            held(self.adapter.locks, folder, home, timeout_s=timeout_s),
        ):
            return self._act(folder, self._with_lines(self.request))

    def without_lock(self, error: TipstaffError) -> Enforcement:
        """Act although a lock is held for ever, or is none; the credential file is moved aside.

        What cannot be moved aside is removed where it lies: a name goes at once or not at all.
        """
        from tipstaff_policy.enforcement.quarantine import (  # noqa: PLC0415 - rare
            put_aside,
            put_back,
        )

        request = self._with_lines(self.request)
        try:
            with _folder(self.before.sight.state.home) as folder:
                moved = False
                if "file" in self.before.plan.remove:
                    with suppress(OSError):
                        put_aside(self.adapter, folder)
                        moved = True
                try:
                    result = self._act(folder, request._replace(aside=moved))
                finally:
                    if moved:
                        put_back(self.adapter, folder)
        except (TipstaffError, OSError) as failure:
            return self.failed(failure)
        return result._replace(note=f"{result.note} (without {error.where}: {error.what})")

    def failed(self, error: TipstaffError | OSError | MemoryError) -> Enforcement:
        """Return that nothing could be removed, and why."""
        told = str(error).removeprefix("error: ") if isinstance(error, TipstaffError) else ""
        steps = [
            each._replace(outcome="failed", detail=told or why(error))  # type: ignore[arg-type]
            for each in _planned(self.before)
        ]
        variables = _variables(self.before.plan)
        return self.before.result((*steps, *variables), INCOMPLETE_EXIT)

    def _with_lines(self, request: Request) -> Request:
        """Return the request that also tells in which line a rule stands."""
        return request._replace(detail="lines")

    def _look_again(self, request: Request) -> View:
        view = view_of(self.adapter, request)
        return (personal_view(self.adapter, view) or view) if self.personal else view

    def _act(self, folder: int, request: Request) -> Enforcement:
        unlink_leftovers(self.adapter, folder)
        view = self._look_again(request)
        plan, state = view.plan, view.sight.state
        # Somebody may have signed in or out, or corrected the policy, while we waited.
        if plan.standing != "violates":
            return view.result((), EXITS[plan.standing])
        if not plan.remove:
            return view.result(_variables(plan), INCOMPLETE_EXIT)
        for store in plan.remove if self.before_removal else ():
            self.before_removal(request, state, store)  # type: ignore[misc]
        if not request.system_root:
            # Loaded before anything is removed: with too little memory nothing goes unrecorded.
            import tipstaff_policy.enforcement.action_entries  # noqa: PLC0415 - see above
            import tipstaff_policy.enforcement.running_clients  # noqa: PLC0415, F401 - as above
        home = Home(self.adapter, request, folder, state, _wipes(view))
        removals = tuple(step for store in plan.remove for step in empty(home, store))
        return self._verified(view, removals)

    def _verified(self, view: View, removals: tuple[Step, ...]) -> Enforcement:
        """Read everything back; what is still there was not removed."""
        plan, state = view.plan, view.sight.state
        # Also under its own name again: somebody may have signed in without the lock.
        request = self._with_lines(self.request)._replace(every_place=True)
        if view.sight.organisation:
            from tipstaff_policy.assessment.policy_loading import (  # noqa: PLC0415 - a log-out
                trusting,
            )

            request = trusting(request, view.sight.organisation)
        after = self.adapter.read_state(request)._replace(ordered=state.ordered)
        sign_in_after = comply(after, self.adapter.by_administrators)
        came = sign_in_after.removes if sign_in_after.mode == "enforce" else ()
        found = {place.source: place for place in after.places or ()}
        checked = tuple(_checked(removal, found.get(removal.store)) for removal in removals)
        unseen = tuple(
            Step(
                each.source, each.path, "keep", "failed", f"{each.content.reason}; it was not read"
            )
            for each in found.values()
            if isinstance(each.content, UnreadableCredential)
            and (each.content.present or each.content.unseen)
            and each.source not in plan.remove
        )
        new = tuple(
            planned(after, each)._replace(outcome="failed", detail="came while this ran")
            for each in came
            if each not in plan.remove
        )
        steps = (*checked, *new, *unseen, *self._holders(view), *_variables(plan))
        complete = all(step.outcome in DONE for step in steps)
        return Enforcement(
            state,
            view.sign_in,
            steps,
            sign_in_after,
            plan.note,
            LOGGED_OUT_EXIT if complete else INCOMPLETE_EXIT,
            view.decision,
            view.sight.organisation,
        )

    def _holders(self, view: View) -> tuple[Step, ...]:
        from tipstaff_policy.enforcement.running_clients import (  # noqa: PLC0415 - only a log-out
            steps_for_running_clients,
        )

        organisation = view.sight.organisation
        rule = organisation.policy.running_clients if organisation else None
        terminate = rule is not None and rule.value == "terminate"
        return steps_for_running_clients(
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
        content = found.content if found else None
        unseen = isinstance(content, UnreadableCredential) and content.unseen
        detail = f"not proven: {content.reason}" if unseen else "still there when read back"  # type: ignore[union-attr]
        return removal._replace(outcome="failed", detail=detail)
    return removal


def _planned(view: View) -> tuple[Step, ...]:
    return tuple(planned(view.sight.state, store) for store in view.plan.remove)


def _variables(plan: Plan) -> tuple[Step, ...]:
    return tuple(map(variable, plan.variables))
