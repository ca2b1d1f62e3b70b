"""Emptying one store: a name inside the client's folder, by its descriptor, without following."""

import os
import stat
from collections.abc import Callable
from contextlib import suppress

from tipstaff_policy.clients.interface.adapter import Adapter
from tipstaff_policy.clients.own_files import ASIDE
from tipstaff_policy.errors import EvaluationError
from tipstaff_policy.model.request import Request
from tipstaff_policy.model.state import HostState
from tipstaff_policy.model.steps import Step
from tipstaff_policy.record import Record


class Home(Record):
    """The client's folder, as a log-out holds it."""

    adapter: Adapter
    request: Request
    descriptor: int
    state: HostState
    wipes: bool = False
    """Whether what a link leads to, or what has further names, loses its content."""


def planned(state: HostState, store: str) -> Step:
    """Return what is to be done about a store."""
    path = next((each.path for each in state.everywhere() if each.source == store), None)
    return Step(store, path, "remove", "planned", "")


def empty(home: Home, store: str) -> tuple[Step, ...]:
    """Empty a store; say beside it what a removal of the name leaves usable elsewhere."""
    step = planned(home.state, store)
    if store not in home.adapter.files:
        empty_store = home.adapter.empty_store
        return (carried_out(step, lambda: empty_store(home.request, store, home.state.home)),)
    wiped = home.wipes and _wipe(home, store)
    done = carried_out(step, lambda: unlink(name_of(home, store), home.descriptor))
    if done.detail:
        return (done,)
    if wiped:
        return (done._replace(detail="its content was wiped, as the policy says"),)
    return (done, *find_left_behind(home.state, store))


def carried_out(step: Step, remove: Callable[[], None]) -> Step:
    """Return a step after its removal was tried; where there is no detail, it was done just now."""
    try:
        remove()
    except FileNotFoundError:
        return step._replace(outcome="removed", detail="it was already gone")
    except OSError as error:
        return step._replace(outcome="failed", detail=f"cannot be removed: {why(error)}")
    except EvaluationError as error:
        return step._replace(outcome="failed", detail=error.what)
    return step._replace(outcome="removed")


def unlink(name: str, folder: int) -> None:
    """Remove a name from a folder for good.

    Raises:
        OSError: As the system reports it.
    """
    os.unlink(name, dir_fd=folder)
    os.fsync(folder)


def unlink_leftovers(adapter: Adapter, folder: int) -> None:
    """Remove further names of a login's file that only a killed sign-in of ours can have made."""
    for name in adapter.files.values():
        with suppress(OSError):
            if os.stat(name, dir_fd=folder, follow_symlinks=False).st_nlink > 1:
                from tipstaff_policy.clients.own_files import (  # noqa: PLC0415 - rare
                    unlink_further_names,
                )

                unlink_further_names(name, folder)


def variable(name: str) -> Step:
    """Return that a credential of the environment stays."""
    return Step(name, None, "keep", "failed", f"unset {name}; it cannot be removed from outside")


def name_of(home: Home, store: str) -> str:
    """Return the name of a store that is a file, inside the client's folder."""
    return home.adapter.files[store] + (ASIDE if home.request.aside and store == "file" else "")


def find_left_behind(state: HostState, store: str) -> tuple[Step, ...]:
    """Return what a removal of a file's name leaves usable elsewhere."""
    facts = next((each.file for each in state.everywhere() if each.source == store), None)
    if facts and facts.type == "link":
        what = "only the link was removed; its target still holds the credential"
        return (Step(store, facts.target, "keep", "failed", what),)
    if facts and facts.links > 1:
        what = f"{facts.links - 1} further name(s) of the same file still hold the credential"
        return (Step(store, None, "keep", "failed", what),)
    return ()


def _wipe(home: Home, store: str) -> bool:
    """Cut off the content of a file that has further names or that a link leads to.

    With the rights of the folder's owner alone, so that no link can lead to somebody else's file.
    """
    if not find_left_behind(home.state, store) or home.request.system_root is not None:
        return False
    owner = os.fstat(home.descriptor).st_uid
    flags = os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
    try:
        file = os.open(name_of(home, store), flags, dir_fd=home.descriptor)
    except OSError:
        return False
    try:
        facts = os.fstat(file)
        if not stat.S_ISREG(facts.st_mode) or not facts.st_uid == owner == os.geteuid():
            return False
        os.ftruncate(file, 0)
        os.fsync(file)
    except OSError:
        return False
    finally:
        os.close(file)
    return True


def why(error: OSError | MemoryError) -> str:
    """Return an error of the system in words."""
    return getattr(error, "strerror", None) or type(error).__name__
