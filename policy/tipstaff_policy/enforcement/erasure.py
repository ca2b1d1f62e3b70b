"""Empty stores, slot by slot, inside the client's folder, and read them back.

`tipstaff enforce` comes with the slots that break a rule, `tipstaff logout` with those that hold
anything. What a slot is and how it is emptied, the client's adapter says.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress

from tipstaff_policy.clients.interface.adapter import Adapter
from tipstaff_policy.clients.interface.slots import Folder, StoreSlot, is_in_larger
from tipstaff_policy.errors import EvaluationError, TipstaffError, reason_of
from tipstaff_policy.model.state import (
    Credential,
    FileFacts,
    HeldCredential,
    NoCredential,
    UnreadableCredential,
)
from tipstaff_policy.model.steps import Step
from tipstaff_policy.record import Record


class Target(Record):
    """A slot that is to be emptied, and what was seen there before."""

    slot: StoreSlot
    path: str | None
    """Its place, for messages."""
    file: FileFacts | None = None

    def is_in(self, folder: str) -> bool:
        """Return whether it is emptied by that folder of the client, and not in another place."""
        if self.slot.name is None:
            return False
        return self.path is None or os.path.dirname(self.path) == folder


class Seen(Record):
    """What a place holds when everything is read back."""

    store: str
    path: str | None
    holds: bool
    unseen: str = ""
    """Why it could not be read, so that it may contain something."""


def find_seen(credential: Credential, slots: Iterable[StoreSlot]) -> Seen:
    """Return what a place of a host's state holds.

    A file that is the store as a whole holds something as long as it is there; a larger document
    stays when the login in it is gone.
    """
    content: NoCredential | HeldCredential | UnreadableCredential = credential.content
    there = credential.file is not None and not is_in_larger(slots, credential.source)
    holds = there or not isinstance(content, NoCredential)
    unseen = isinstance(content, UnreadableCredential) and content.unseen
    reason = content.reason if isinstance(content, UnreadableCredential) and unseen else ""
    return Seen(credential.source, credential.path, holds, reason)


def plan_step(target: Target) -> Step:
    """Return what is to be done about a slot."""
    return Step(target.slot.store, target.path, "remove", "planned", "")


def fail_step(target: Target, detail: str) -> Step:
    """Return that a slot was not emptied, and why."""
    return plan_step(target)._replace(outcome="failed", detail=detail)


def erase(targets: Iterable[Target], folder: Folder, *, wipes: bool = False) -> tuple[Step, ...]:
    """Empty slots in their order; say of each what its removal leaves usable elsewhere.

    Args:
        wipes: Whether what a link leads to, or what has further names, loses its content.
    """
    return tuple(step for target in targets for step in _erase(target, folder, wipes=wipes))


def _erase(target: Target, folder: Folder, *, wipes: bool) -> tuple[Step, ...]:
    wiped = wipes and target.slot.kind == "file" and _wipe(target, folder)
    done = _try_to_empty(target, folder)
    if done.detail:
        return (done,)
    if wiped:
        return (done._replace(detail="its content was wiped, as the policy says"),)
    return (done, *find_left_behind(target))


def _try_to_empty(target: Target, folder: Folder) -> Step:
    """Try to empty a slot; where the step has no detail, it was done just now."""
    step = plan_step(target)
    try:
        target.slot.erase(folder)
    except FileNotFoundError:
        return step._replace(outcome="removed", detail="it was already gone")
    except OSError as error:
        return fail_step(target, f"cannot be removed: {reason_of(error)}")
    except EvaluationError as error:
        return fail_step(target, error.what)
    # What cannot be seen now, the reading of the whole folder that follows reports.
    with suppress(OSError, TipstaffError):
        if target.slot.read_back(folder):
            return fail_step(target, STILL_THERE)
    return step._replace(outcome="removed")


STILL_THERE = "still there when read back"


def find_left_behind(target: Target) -> tuple[Step, ...]:
    """Return what a removal of a file's name leaves usable elsewhere."""
    facts, store = target.file, target.slot.store
    if facts and facts.type == "link":
        what = "only the link was removed; its target still contains the credential"
        return (Step(store, facts.target, "keep", "failed", what),)
    if facts and facts.links > 1:
        what = f"{facts.links - 1} further name(s) of the same file still contain the credential"
        return (Step(store, None, "keep", "failed", what),)
    return ()


def check(steps: Iterable[Step], after: Mapping[str | None, Seen]) -> tuple[Step, ...]:
    """Compare removals with what was read back; what is there was not removed, or came back.

    Args:
        after: The content of each place, by its path.
    """
    return tuple(_check_step(step, after.get(step.path)) for step in steps)


def _check_step(step: Step, found: Seen | None) -> Step:
    if step.outcome != "removed" or found is None:
        return step
    if found.unseen:
        detail = f"the removal is not verified: it {found.unseen}; run this again"
        return step._replace(outcome="failed", detail=detail)
    return step._replace(outcome="failed", detail=STILL_THERE) if found.holds else step


def came_meanwhile(store: str, path: str | None) -> Step:
    """Return that a login was stored in a place that was empty before."""
    return Step(store, path, "remove", "failed", "was stored while this ran")


def unlink_leftovers(adapter: Adapter, folder: int) -> None:
    """Remove further names of a login's file that only a killed sign-in of ours can have made."""
    if sys.platform == "win32":
        return  # no sign-in there makes a second name
    for slot in adapter.slots:
        if slot.kind != "file" or slot.name is None:
            continue
        with suppress(OSError):
            if os.stat(slot.name, dir_fd=folder, follow_symlinks=False).st_nlink > 1:
                from tipstaff_policy.clients.own_files import (  # noqa: PLC0415 - rare
                    unlink_further_names,
                )

                unlink_further_names(slot.name, folder)


def outside(name: str, place: Credential | None = None) -> Step:
    """Return that a credential outside of any store stays.

    Args:
        place: What gives it; None for a variable.
    """
    if place is not None and place.place != "variable":
        text = f"{place.named} stays; Tipstaff changes no settings"
        return Step(name, place.path, "keep", "failed", text)
    return Step(name, None, "keep", "failed", f"unset {name}; it cannot be removed from outside")


def _wipe(target: Target, folder: Folder) -> bool:
    """Cut off the content of a file that has further names or that a link leads to.

    With the rights of the folder's owner alone, so that no link can lead to another user's file.
    """
    if not find_left_behind(target) or folder.request.system_root is not None:
        return False
    if sys.platform == "win32":
        return False  # who owns a file there is not a number that can be compared
    owner = os.fstat(folder.descriptor).st_uid
    flags = os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
    try:
        file = os.open(target.slot.name_in(folder), flags, dir_fd=folder.descriptor)
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
