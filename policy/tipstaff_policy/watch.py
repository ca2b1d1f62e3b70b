"""What has to be watched so that no change escapes, and when to act on one (ADR 0023).

Nothing waits here: the time is an argument, and so is what was seen.
"""

import os
import stat
from collections.abc import Iterable
from contextlib import suppress

from tipstaff_policy import errors
from tipstaff_policy.assessment.policy_loading import FRAGMENTS
from tipstaff_policy.clients.interface.adapter import Adapter
from tipstaff_policy.clients.step_places import name_place
from tipstaff_policy.enforcement.enforce import Enforcement
from tipstaff_policy.model.request import Request
from tipstaff_policy.model.state import HostState
from tipstaff_policy.model.wording import NOTHING_REMOVED, OUTCOMES
from tipstaff_policy.organisation.paths import FOLDERS, KEPT
from tipstaff_policy.organisation.waivers.of_user import locate_pasted_file
from tipstaff_policy.record import Record
from tipstaff_policy.system.files import within

ENTRY_LIMIT = 1000
"""The limit of entries of a policy folder to compare; only administrators can make more."""


class Place(Record):
    """A path, and the tree that stands for ``/`` there; nothing for this machine."""

    root: str
    path: str


class Places(Record):
    """What a decision reads from the disk, whether it is there or not."""

    files: tuple[Place, ...]
    folders: tuple[Place, ...]
    """Folders of which every entry counts."""


def places_of(adapter: Adapter, request: Request, state: HostState) -> Places:
    """Return what a decision on a state has read, and would read if it were there.

    A public key outside of the policy's folder is not among them.
    """
    inside = (*adapter.files.values(), *adapter.further_files)
    paths = [
        *(layer.path for layer in state.layers if os.path.isabs(layer.path)),
        *(f"{home}/{name}" for home in (state.home, *state.further_homes) for name in inside),
        locate_pasted_file(request, state.home),
    ]
    # A client may keep a login outside of its folder too, and copies in a folder of their own.
    stored = [
        place.path
        for place in state.places or ()
        if place.is_stored and place.path and os.path.isabs(place.path)
    ]
    policies = (FOLDERS[request.platform], KEPT[request.platform])
    folders = [*policies, *(f"{policy}/{FRAGMENTS}" for policy in policies)]
    folders += filter(os.path.isdir, stored)
    # The program is named by its path on this machine.
    program = [Place("", state.client.path)] if state.client.path else []
    return Places(
        tuple(
            dict.fromkeys(
                [*(_place(path, request, state.home) for path in (*paths, *stored)), *program]
            )
        ),
        tuple(_place(folder, request, state.home) for folder in folders),
    )


def join_places(several: Iterable[Places]) -> Places:
    """Return what several decisions read as one."""
    files: dict[Place, None] = {}
    folders: dict[Place, None] = {}
    for places in several:
        files.update(dict.fromkeys(places.files))
        folders.update(dict.fromkeys(places.folders))
    return Places(tuple(files), tuple(folders))


def _place(path: str, request: Request, home: str) -> Place:
    """Return the real path of a path of a host; a home outside of its image stays where it is."""
    root = (request.system_root or "").rstrip("/")
    if path.startswith(f"{root}/"):
        return Place(root, path[len(root) :])
    return Place("" if path.startswith(f"{home}/") else root, path)


def needs_keyring(adapter: Adapter, state: HostState) -> bool:
    """Return whether a store that is no file holds, or could hold, the login."""
    entries = [slot.store for slot in adapter.slots if slot.kind == "entry"]
    stored = (place for place in state.places or () if place.is_stored)
    return any(place.source in entries for place in stored)


class Facts(Record):
    """What the system says of one place; of a folder only what does not change with its content."""

    device: int
    inode: int
    mode: int
    owner: int
    group: int
    size: int = 0
    changed_ns: int = 0
    """Of the inode, which its user cannot set back."""


Snapshot = dict[str, Facts | None]
"""Every place on the way to what counts, links too; None where nothing is."""


def take_snapshot(places: Places) -> Snapshot:
    """Look at every place without reading what is in it."""
    ways = [way for place in (*places.files, *places.folders) for way in _way(place)]
    entries = [entry for folder in places.folders for entry in _list_entries(folder)]
    return {path: _read_facts(path) for path in dict.fromkeys((*ways, *entries))}


def _way(place: Place) -> list[str]:
    """Return every place that is passed on the way to a path, links and what they name."""
    passed: list[str] = []
    with suppress(OSError):  # links that go round in circles have all been passed
        within(place.root, place.path, passed=passed)
    return passed


def _list_entries(folder: Place) -> Iterable[str]:
    try:
        names = sorted(os.listdir(within(folder.root, folder.path)))[:ENTRY_LIMIT]
    except OSError:
        return ()
    return (way for name in names for way in _way(Place(folder.root, f"{folder.path}/{name}")))


def _read_facts(path: str) -> Facts | None:
    try:
        found = os.lstat(path)
    except OSError:
        return None
    own = Facts(found.st_dev, found.st_ino, found.st_mode, found.st_uid, found.st_gid)
    if stat.S_ISDIR(found.st_mode):
        return own
    return own._replace(size=found.st_size, changed_ns=found.st_ctime_ns)


def folders_of(snapshot: Snapshot) -> tuple[tuple[str, Facts], ...]:
    """Return the folders in which a change of a snapshot can show, each as it is now."""
    parents = dict.fromkeys(os.path.dirname(path) for path in snapshot)
    found = {path: snapshot.get(path) or _read_facts(path) for path in (*parents, *snapshot)}
    return tuple(
        (path, facts)
        for path, facts in found.items()
        if facts is not None and stat.S_ISDIR(facts.mode)
    )


class Rhythm(Record):
    """How often a home is looked at; all in seconds."""

    settle: float = 0.5
    """From a change to a look, so that what is written in several steps is seen whole."""
    pause: float = 5.0
    """From one look to the next at least: a person who signs in again is not fought."""
    recheck: float = 60.0
    """The longest time between two checks: dates pass, and a keyring may send no signal."""


class Watch(Record):
    """When the last look ended, and since when something is known to have changed."""

    ended: float | None = None
    changed: float | None = None

    def notice(self, now: float) -> "Watch":
        """Return that something has changed; of several changes the first one counts."""
        return self if self.changed is not None else self._replace(changed=now)

    def look(self, now: float) -> "Watch":
        """Return that a look has ended which saw every change so far."""
        return Watch(ended=now)

    def due(self, rhythm: Rhythm) -> float:
        """Return when the next look is due; a time that has passed is now."""
        if self.ended is None:
            return 0.0
        if self.changed is None:
            return self.ended + rhythm.recheck
        return max(self.changed + rhythm.settle, self.ended + rhythm.pause)


class Announced(Record):
    """The last message, so that the same message is printed only once."""

    line: str = ""

    def announce(self, line: str, code: int) -> tuple["Announced", str]:
        """Return what to remember and what to say now, which may be nothing."""
        if code == errors.LOGGED_OUT_EXIT:
            return Announced(), line
        if code == 0:
            return Announced(), "complies again" if self.line else ""
        return Announced(line), line if line != self.line else ""


def in_a_line(result: Enforcement) -> str:
    """Return what came of an enforcement, in one line."""
    if result.exit_code == 0:
        return ""
    steps = (
        f"{step.outcome} {name_place(result.state.client.name, step)}"
        f"{f' ({step.detail})' if step.detail else ''}"
        for step in result.steps
    )
    words = OUTCOMES[result.exit_code]
    words += ", nothing removed" if result.exit_code in NOTHING_REMOVED else ""
    parts = [f"{words}: {result.note.rstrip('.')}", *steps]
    return one_line("; ".join(parts))


def one_line(text: str) -> str:
    """Return a text without breaks, which a name on the disk may hold."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
