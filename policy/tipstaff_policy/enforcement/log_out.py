"""Carrying a plan out: lock, look again, decide again, remove, verify by reading back.

Loaded only where there is something to remove.
"""

from __future__ import annotations

from tipstaff_policy.assessment.compliance import comply
from tipstaff_policy.clients.interface.adapter import Adapter
from tipstaff_policy.clients.interface.slots import Folder, slot_of
from tipstaff_policy.enforcement.enforce import (
    DONE,
    BeforeRemoval,
    Enforcement,
    View,
    hold_folder,
    personal_view,
    view_of,
)
from tipstaff_policy.enforcement.erasure import (
    Target,
    came_meanwhile,
    check,
    erase,
    fail_step,
    find_seen,
    outside,
    plan_step,
    unlink_leftovers,
)
from tipstaff_policy.errors import (
    INCOMPLETE_EXIT,
    LOGGED_OUT_EXIT,
    STANDING_EXITS,
    AccessDeniedError,
    StoreLockedError,
    TipstaffError,
    reason_of,
)
from tipstaff_policy.model.request import Request
from tipstaff_policy.model.state import Credential, HostState, UnreadableCredential
from tipstaff_policy.model.steps import Step
from tipstaff_policy.record import Record


class LogOut(Record):
    """What is to be done about a host whose plan removes something, and by whose wish."""

    adapter: Adapter
    request: Request
    before: View
    """What was seen before anything was locked."""
    before_removal: BeforeRemoval | None = None
    personal: bool = False
    """Whether a rule of the user's own wants it."""

    def carry_out(self, *, dry_run: bool, lock_timeout_s: float) -> Enforcement:
        """Remove what is to be removed, and return what came of it."""
        view = self.before
        if dry_run or not view.plan.remove:
            steps = (*map(plan_step, self._targets(view)), *_outside(view))
            return view.result(steps, INCOMPLETE_EXIT)
        try:
            return self.under_locks(lock_timeout_s)
        except (StoreLockedError, AccessDeniedError) as error:
            return self.without_lock(error)
        except (TipstaffError, OSError, MemoryError) as error:
            return self.fail(error)

    def under_locks(self, timeout_s: float) -> Enforcement:
        """Read and judge again while sign-ins and log-outs are locked out, and act."""
        home = self.before.sight.state.home
        opened = hold_folder(home, needed=self._needs_folder())
        with opened as folder, self.adapter.hold(folder, home, timeout_s):
            return self._act(folder, self._with_lines(self.request))

    def without_lock(self, error: TipstaffError) -> Enforcement:
        """Act although a lock is never released, or is none; the credential file is quarantined.

        A file that cannot be renamed is removed in its place: a name goes at once or not at all.
        """
        from tipstaff_policy.enforcement.quarantine import (  # noqa: PLC0415 - rare
            put_aside,
            put_back,
        )

        request = self._with_lines(self.request)
        slots = [
            target.slot for target in self._targets(self.before) if target.slot.can_be_quarantined
        ]
        try:
            home = self.before.sight.state.home
            with hold_folder(home, needed=self._needs_folder()) as folder:
                moved = put_aside(slots, folder)
                try:
                    result = self._act(folder, request.read_with(aside=moved))
                finally:
                    if moved:
                        put_back(slots, folder)
        except (TipstaffError, OSError) as failure:
            return self.fail(failure)
        return result._replace(note=f"{result.note} (without {error.where}: {error.what})")

    def fail(self, error: TipstaffError | OSError | MemoryError) -> Enforcement:
        """Return that nothing could be removed, and why."""
        text = str(error).removeprefix("error: ") if isinstance(error, TipstaffError) else ""
        detail = text or reason_of(error)  # type: ignore[arg-type]
        steps = [fail_step(target, detail) for target in self._targets(self.before)]
        return self.before.result((*steps, *_outside(self.before)), INCOMPLETE_EXIT)

    def _needs_folder(self) -> bool:
        """Return whether a store that is to be emptied is in the client's folder."""
        home = self.before.sight.state.home
        return any(target.is_in(home) for target in self._targets(self.before))

    def _targets(self, view: View) -> tuple[Target, ...]:
        """Return the slots that a plan wants emptied, in its order."""
        places = _first_places(view.sight.state)
        return tuple(
            Target(slot_of(self.adapter.slots, store), place.path, place.file)
            if (place := places.get(store))
            else Target(slot_of(self.adapter.slots, store), None)
            for store in view.plan.remove
        )

    def _with_lines(self, request: Request) -> Request:
        """Return the request that also reads the lines of the rules."""
        return request.read_with(detail="lines")

    def _look_again(self, request: Request) -> View:
        view = view_of(self.adapter, request)
        return (personal_view(self.adapter, view) or view) if self.personal else view

    def _act(self, folder: int, request: Request) -> Enforcement:
        unlink_leftovers(self.adapter, folder)
        view = self._look_again(request)
        plan, state = view.plan, view.sight.state
        # A user may have signed in or out, or corrected the policy, while we waited.
        if plan.standing != "violates":
            return view.result((), STANDING_EXITS[plan.standing])
        if not plan.remove:
            return view.result(_outside(view), INCOMPLETE_EXIT)
        for store in plan.remove if self.before_removal else ():
            self.before_removal(request, state, store)  # type: ignore[misc]
        if not request.system_root:
            # Loaded before anything is removed: with too little memory nothing goes unrecorded.
            import tipstaff_policy.enforcement.action_entries  # noqa: PLC0415 - see above
            import tipstaff_policy.enforcement.running_clients  # noqa: PLC0415, F401 - as above
        targets = self._targets(view)
        removals = erase(targets, Folder(request, state.home, folder), wipes=_wipes(view))
        return self._verify(view, removals)

    def _verify(self, view: View, removals: tuple[Step, ...]) -> Enforcement:
        """Read everything back; what is still there was not removed."""
        plan, state = view.plan, view.sight.state
        # Also under its own name again: a user may have signed in without the lock.
        request = self._with_lines(self.request).read_with(every_place=True)
        if view.sight.organisation:
            from tipstaff_policy.assessment.policy_loading import (  # noqa: PLC0415 - a log-out
                ask_named,
            )

            request = ask_named(request, view.sight.organisation)
        after = self.adapter.read_state(request)._replace(ordered=state.ordered)
        sign_in_after = comply(after, self.adapter.by_administrators)
        came = sign_in_after.removes if sign_in_after.mode == "enforce" else ()
        places = after.places or ()
        checked = check(
            removals, {place.path: find_seen(place, self.adapter.slots) for place in places}
        )
        unseen = tuple(
            Step(
                place.source,
                place.path,
                "keep",
                "failed",
                f"{place.content.reason}; it was not read",
            )
            for place in places
            if isinstance(place.content, UnreadableCredential)
            and (place.content.present or place.content.unseen)
            and place.source not in plan.remove
        )
        found = _first_places(after)
        new = tuple(
            came_meanwhile(store, found[store].path if store in found else None)
            for store in came
            if store not in plan.remove
        )
        steps = (*checked, *new, *unseen, *self._holders(view), *_outside(view))
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


def _first_places(state: HostState) -> dict[str, Credential]:
    """Return the first place of each source."""
    return {place.source: place for place in reversed(state.everywhere())}


def _outside(view: View) -> tuple[Step, ...]:
    """Return the credentials outside of any store, which a plan cannot remove."""
    places = _first_places(view.sight.state)
    return tuple(outside(name, places.get(name)) for name in view.plan.variables)
