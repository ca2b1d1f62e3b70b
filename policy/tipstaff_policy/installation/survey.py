"""The state of a host, before anything is planned."""

import filecmp
import glob
import os
import stat

from tipstaff_policy.installation.manifest import parse_manifest
from tipstaff_policy.installation.model import (
    AsideKind,
    Entry,
    EntryKind,
    File,
    Manifest,
    Seen,
    Wanted,
    absolute,
)
from tipstaff_policy.installation.platforms import load_platform
from tipstaff_policy.installation.platforms.interface import HostPlatform
from tipstaff_policy.model.state import Platform
from tipstaff_policy.system.files import TooLargeError, read_bounded, within
from tipstaff_policy.system.owners.loose_places import loose_places
from tipstaff_policy.system.owners.path_walk import walk

MANIFEST_LIMIT = 1 << 20


def place_of(root: str | None, path: str) -> str:
    """Return the place of an absolute path on this machine; its last element is not followed."""
    folder, _, name = path.rpartition("/")
    return f"{within(top_of(root), folder)}/{name}"


def top_of(root: str | None) -> str:
    """Return what stands before every path; nothing for this machine, its drive on Windows."""
    if root is None and os.sep != "/":
        from tipstaff_policy.system.windows.known_folders import (  # noqa: PLC0415 - there only
            find_known_folder,
        )

        return find_known_folder("Windows")[:2]
    return (root or "").rstrip("/")


def read_seen(root: str | None, wanted: Wanted) -> Seen:
    """Return what is at the places of an installation.

    Raises:
        OSError: Something there cannot be read.
    """
    manifest_place = load_platform(wanted.platform).places.manifest
    content = _content(place_of(root, manifest_place), MANIFEST_LIMIT) or b""
    manifest = parse_manifest(content)
    written = manifest.written if manifest else ()
    entries = read_entries(root, wanted, manifest)
    fronted = {entry.path for entry in entries}
    paths = {*(file.path for file in wanted.files), *(file.path for file in written)} - fronted
    files = {path: read_file(root, path) for path in paths}
    return Seen(manifest, content, entries, files, _list_missing_folders(root, wanted))


def _list_missing_folders(root: str | None, wanted: Wanted) -> tuple[str, ...]:
    """Return the folders that are still to be made for what an installation writes."""
    folders = load_platform(wanted.platform).places.made if wanted.files else ()
    return tuple(folder for folder in folders if not os.path.isdir(place_of(root, folder)))


def read_file(root: str | None, path: str) -> File | None:
    """Return the file or link at a path; None for nothing, or what is neither."""
    place = place_of(root, path)
    if os.path.islink(place):
        return File(path, link=os.readlink(place))
    content = _content(place, MANIFEST_LIMIT)
    return None if content is None else File(path, content)


def _content(place: str, limit: int) -> bytes | None:
    try:
        return read_bounded(place, limit)
    except (FileNotFoundError, NotADirectoryError):
        return None


def read_entries(root: str | None, wanted: Wanted, manifest: Manifest | None) -> tuple[Entry, ...]:
    """Return every place where a client's name is looked up, also where nothing stands."""
    top, platform = top_of(root), load_platform(wanted.platform)
    names = [name for program in wanted.programs for name in platform.fronting.entry_names(program)]
    known = manifest.folders if manifest else ()
    written = [entry.path for entry in manifest.written] if manifest else []
    folders = (*platform.places.folders, *known, *wanted.folders)
    named = [f"{folder}/{name}" for name in names for folder in folders]
    named += [path for path in written if path.rpartition("/")[2] in names]
    places: dict[str, str] = {}
    for path in named:  # on most hosts /bin is a link, and no place of its own
        place = place_of(root, path).removeprefix(top)
        places.setdefault(place, place)
    loose = {
        path: loose_places(os.path.dirname(path), root, platform.name) or () for path in places
    }
    tight = frozenset(path for path, found in loose.items() if not found)
    return tuple(
        _read_entry(root, path, tight, manifest, platform)._replace(
            loose=str(found[0]) if found else _obstacle(path, wanted, platform)
        )
        for path, found in loose.items()
    )


def _obstacle(path: str, wanted: Wanted, platform: HostPlatform) -> str:
    """Return why no shim can be made for an entry, no matter who may change its folder."""
    fronting = platform.fronting
    if fronting.needs_launcher(path) and wanted.guard and not wanted.launcher:
        return f"the launcher {fronting.launcher} is missing"
    return ""


def _read_entry(
    root: str | None,
    path: str,
    others: frozenset[str],
    manifest: Manifest | None,
    platform: HostPlatform,
) -> Entry:
    set_aside = platform.places.aside_of(path)
    place, aside = place_of(root, path), place_of(root, set_aside)
    written = manifest.at(path) if manifest else None
    was = written.was if written else ""
    through = _leads_through(root, path) & others - {path}
    kind = _kind(root, path, platform)
    return Entry(
        path,
        "leads on" if kind == "client" and through else kind,
        content=read_bounded(place, platform.fronting.size_limit)
        if kind in ("shim", "edited shim")
        else b"",
        link=os.readlink(place) if os.path.islink(place) else "",
        leads_to=min(through, default=""),
        aside=_aside(place, aside),
        aside_link=os.readlink(aside) if os.path.islink(aside) else "",
        runs=runs(root, set_aside, platform),
        was_runs=bool(was) and runs(root, absolute(was, path), platform),
    )


def _aside(place: str, aside: str) -> AsideKind:
    if os.path.islink(aside):
        return "link"
    if not os.path.isfile(aside):
        return "absent"
    both = not os.path.islink(place) and os.path.isfile(place)
    # Equal, not only one: on another file system a client is set aside as a copy.
    return "same file" if both and filecmp.cmp(place, aside, shallow=False) else "file"


def _leads_through(root: str | None, path: str) -> frozenset[str]:
    """Return every place on the way that links make, as the host calls it."""
    passed: list[str] = []
    try:
        within(top_of(root), path, passed=passed)
    except OSError:
        return frozenset()  # round in circles: nothing starts there
    return frozenset(place.removeprefix(top_of(root)) for place in passed)


def _kind(root: str | None, path: str, platform: HostPlatform) -> EntryKind:
    place, fronting = place_of(root, path), platform.fronting
    if not os.path.lexists(place):
        return "absent"
    if not runs(root, path, platform):
        return "other"
    if os.path.islink(place):
        return "client"
    try:
        content = read_bounded(place, fronting.size_limit)
    except TooLargeError:
        return "client"
    if fronting.parse_shim(content):
        return "shim"
    return "edited shim" if fronting.is_marked(content) else "client"


def runs(root: str | None, path: str, platform: HostPlatform) -> bool:
    """Return whether a path leads to a program."""
    try:
        facts = os.stat(within(top_of(root), path))
    except OSError:
        return False
    name = path.rpartition("/")[2]
    return stat.S_ISREG(facts.st_mode) and platform.fronting.is_program(name, facts.st_mode)


def why_unusable(root: str | None, path: str, platform: Platform, *, program: bool) -> str:
    """Return why a file of the administrators cannot be used by all users; empty if it can."""
    top = top_of(root)
    loose = loose_places(path, root, platform) or ()
    if loose:
        return str(loose[0])
    places, broken = walk(path, top, ignore_case=False)
    if broken:
        return str(broken[0])
    if not os.path.isfile(within(top, path)):
        return f"{path} does not exist"
    for place, facts in places[:-1]:
        if stat.S_ISDIR(facts.st_mode) and not facts.st_mode & stat.S_IXOTH:
            return f"{place} is closed to other users (mode {stat.S_IMODE(facts.st_mode):04o})"
    place, facts = places[-1]
    needed = stat.S_IROTH | (stat.S_IXOTH if program else 0)
    return "" if facts.st_mode & needed == needed else f"{place} cannot be used by all users"


def find_personal(platform: HostPlatform, programs: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Return the clients of this account that no shim can stand in front of, with what each is."""
    home = glob.escape(os.path.expanduser("~"))
    found = {
        path: what
        for pattern, what in platform.places.personal
        for program in programs
        for name in platform.fronting.entry_names(program)
        for path in sorted(glob.glob(pattern.format(home=home, name=glob.escape(name))))
        if runs(None, path, platform)
    }
    return tuple(found.items())
