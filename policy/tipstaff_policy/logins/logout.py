"""Logging out because the person asks: every store of a home, whatever the configuration says."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from tipstaff_policy.clients.interface.adapter import Adapter
from tipstaff_policy.clients.interface.stores import CredentialStores, Stores, StoreSlot
from tipstaff_policy.enforcement.client_locks import held
from tipstaff_policy.enforcement.enforce import LOCK_TIMEOUT_S
from tipstaff_policy.enforcement.erasure import carried_out, unlink, unlink_leftovers, variable
from tipstaff_policy.enforcement.running_clients import steps_for_running_clients
from tipstaff_policy.errors import INCOMPLETE_EXIT, UNEVALUATED_EXIT, EvaluationError
from tipstaff_policy.model.request import Request
from tipstaff_policy.model.steps import Step
from tipstaff_policy.record import Record
from tipstaff_policy.system.files import open_folder

BeforeRemoval = Callable[[str, StoreSlot], None]
"""Told of the client's folder and each place in it, before the first is emptied; must not fail."""


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
    custody = adapter.custody()
    before = custody.every_store(request)
    tell = before_removal or (lambda _home, _place: None)
    if dry_run:
        planned = [place for place in before.places if place.holds]
        for each in planned:
            tell(before.home, each)
        return _told(before, tuple(_step(each, "planned") for each in planned))
    with locked(adapter, before.home, lock_timeout_s) as (folder, note):
        if folder is not None:
            unlink_leftovers(adapter, folder)
        now = custody.every_store(request)
        for place in now.places:
            if place.holds:
                tell(now.home, place)
        removed = tuple(
            _remove(custody, request, folder, now.home, place)
            for place in now.places
            if place.holds
        )
        after = custody.every_store(request)
    removals = _checked(removed, after)
    holders = _holders(adapter, request, now.home) if removals else ()
    return _told(after, (*removals, *holders), note)


@contextmanager
def locked(adapter: Adapter, home: str, timeout_s: float) -> Iterator[tuple[int | None, str]]:
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
            stack.enter_context(held(adapter.locks, folder, home, timeout_s=timeout_s))
        except EvaluationError as error:
            note = f"{error.where}: {error.what}; went on without it"
        yield folder, note


def _remove(
    custody: CredentialStores, request: Request, folder: int | None, home: str, place: StoreSlot
) -> Step:
    """Empty one store; of a file, remove its name, and do not touch what a link leads to."""

    def remove() -> None:
        if place.name is None:
            custody.empty(request, place.store, home)
        elif folder is not None:
            unlink(place.name, folder)

    done = carried_out(_step(place, "planned"), remove)
    left = "" if done.detail else _left_behind(place)
    return done._replace(outcome="failed", detail=left) if left else done


def _left_behind(place: StoreSlot) -> str:
    """Return what a removal of the name leaves usable elsewhere, or nothing."""
    facts = place.file
    if facts and facts.type == "link":
        return f"only the link was removed; its target {facts.target} still holds the credential"
    if facts and facts.links > 1:
        return f"{facts.links - 1} further name(s) of the same file still hold the credential"
    return ""


def _checked(removed: tuple[Step, ...], after: Stores) -> tuple[Step, ...]:
    """Read back; what is there is not removed, whatever the removal said, or came back since."""
    there = {place.path: place for place in after.places if place.holds}
    unseen = {place.path: place for place in after.places if place.unseen}
    checked = [
        each._replace(outcome="failed", detail=each.detail or "still there when read back")
        if each.path in there
        else each._replace(outcome="failed", detail=each.detail or _unproven(unseen[each.path]))
        if each.path in unseen
        else each
        for each in removed
    ]
    told = {each.path for each in removed}
    back = [
        _step(each, "failed", "was stored while this ran")
        for each in there.values()
        if each.path not in told
    ]
    return (*checked, *back)


def _unproven(place: StoreSlot) -> str:
    return f"the removal is not proven: it {place.unseen}; run this again"


def _holders(adapter: Adapter, request: Request, home: str) -> tuple[Step, ...]:
    """Return the client's processes that go on with what they read before; they are left alone."""
    return steps_for_running_clients(adapter, request, home, terminate=False)


def _step(place: StoreSlot, outcome: str, detail: str = "") -> Step:
    return Step(place.store, place.path, "remove", outcome, detail)  # type: ignore[arg-type]


def _kept(stores: Stores, told: set[str | None]) -> tuple[Step, ...]:
    """Return what cannot be removed from here: what nobody sees, and what the environment holds.

    Args:
        told: Places of which a step tells already.
    """
    unseen = [
        _unseen(place, stores) for place in stores.places if place.unseen and place.path not in told
    ]
    return (*unseen, *map(variable, stores.variables))


def _unseen(place: StoreSlot, stores: Stores) -> Step:
    """Return that nobody can tell what lies in a store; no keyring at all holds nothing."""
    if not stores.in_doubt(place):
        return Step(place.store, place.path, "keep", "kept", f"{place.unseen}; none is kept here")
    traces = stores.keyring_traces if place.name is None else ()
    why = f"; {traces[0]} shows that there is one" if traces else ""
    return Step(place.store, place.path, "keep", "failed", place.unseen + why)


def _told(stores: Stores, removals: tuple[Step, ...], note: str = "") -> Departure:
    kept = _kept(stores, {removal.path for removal in removals})
    left = [removal for removal in removals if removal.outcome != "removed"]
    variables = [each for each in kept if each.path is None]
    unseen = [each for each in kept if each.outcome == "failed"]
    code = 0
    if left or variables or (unseen and removals):
        code = INCOMPLETE_EXIT
    elif unseen:
        code = UNEVALUATED_EXIT
    return Departure(stores.home, (*removals, *kept), note, code)
