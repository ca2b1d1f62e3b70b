"""What a run leaves of the files below a home, and in which of them a credential stands."""

import os
import re

SECRET = b"made-up-"
"""How every credential of these hosts begins."""
TIMES = re.compile(r"\.\d{12,}")


def content_of(path):
    """Return what is in a file, or what it is else; None where nothing is."""
    if os.path.islink(path):
        return os.readlink(path)
    if not os.path.isfile(path):
        return "directory" if os.path.isdir(path) else None
    try:
        with open(path, "rb") as file:
            return file.read()
    except PermissionError:
        return "unreadable"


def contents(home, names):
    """Return what is in each of some files below a home."""
    return {name: content_of(f"{home}/{name}") for name in names}


def fates(before, after):
    """Return what became of each file."""
    return {name: _fate(content, after[name]) for name, content in before.items()}


def _fate(before, after):
    if after is None and before is not None:
        return "gone"
    return "same" if before == after else "changed"


def holding(home):
    """Return the files below a home in which a made-up credential stands."""
    found = set()
    for folder, _, names in os.walk(home):
        for name in names:
            path = f"{folder}/{name}"
            content = content_of(path)
            if isinstance(content, bytes) and SECRET in content:
                found.add(TIMES.sub(".<ms>", os.path.relpath(path, home)))
    return sorted(found)
