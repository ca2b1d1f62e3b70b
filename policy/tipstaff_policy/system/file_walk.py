"""A bounded walk over folders: never through a link, never onto another file system, never blocked.

Every folder and file is opened by its name in the folder before it, so a link cannot be put into
the path. What could not be read is reported.
"""

import os
import stat
import sys
from collections.abc import Callable, Iterator

from tipstaff_policy.record import Record

CHUNK = 1 << 20
if sys.platform != "win32":
    FOLDER_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    FILE_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
UNSEEN_LIMIT = 50


class Limits(Record):
    """How much a search looks at before it says that it has not seen the rest."""

    depth: int = 16
    entries: int = 2_000_000
    files: int = 50_000
    bytes_a_file: int = 64 << 20
    seconds: float = 120.0


class Scope(Record):
    """Where a search looks."""

    roots: tuple[str, ...]
    """Empty for the home of the user who asks."""
    all_files: bool
    """Whether files are read whatever they are called."""
    limits: Limits
    clock: Callable[[], float]
    """Seconds of a clock that only goes forward."""
    show_progress: Callable[[int, int, str], None]
    """Receives the progress of the search: entries, files read, folder."""


class Seen(Record):
    """A regular file on the way."""

    path: str
    name: str
    folder: int
    """Descriptor of its folder, valid until the next one is asked for."""
    facts: os.stat_result
    in_git: bool
    """Whether it is in the working tree of a git repository."""
    within: tuple[str, ...]
    """The names of the folders between it and the root."""


class Walk:
    """One search: its limits, how far it is, and what it could not see."""

    def __init__(self, scope: Scope, likely: tuple[str, ...] = ()) -> None:
        """Take what is searched.

        Args:
            likely: Parts of names, in small letters, that matter most.
        """
        self.scope = scope
        self._likely = likely
        self.entries = 0
        self.files = 0
        self._unseen: list[str] = []
        self._more = 0
        self._until = scope.clock() + scope.limits.seconds
        self._over = ""

    @property
    def unseen(self) -> tuple[str, ...]:
        """Return what could not be looked into; beyond a limit only how much more it was."""
        more = (f"{self._more} further places",) if self._more else ()
        return (*self._unseen, *more)

    def miss(self, what: str) -> None:
        """Take down what could not be looked into."""
        if len(self._unseen) < UNSEEN_LIMIT:
            self._unseen.append(what)
        else:
            self._more += 1

    def through(self, root: str) -> Iterator[Seen]:
        """Give every regular file below a folder that exists, likely places first."""
        if sys.platform == "win32":
            self.miss(f"{root}: folders are searched on Linux and macOS only")
            return
        try:
            folder = os.open(root, FOLDER_FLAGS & ~os.O_NOFOLLOW)
        except FileNotFoundError:
            return
        except OSError as error:
            self.miss(f"{root}: {error.strerror}")
            return
        try:
            device = os.fstat(folder).st_dev
            yield from self._walk_folder(folder, root, (), device, in_git=False)
        finally:
            os.close(folder)

    def read(self, seen: Seen) -> Iterator[bytes]:
        """Give the content of a file in pieces; nothing of one that has become something else."""
        self.files += 1
        if sys.platform == "win32":
            return
        try:
            descriptor = os.open(seen.name, FILE_FLAGS, dir_fd=seen.folder)
        except FileNotFoundError:
            return
        except OSError as error:
            self.miss(f"{seen.path}: {error.strerror}")
            return
        try:
            facts = os.fstat(descriptor)
            if not stat.S_ISREG(facts.st_mode):
                return
            if facts.st_size > self.scope.limits.bytes_a_file:
                self.miss(f"{seen.path}: larger than {self.scope.limits.bytes_a_file} bytes")
                return
            # Of a file that grows meanwhile, no more than was there.
            left = facts.st_size
            while left > 0 and (piece := os.read(descriptor, min(left, CHUNK))):
                left -= len(piece)
                yield piece
        except OSError as error:
            self.miss(f"{seen.path}: {error.strerror}")
        finally:
            os.close(descriptor)

    def _walk_folder(
        self, folder: int, path: str, within: tuple[str, ...], device: int, *, in_git: bool
    ) -> Iterator[Seen]:
        self.scope.show_progress(self.entries, self.files, path)
        names = self._list_names(folder, path)
        in_git = in_git or ".git" in names
        for name in sorted(names, key=self._likely_first):
            if self._is_over():
                return
            place = f"{path.rstrip('/')}/{name}"
            try:
                facts = os.stat(name, dir_fd=folder, follow_symlinks=False)
            except OSError:
                continue  # gone since, or its folder can be listed and not entered: said below
            if stat.S_ISREG(facts.st_mode):
                yield Seen(place, name, folder, facts, in_git, within)
            elif stat.S_ISDIR(facts.st_mode):
                yield from self._walk_below(folder, place, (*within, name), device, in_git=in_git)

    def _walk_below(
        self, folder: int, path: str, within: tuple[str, ...], device: int, *, in_git: bool
    ) -> Iterator[Seen]:
        if len(within) > self.scope.limits.depth:
            self.miss(f"{path}: deeper than {self.scope.limits.depth} folders")
            return
        try:
            inner = os.open(within[-1], FOLDER_FLAGS, dir_fd=folder)
        except FileNotFoundError:
            return
        except OSError as error:
            self.miss(f"{path}: {error.strerror}")
            return
        try:
            if os.fstat(inner).st_dev != device:
                self.miss(f"{path}: another file system")
                return
            yield from self._walk_folder(inner, path, within, device, in_git=in_git)
        finally:
            os.close(inner)

    def _list_names(self, folder: int, path: str) -> list[str]:
        try:
            names = os.listdir(folder)
        except OSError as error:
            self.miss(f"{path}: {error.strerror}")
            return []
        self.entries += len(names)
        return names

    def _likely_first(self, name: str) -> tuple[bool, bool, str]:
        """Order names so that a search that must stop has seen what matters most."""
        folded = name.casefold()
        is_likely = any(part in folded for part in self._likely)
        return not is_likely, not name.startswith("."), name

    def _is_over(self) -> bool:
        limits = self.scope.limits
        reached = (
            ("time", self.scope.clock() > self._until),
            ("number of entries", self.entries > limits.entries),
            ("number of files", self.files >= limits.files),
        )
        why = next((name for name, is_reached in reached if is_reached), "")
        if why and not self._over:
            self.miss(f"everything after the limit for the {why} was reached")
        self._over = self._over or why
        return bool(self._over)
