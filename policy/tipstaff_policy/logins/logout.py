"""Logging out because the person asks: every store of a home, whatever the configuration says."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from tipstaff_policy.clients.interface.adapter import Adapter
from tipstaff_policy.clients.interface.slots import NO_FOLDER, Folder
from tipstaff_policy.clients.interface.stores import StoreContent, Stores
from tipstaff_policy.enforcement.enforce import LOCK_TIMEOUT_S
from tipstaff_policy.enforcement.erasure import (
    Seen,
    Target,
    came_meanwhile,
    check,
    erase,
    fail_step,
    outside,
    plan_step,
    unlink_leftovers,
)
from tipstaff_policy.enforcement.running_clients import steps_for_running_clients
from tipstaff_policy.errors import INCOMPLETE_EXIT, UNEVALUATED_EXIT, EvaluationError
from tipstaff_policy.model.request import Request
from tipstaff_policy.model.steps import Step
from tipstaff_policy.record import Record
from tipstaff_policy.system.files import open_folder

BeforeRemoval = Callable[[str, StoreContent], None]
"""Called with the client's folder and each place, before the first is emptied; must not fail."""


class Departure(Record):
    """What a log-out that was asked for found, did, and left."""

    home: str
    steps: tuple[Step, ...]
    note: str
    exit_code: int


def log_out(
    adapter: Adapter,
    request: Request,
    *,
    dry_run: bool = False,
    lock_timeout_s: float = LOCK_TIMEOUT_S,
    before_removal: BeforeRemoval | None = None,
) -> Departure:
    """Empty every store of the client's folder, and prove it; exit codes 0, 4, 11.

    No rule is asked for leave, so that no broken one can refuse it. A lock that is held past its
    limit does not keep the login either: a name is removed at once or not at all.

    Raises:
        EvaluationError: The client's folder is named and is none.
        UsageError: A system root holds several homes and none was chosen.
    """
    every_store = adapter.custody().every_store
    before = every_store(request)
    notify = before_removal or (lambda _home, _place: None)
    if dry_run:
        _notify(notify, before)
        return _build_departure(before, tuple(map(plan_step, _targets(before))))
    with hold_locks(adapter, before.home, lock_timeout_s) as (folder, note):
        if folder is not None:
            unlink_leftovers(adapter, folder)
        now = every_store(request)
        _notify(notify, now)
        removed = _erase_places(request, folder, now)
        after = every_store(request)
    removals = _read_back(removed, after)
    # Processes of the client go on with what they read before; they are left alone.
    running = (
        steps_for_running_clients(adapter, request, now.home, terminate=False) if removals else ()
    )
    return _build_departure(after, (*removals, *running), note)


def _notify(notify: BeforeRemoval, stores: Stores) -> None:
    for place in stores.places:
        if place.holds:
            notify(stores.home, place)


def _erase_places(request: Request, folder: int | None, stores: Stores) -> tuple[Step, ...]:
    """Empty every place; without the folder, only those outside of it."""
    targets = _targets(stores)
    if folder is None:
        entries = [target for target in targets if not target.is_in(stores.home)]
        out_of_reach = [target for target in targets if target.is_in(stores.home)]
        return (
            *(fail_step(target, "the client's folder cannot be opened") for target in out_of_reach),
            *erase(entries, Folder(request, stores.home, NO_FOLDER, on_request=True)),
        )
    return erase(targets, Folder(request, stores.home, folder, on_request=True))


@contextmanager
def hold_locks(adapter: Adapter, home: str, timeout_s: float) -> Iterator[tuple[int | None, str]]:
    """Hold the client's locks where that is possible, and say where it is not.

    Gives a descriptor of the folder, None where there is none, or none that could be looked into.
    """
    with ExitStack() as stack:
        try:
            folder = open_folder(home)
        except OSError:
            yield None, ""
            return
        stack.callback(os.close, folder)
        note = ""
        try:
            stack.enter_context(adapter.hold(folder, home, timeout_s))
        except EvaluationError as error:
            note = f"{error.where}: {error.what}; went on without it"
        yield folder, note


def _targets(stores: Stores) -> list[Target]:
    """Return every place that holds something, as what is to be emptied."""
    return [Target(place.slot, place.path, place.file) for place in stores.places if place.holds]


def _read_back(removed: tuple[Step, ...], after: Stores) -> tuple[Step, ...]:
    """Compare with the present content; what is there was not removed, or came meanwhile."""
    seen = [Seen(place.store, place.path, place.holds, place.unseen) for place in after.places]
    checked = check(removed, {slot.path: slot for slot in seen})
    known = {step.path for step in removed}
    came = [slot for slot in seen if slot.holds and slot.path not in known]
    return (*checked, *(came_meanwhile(slot.store, slot.path) for slot in came))


def _list_kept(stores: Stores, reported: set[str | None]) -> tuple[Step, ...]:
    """Return what cannot be removed from here: unread stores, and the environment.

    Args:
        reported: Places that have a step already.
    """
    unseen = [
        _plan_unseen(place, stores)
        for place in stores.places
        if place.unseen and place.path not in reported
    ]
    return (*unseen, *map(outside, stores.variables))


def _plan_unseen(place: StoreContent, stores: Stores) -> Step:
    """Return that the content of a store is unknown; without any keyring it is empty."""
    if not stores.in_doubt(place):
        return Step(place.store, place.path, "keep", "kept", f"{place.unseen}; none is kept here")
    traces = stores.keyring_traces if place.name is None else ()
    why = f"; {traces[0]} shows that there is one" if traces else ""
    return Step(place.store, place.path, "keep", "failed", place.unseen + why)


def _build_departure(stores: Stores, removals: tuple[Step, ...], note: str = "") -> Departure:
    kept = _list_kept(stores, {removal.path for removal in removals})
    left = [removal for removal in removals if removal.outcome != "removed"]
    variables = [step for step in kept if step.path is None]
    unseen = [step for step in kept if step.outcome == "failed"]
    code = 0
    if left or variables or (unseen and removals):
        code = INCOMPLETE_EXIT
    elif unseen:
        code = UNEVALUATED_EXIT
    return Departure(stores.home, (*removals, *kept), note, code)
