"""Several files put in place as one: all of the old, or, by the next run at the latest, all new.

The new set is first written as one file next to the state, and only then put in place file by
file. That file gets its final name when all files are in place; so it also records what the last
run put where, and a later run sees what was changed by hand.
"""

import base64
import contextlib
import json
import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Literal, NamedTuple

from tipstaff_policy.errors import AccessDeniedError, IntegrityError, StoreLockedError
from tipstaff_policy.installation.apply import apply_step, clear, make_folders, sync_folder
from tipstaff_policy.installation.model import Step
from tipstaff_policy.installation.survey import place_of
from tipstaff_policy.model.state import Platform
from tipstaff_policy.organisation.paths import FLEET_KEY, KEPT
from tipstaff_policy.system.files import read_bounded
from tipstaff_rollout.model import BEFORE
from tipstaff_rollout.payloads import client_places, is_merged, is_stamped

if sys.platform != "win32":
    import fcntl

SCHEMA_VERSION = "1"
SIZE_LIMIT = 1 << 24
PRIVATE, PUBLIC = 0o600, 0o644
PRIVATE_FOLDER = 0o700
Action = Literal[
    "unchanged", "written", "restored", "replaced", "merged", "removed", "given back", "left"
]


class FileSet(NamedTuple):
    """A policy's files, each with its place."""

    id: str
    version: str
    fingerprint: str
    counter: int | None
    files: tuple[tuple[str, bytes], ...]


class Change(NamedTuple):
    """What becomes of one file."""

    path: str
    action: Action
    """`restored`: the file of a sync was changed. `replaced`: no sync put it there.
    `merged`: so too, and its keys stay. `given back`: what was replaced is in its place again.
    `left`: it is not what a sync put there, so that it is not removed."""


class Host(NamedTuple):
    """Where the files go."""

    root: str | None
    """A tree that stands for ``/``."""
    platform: Platform

    @property
    def folder(self) -> str:
        """The folder for a sync's own files, which only root can read."""
        return str(PurePosixPath(KEPT[self.platform]).with_name("sync"))

    def state(self, name: str) -> str:
        """Return the path of something that a sync keeps."""
        return f"{self.folder}/{name}"

    @property
    def applied(self) -> str:
        """The set that is in place."""
        return self.state("applied.json")

    @property
    def pending(self) -> str:
        """The set that is being put in place."""
        return self.state("pending.json")


@contextlib.contextmanager
def run_alone(host: Host) -> Iterator[None]:
    """Let one sync of a host run at a time.

    Raises:
        StoreLockedError: Another one is running.
    """
    folder = place_of(host.root, host.folder)
    make_folders(folder)
    Path(folder).chmod(PRIVATE_FOLDER)
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise StoreLockedError(
            "another sync is running", where=host.folder, remedy="wait until it ends"
        ) from error
    finally:
        os.close(descriptor)


def read_set(host: Host, path: str) -> FileSet | None:
    """Return a set that an earlier run has kept; None where there is none.

    Raises:
        IntegrityError: It was changed.
        AccessDeniedError: It cannot be read.
    """
    try:
        return _parse(read_bounded(place_of(host.root, path), SIZE_LIMIT))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise AccessDeniedError(f"cannot be read: {error.strerror}", where=path) from error
    except (ValueError, KeyError, TypeError) as error:
        raise IntegrityError(
            "was changed since the last sync", where=path, remedy="remove it, and sync again"
        ) from error


def plan(host: Host, new: FileSet, old: FileSet | None) -> tuple[Change, ...]:
    """Return what putting a set in place would do.

    Raises:
        OSError: An existing file cannot be read.
    """
    known = dict(old.files) if old else {}
    wanted = dict(new.files)
    changes = [Change(path, _action(host, path, data, known)) for path, data in new.files]
    gone = [path for path in known if path not in wanted]
    there = [path for path in gone if os.path.lexists(place_of(host.root, path))]
    return (*changes, *(Change(path, _removal(host, path, known)) for path in there))


def _removal(host: Host, path: str, known: dict[str, bytes]) -> Action:
    if is_another(host, path, known):
        return "left"
    return "given back" if os.path.lexists(place_of(host.root, path + BEFORE)) else "removed"


def is_another(host: Host, path: str, known: dict[str, bytes]) -> bool:
    """Return whether a client's file is there that no delivery has written.

    Args:
        known: What the last sync put where.
    """
    if path not in client_places(host.platform):
        return False
    place = place_of(host.root, path)
    try:
        facts = os.lstat(place)
    except (FileNotFoundError, NotADirectoryError):
        return False
    if not stat.S_ISREG(facts.st_mode) or facts.st_size > SIZE_LIMIT:
        return True
    data = read_bounded(place, SIZE_LIMIT)
    is_ours = is_stamped(data) or is_merged(data)
    return not is_ours and data != known.get(path)


def apply(host: Host, new: FileSet) -> tuple[Change, ...]:
    """Put a set in place; nothing has changed where it fails before the set is written down.

    Raises:
        OSError: It could not be done; the next run goes on with it.
    """
    content = _render(new)
    apply_step(host.root, Step("write", host.pending, content=content, mode=PRIVATE))
    return complete(host)


def complete(host: Host) -> tuple[Change, ...]:
    """Put in place what is pending, also what a run that was killed has left.

    Raises:
        IntegrityError, AccessDeniedError: A set that is kept cannot be used.
        OSError: It could not be done.
    """
    new = read_set(host, host.pending)
    if new is None:
        clear(place_of(host.root, f"{host.pending}.tipstaff-new"))
        return ()
    wanted = dict(new.files)
    old = read_set(host, host.applied)
    changes = plan(host, new, old)
    for path, action in changes:
        place = Path(place_of(host.root, path))
        if action == "removed":
            apply_step(host.root, Step("remove", path))
        elif action == "given back":
            place.with_name(place.name + BEFORE).replace(place)
            sync_folder(str(place.parent))
        elif action not in ("unchanged", "left"):
            if is_another(host, path, dict(old.files) if old else {}):
                _keep(place)
            apply_step(host.root, Step("write", path, content=wanted[path], mode=_mode(path)))
    Path(place_of(host.root, host.pending)).rename(place_of(host.root, host.applied))
    sync_folder(place_of(host.root, host.folder))
    return changes


def _keep(place: Path) -> None:
    """Keep another administrator's file; one that is kept already stays what it is."""
    nearby = place.with_name(place.name + BEFORE)
    if os.path.lexists(nearby):
        return
    if place.is_dir() and not place.is_symlink():
        place.rename(nearby)
    else:
        os.link(place, nearby, follow_symlinks=False)
    sync_folder(str(place.parent))


def _action(host: Host, path: str, data: bytes, known: dict[str, bytes]) -> Action:
    there = _read_content(host, path)
    if there == data:
        return "unchanged"
    if is_another(host, path, known):
        return "merged" if is_merged(data) else "replaced"
    if path in known:
        return "written" if there == known[path] else "restored"
    return "replaced" if there is not None else "written"


def _mode(path: str) -> int:
    return PRIVATE if PurePosixPath(path).name == FLEET_KEY else PUBLIC


def _read_content(host: Host, path: str) -> bytes | None:
    """Return a file in the form in which a sync writes it; other files equal none of these."""
    place = place_of(host.root, path)
    try:
        facts = os.lstat(place)
    except (FileNotFoundError, NotADirectoryError):
        return None
    if not stat.S_ISREG(facts.st_mode) or stat.S_IMODE(facts.st_mode) != _mode(path):
        return b""
    if facts.st_uid != os.geteuid() or facts.st_size > SIZE_LIMIT:
        return b""
    return read_bounded(place, SIZE_LIMIT)


def _render(files: FileSet) -> bytes:
    document = {"schema_version": SCHEMA_VERSION, **files._asdict()}
    document["files"] = [
        {"path": path, "content": base64.b64encode(data).decode()} for path, data in files.files
    ]
    return (json.dumps(document, indent=1) + "\n").encode()


def _parse(content: bytes) -> FileSet:
    document = json.loads(content)
    files = tuple(
        (str(file["path"]), base64.b64decode(file["content"], validate=True))
        for file in document["files"]
    )
    named = {name: document[name] for name in ("id", "version", "fingerprint", "counter")}
    found = FileSet(**named, files=files)
    if _render(found) != content:
        raise ValueError(SCHEMA_VERSION)
    return found
