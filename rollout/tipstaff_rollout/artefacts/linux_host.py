"""A policy as files of a Linux host, and read back from such files."""

import posixpath
import stat

from tipstaff_rollout.artefacts.places import place_payloads
from tipstaff_rollout.model import AT_FIXED_PLACES, ArtefactError, Compiled, Payload, mode_of
from tipstaff_rollout.packages.model import Entry, folder, sort_entries
from tipstaff_rollout.payloads import with_places


def entries_of(compiled: Compiled) -> tuple[Entry, ...]:
    """Return a policy's files, and the folders that are there for it alone, sorted."""
    placed = place_payloads(compiled, "linux")
    paths = [path for path, payload in placed if payload.name != "keys"]
    folders = {folder for path in paths for folder in _own_folders(path)}
    files = (_entry(path, payload) for path, payload in placed)
    return sort_entries((*map(folder, folders), *files))


def _own_folders(path: str) -> tuple[str, ...]:
    """Return the folders above a file but those of the system, which has `/etc` itself."""
    parts = posixpath.dirname(path).split("/")
    return tuple("/".join(parts[:end]) for end in range(3, len(parts) + 1))


def _entry(path: str, payload: Payload) -> Entry:
    return Entry(path, stat.S_IFREG | mode_of(payload.name), payload.data)


def payloads_of(entries: tuple[Entry, ...], where: str) -> tuple[Payload, ...]:
    """Return a policy's payloads.

    Raises:
        ArtefactError: There are other things among the entries.
    """
    blank = tuple(Payload(name, b"") for name in with_places("linux", AT_FIXED_PLACES))
    names = {
        path: payload.name
        for path, payload in place_payloads(Compiled("", "", "", "", blank), "linux")
    }
    files = [entry for entry in entries if not stat.S_ISDIR(entry.mode)]
    others = [file.path for file in files if file.path not in names]
    if len(others) > 1 or not all(stat.S_ISREG(file.mode) for file in files):
        raise ArtefactError(
            f"holds more than a policy: {', '.join(others)}",
            where=where,
            expected="files of a policy and of the client, and one with public keys at most",
        )
    return tuple(Payload(names.get(file.path, "keys"), file.data) for file in files)
