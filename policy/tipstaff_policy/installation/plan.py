"""Plan the steps that install or uninstall from the state of a host; values to values.

Every order of steps is one that may stop anywhere: what a later step needs is there before, an
entry is at every instant the client or a shim whose client is in its place aside, and the list of
what was written is kept before the first file and taken away after the last (ADR 0025).
"""

import hashlib
from collections.abc import Iterator

from tipstaff_policy.clients.shim import Shim
from tipstaff_policy.installation.manifest import render_manifest
from tipstaff_policy.installation.model import (
    Entry,
    File,
    Manifest,
    Seen,
    Step,
    Wanted,
    Written,
    absolute,
)
from tipstaff_policy.installation.platforms import load_platform
from tipstaff_policy.installation.platforms.interface import HostPlatform, Places

PROGRAM_MODE = 0o755
LOGS_MODE = 0o700
SHIMS = ("shim", "edited shim")


def plan_install(seen: Seen, wanted: Wanted) -> tuple[Step, ...]:
    """Return what is missing from an installation; nothing where it is whole."""
    platform = load_platform(wanted.platform)
    manifest, old = platform.places.manifest, seen.manifest or Manifest(wanted.version)
    entries = [entry for entry in seen.entries if _is_to_front(entry)]
    shims = [_plan_shim(entry, wanted, old) for entry in entries]
    ours = [file for file in wanted.files if not _is_foreign(file, seen)]
    written = (*shims, *(as_written(our) for our in ours))
    kept = {shim.path for shim in written}
    dropped = [file for file in old.written if file.path not in kept]
    folders = tuple(dict.fromkeys((*old.folders, *wanted.folders)))
    new = Manifest(wanted.version, folders, written)
    return (
        *_manifest_step(manifest, seen, new._replace(written=(*written, *dropped))),
        *(step for entry in seen.entries for step in _front(entry, wanted, old)),
        *(Step("make", folder, "the folder for logs", mode=LOGS_MODE) for folder in seen.lacking),
        *(step for file in wanted.files for step in _install_file(file, seen, platform)),
        *(step for file in dropped for step in _remove_file(file, seen)),
        *_last_manifest_step(manifest, new, dropped),
    )


def plan_uninstall(seen: Seen, wanted: Wanted) -> tuple[Step, ...]:
    """Return what takes an installation away; nothing where there is none.

    Without a list of what was written, files that are exactly as this version writes them are
    taken for its own, and a client comes back from where it was set aside.
    """
    old = seen.manifest or Manifest(
        wanted.version,
        written=tuple(as_written(file) for file in wanted.files if seen.files[file.path] == file),
    )
    places = load_platform(wanted.platform).places
    fronted = {entry.path for entry in seen.entries}
    files = [file for file in old.written if file.path not in fronted]
    return (
        *(step for entry in seen.entries for step in _give_back(entry, old, places)),
        *(step for file in reversed(files) for step in _remove_file(file, seen)),
        *(
            [Step("remove", places.manifest, "the list of installed files")]
            if seen.manifest
            else []
        ),
    )


def shim_of(path: str, wanted: Wanted) -> bytes:
    """Return the shim that stands at an entry."""
    platform = load_platform(wanted.platform)
    aside = platform.places.aside_of(path)
    shim = Shim(wanted.version, wanted.python, wanted.guard, aside)
    return platform.fronting.render_shim(shim, wanted.launcher)


def digest(content: bytes) -> str:
    """Return the hash that shows whether others have changed a file."""
    return hashlib.sha256(content).hexdigest()


def _is_to_front(entry: Entry) -> bool:
    if entry.loose:
        return False
    return entry.kind == "client" or (entry.kind in SHIMS and (entry.runs or entry.was_runs))


def _plan_shim(entry: Entry, wanted: Wanted, old: Manifest) -> Written:
    known = old.at(entry.path)
    was = entry.link if entry.kind == "client" else known.was if known else entry.aside_link
    return Written(entry.path, digest(shim_of(entry.path, wanted)), was=was)


def as_written(file: File) -> Written:
    """Return how a file or link stands in the list."""
    return Written(file.path, "" if file.link else digest(file.content), file.link)


def _manifest_step(place: str, seen: Seen, manifest: Manifest) -> Iterator[Step]:
    content = render_manifest(manifest)
    if content != seen.manifest_content:
        yield Step("write", place, "the list of installed files", content)


def _last_manifest_step(place: str, manifest: Manifest, dropped: list[Written]) -> Iterator[Step]:
    if dropped:
        content = render_manifest(manifest)
        yield Step("write", place, "the list without files that are no longer installed", content)


def _front(entry: Entry, wanted: Wanted, old: Manifest) -> Iterator[Step]:
    """Set the client aside, then put the shim over its entry."""
    places = load_platform(wanted.platform).places
    match entry.kind:
        case "client" | "shim" | "edited shim" if entry.loose:
            detail = f"not guarded, because a shim here would have no effect: {entry.loose}"
            yield Step("leave", entry.path, detail)
        case "client":
            yield from _set_aside(entry, entry.link, places)
            yield Step("write", entry.path, "the shim", shim_of(entry.path, wanted), PROGRAM_MODE)
        case "shim" | "edited shim" if entry.runs or entry.was_runs:
            yield from _mend(entry, wanted, old)
        case "shim" | "edited shim":
            yield from _give_back(entry, old, places)
        case "absent":
            yield from _forget(entry, places)
        case "leads on" | "other":
            pass


def _mend(entry: Entry, wanted: Wanted, old: Manifest) -> Iterator[Step]:
    if not entry.runs:
        places = load_platform(wanted.platform).places
        yield from _set_aside(entry, _plan_shim(entry, wanted, old).was, places)
    content = shim_of(entry.path, wanted)
    if entry.content != content:
        detail = "the shim of this version" if entry.kind == "shim" else "the shim, repaired"
        yield Step("write", entry.path, detail, content, PROGRAM_MODE)


def _forget(entry: Entry, places: Places) -> Iterator[Step]:
    """Clean up after a client whose entry was removed."""
    aside = places.aside_of(entry.path)
    if entry.aside == "link":
        yield Step("remove", aside, "the client was uninstalled")
    elif entry.aside == "file":
        yield Step("leave", aside, "a client that was set aside, whose shim was removed")


def _set_aside(entry: Entry, link: str, places: Places) -> Iterator[Step]:
    aside = places.aside_of(entry.path)
    if not link and entry.aside != "same file":
        yield Step("set aside", aside, "the client", target=entry.path)
    elif link and (target := absolute(link, entry.path)) != entry.aside_link:
        yield Step("link", aside, "the client, where its shim finds it", target=target)


def _give_back(entry: Entry, old: Manifest, places: Places) -> Iterator[Step]:
    """Put the client back in its place; a file that others put there stays."""
    aside, known = places.aside_of(entry.path), old.at(entry.path)
    if entry.kind not in (*SHIMS, "absent"):
        if known:
            yield Step(
                "leave", entry.path, "changed since it was installed; not Tipstaff's any more"
            )
        if entry.aside == "file":
            yield Step(
                "leave", aside, f"a client set aside; {entry.path} is a different program now"
            )
    else:
        if entry.kind == "edited shim":
            detail = "a copy of the shim, which was edited"
            yield Step("write", f"{aside}.edited", detail, entry.content)
        restored = _restore(entry, known.was if known else "", aside)
        yield from [restored] if restored else []
    if entry.aside in ("link", "same file"):
        yield Step("remove", aside, "a second name of the client")


def _restore(entry: Entry, was: str, aside: str) -> Step | None:
    """Return what brings the client back to its entry; None where there is nothing to do."""
    link = was if was and entry.was_runs else entry.aside_link
    if link and (entry.runs or entry.was_runs):
        return Step("link", entry.path, "the client", target=link)
    if entry.runs:
        return Step("put back", entry.path, "the client", target=aside)
    if entry.kind in SHIMS:
        return Step("remove", entry.path, "the client behind this shim is gone")
    return None


def _is_foreign(file: File, seen: Seen) -> bool:
    """Return whether there is something in a place that Tipstaff has never written to."""
    found = seen.files[file.path]
    known = seen.manifest.at(file.path) if seen.manifest else None
    return found is not None and found != file and known is None


def _install_file(file: File, seen: Seen, platform: HostPlatform) -> Iterator[Step]:
    words = platform.services.words
    if _is_foreign(file, seen):
        yield Step("leave", file.path, "not written by Tipstaff")
    elif seen.files[file.path] == file:
        return
    elif file.link:
        yield Step("link", file.path, words.enables, target=file.link)
    else:
        yield Step("write", file.path, f"the {words.file}", file.content)


def _remove_file(written: Written, seen: Seen) -> Iterator[Step]:
    found = seen.files.get(written.path)
    if found is None:
        return
    if as_written(found) == written:
        yield Step("remove", written.path, "written by Tipstaff")
    else:
        yield Step("leave", written.path, "changed since it was written")
