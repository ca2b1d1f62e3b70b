"""What an audit asks about a client's programs, whichever client it is; no start loads it."""

import os
from collections.abc import Callable

from tipstaff_policy.clients.installed import PREFIXES, behind_shim, real_place
from tipstaff_policy.clients.interface.knowledge import Version, as_text
from tipstaff_policy.clients.learned import learn, newest_learned
from tipstaff_policy.clients.shim import why_unguarded
from tipstaff_policy.model.host_facts import Program, Release
from tipstaff_policy.model.request import Request
from tipstaff_policy.system.files import show_path, within

GLOBAL_FOLDERS = tuple(f"/{prefix}/bin" for prefix in PREFIXES)


def list_programs(request: Request, program: str) -> tuple[Program, ...]:
    """Return every program of a name on the path, and where all users look for one; not on Windows.

    Packages count by their entry on the path: the client itself has to be somewhere, so that a
    shim can start it.
    """
    root = request.system_root
    path = request.env.get("PATH", os.defpath).split(":")
    folders = [] if root else [os.path.abspath(folder) for folder in path if folder]
    found: dict[str, Program] = {}
    for folder in (*folders, *GLOBAL_FOLDERS):
        named = f"{root or ''}{folder}/{program}"
        try:
            place = within(root, f"{folder}/{program}") if root else os.path.realpath(named)
        except OSError:
            continue  # links go round in circles: nothing starts there
        if os.path.isfile(place) and os.stat(place).st_mode & 0o111:
            found.setdefault(place, Program(show_path(named, root), why_unguarded(place, root)))
    return tuple(found.values())


def read_install_time(
    path: str | None, root: str | None, find_stating: Callable[[str, str | None], str]
) -> int | None:
    """Return when a client was put where it is, by its package or else its program.

    The change of the inode counts, which packages do not bring along and users cannot set back.

    Args:
        path: As reports show it, in the image that the root stands for; None of no program.
        find_stating: Returns the file that says which version a program at a real place is.
    """
    if path is None:
        return None
    try:
        place = real_place(f"{root or ''}{path}", root)
        return int(os.stat(find_stating(behind_shim(place, root) or place, root)).st_ctime)
    except OSError:
        return None


def read_release(
    request: Request, client: str, proven: tuple[Version, ...], since: int | None
) -> Release:
    """Return what is known of a client's versions on a host: by this release, and by its document.

    Args:
        proven: By this release, the oldest first.
        since: When the judged client was put where it is.
    """
    found = learn(request.system_root, request.platform, request.now)
    versions = tuple(map(as_text, (*proven, *newest_learned(client))))
    if found is None:
        return Release(versions, since)
    unusable = None if found.unusable is None else f"{found.path} {found.unusable}"
    return Release(versions, since, found.counter, unusable)
