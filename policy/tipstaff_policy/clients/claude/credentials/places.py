"""Where the client keeps its logins: two folders, the global file, its copies, and profiles.

Two variables move the folders. What they leave behind stays usable for the next start without
them, so it counts as well.

Source: tests/clients/claude/test_credentials.py (client 2.1.332).
"""

import os
import stat
from contextlib import suppress

from tipstaff_policy.clients.claude.locations import (
    FOLDER,
    HOME_VARIABLE,
    find_home,
    in_home,
    user_home,
)
from tipstaff_policy.errors import EvaluationError
from tipstaff_policy.model.request import Request
from tipstaff_policy.record import Record

DOCUMENT = ".credentials.json"
LEGACY = ".config.json"
"""The global file's earlier name, inside of the client's folder; it counts while it is there."""
BACKUPS = "backups"
SECURE_VARIABLE = "CLAUDE_SECURESTORAGE_CONFIG_DIR"
ADDRESS_VARIABLE = "CLAUDE_CODE_CUSTOM_OAUTH_URL"
"""Where it is set, the global file has another name."""
WRITE_BITS = 0o222


class Places(Record):
    """The files of one user's client that can hold a credential."""

    config: str
    """The client's folder."""
    document: str
    """Of the credential folder, which is the client's unless a variable names another."""
    main: str
    """The global file."""
    legacy: str
    """The global file as earlier clients called it."""
    others: tuple[str, ...] = ()
    """Documents and global files of other folders that this user's variables leave behind."""
    other_backups: tuple[str, ...] = ()
    """Folders with copies of those."""

    @property
    def backups(self) -> str:
        """Return the folder of the client's copies of the global file."""
        return f"{self.config}/{BACKUPS}"


def places_of(request: Request, home: str | None = None) -> Places:
    """Return where a request's user keeps logins.

    Args:
        home: The client's folder, where it is known.

    Raises:
        EvaluationError: Nothing names a home.
        UsageError: A system root holds several homes and none was chosen.
    """
    config = home or find_home(request).path
    secure = _secure_folder(request, config)
    name = f".claude{_suffix(request)}.json"
    main = f"{_folder_of_main(request, config)}/{name}"
    seen = Places(config, f"{secure}/{DOCUMENT}", main, f"{config}/{LEGACY}")
    return _with_others(request, seen, name)


def is_own(request: Request) -> bool:
    """Return whether this process's variables are those of the user who is judged."""
    return request.system_root is None and not request.options.unasked


def global_file_in_force(places: Places, request: Request) -> str:
    """Return which of the two global files the client uses.

    Source: tests/clients/claude/test_credentials.py (client 2.1.332).
    """
    legacy = _stat(in_home(places.legacy, request))
    if legacy is None or not stat.S_ISREG(legacy.st_mode):
        return places.main
    if not legacy.st_size:
        # An empty one counts where it can be written and there is no other yet.
        counts = legacy.st_mode & WRITE_BITS and _stat(in_home(places.main, request)) is None
        return places.legacy if counts else places.main
    return places.legacy


def list_backups(folder: str, request: Request) -> tuple[str, ...]:
    """Return the names of all copies of a global file in a folder; newest last.

    Raises:
        OSError: The folder is there and cannot be listed.
    """
    try:
        names = os.listdir(in_home(folder, request))
    except (FileNotFoundError, NotADirectoryError):
        return ()
    return tuple(sorted(filter(is_backup, names)))


def is_backup(name: str) -> bool:
    """Return whether a file is a copy of a global file, by its name; what has no end is none."""
    if not name.startswith((".claude", LEGACY)):
        return False
    return ".json.backup" in name or ".json.corrupted" in name


def _secure_folder(request: Request, config: str) -> str:
    if not is_own(request) or SECURE_VARIABLE not in request.env:
        return config
    named = request.env[SECURE_VARIABLE]
    return _resolve_named(request, named) if named else f"{user_home(request)}/{FOLDER}"


def _folder_of_main(request: Request, config: str) -> str:
    """Return the folder of the global file: a named one, else the parent of the client's."""
    named = request.env.get(HOME_VARIABLE) if is_own(request) else None
    if named and config in (_resolve_named(request, named), _absolute(request, named)):
        return config
    return os.path.dirname(config) if os.path.basename(config) == FOLDER else config


def _with_others(request: Request, seen: Places, name: str) -> Places:
    """Add what the variables leave behind, and what is in a folder that they would name."""
    folders = [seen.config, os.path.dirname(seen.document)]
    if is_own(request):
        with suppress(EvaluationError):
            folders.append(f"{user_home(request)}/{FOLDER}")
        folders += [
            _resolve_named(request, named)
            for variable in (HOME_VARIABLE, SECURE_VARIABLE)
            if (named := request.env.get(variable))
        ]
    files: list[str] = []
    backups: list[str] = []
    for folder in dict.fromkeys(folders):
        files += [f"{folder}/{DOCUMENT}", f"{folder}/{LEGACY}", f"{folder}/{name}"]
        if os.path.basename(folder) == FOLDER:
            files.append(f"{os.path.dirname(folder)}/{name}")
        backups.append(f"{folder}/{BACKUPS}")
    own = (seen.document, seen.main, seen.legacy)
    return seen._replace(
        others=tuple(path for path in dict.fromkeys(files) if path not in own),
        other_backups=tuple(path for path in dict.fromkeys(backups) if path != seen.backups),
    )


def _suffix(request: Request) -> str:
    return "-custom-oauth" if is_own(request) and request.env.get(ADDRESS_VARIABLE) else ""


def _resolve_named(request: Request, named: str) -> str:
    """Return a folder that a variable names, as the client writes it."""
    if not named.isascii():
        from unicodedata import normalize  # noqa: PLC0415 - a library of a megabyte

        named = normalize("NFC", named)
    return _absolute(request, named)


def _absolute(request: Request, named: str) -> str:
    return os.path.normpath(os.path.join(request.started_in, named))


def _stat(path: str) -> os.stat_result | None:
    try:
        return os.stat(path)
    except OSError:
        return None
