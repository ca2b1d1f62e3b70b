"""Enforcing on one host: read it, judge it, plan; and log out where the plan says so."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from tipstaff_policy.assessment.compliance import comply
from tipstaff_policy.assessment.inspection import Inspection, inspect_and_ask
from tipstaff_policy.assessment.removal_plan import Plan, plan_by_personal_rule, plan_removal
from tipstaff_policy.clients.interface.adapter import Adapter
from tipstaff_policy.clients.interface.slots import ASIDE, NO_FOLDER
from tipstaff_policy.errors import (
    STANDING_EXITS,
    UNEVALUATED_EXIT,
)
from tipstaff_policy.model.request import Request
from tipstaff_policy.model.state import (
    Decision,
    Fault,
    HostState,
    SignIn,
)
from tipstaff_policy.record import Record
from tipstaff_policy.system.files import open_folder

if TYPE_CHECKING:  # loaded only where there is a policy
    from tipstaff_policy.assessment.policy_loading import Organisation
    from tipstaff_policy.model.steps import Step

LOCK_TIMEOUT_S = 10.0
DONE = ("removed", "terminated", "kept")

BeforeRemoval = Callable[[Request, HostState, str], None]
"""Called with each store under the locks, before the first is emptied; must not fail."""


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
    organisation: Organisation | None = None
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
    decision = None if request.options.lean else adapter.decide(sight.state)
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
    if not dry_run and _recover(adapter, view.sight.state.home):
        view = view_of(adapter, request)
    if view.plan.needs_library and request.options.hands_over:
        return view.result((), UNEVALUATED_EXIT)
    if view.plan.standing != "violates":
        return view.result((), STANDING_EXITS[view.plan.standing])
    from tipstaff_policy.enforcement.log_out import LogOut  # noqa: PLC0415 - not where all complies

    log_out = LogOut(adapter, request, view, before_removal)
    return log_out.carry_out(dry_run=dry_run, lock_timeout_s=lock_timeout_s)


def _recover(adapter: Adapter, home: str) -> bool:
    """Put back what a run that was killed has left aside; return whether there was anything."""
    slots = [
        slot
        for slot in adapter.slots
        if slot.can_be_quarantined and os.path.lexists(f"{home}/{slot.name}{ASIDE}")
    ]
    if not slots:
        return False
    from tipstaff_policy.enforcement.quarantine import put_back  # noqa: PLC0415 - rare

    with suppress(OSError), hold_folder(home) as folder:
        put_back(slots, folder)
    return True


@contextmanager
def hold_folder(home: str, *, needed: bool = True) -> Iterator[int]:
    """Open a folder of the client, for as long as it is worked in.

    Args:
        needed: Whether something in it is to be removed; else it may be missing.
    """
    try:
        folder = open_folder(home)
    except FileNotFoundError:
        if needed:
            raise
        yield NO_FOLDER
        return
    try:
        yield folder
    finally:
        os.close(folder)
