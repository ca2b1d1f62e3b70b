"""Reading an artefact from the disk: a file with the signature beside it, or a folder."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from tipstaff_policy.errors import AccessDeniedError
from tipstaff_policy.files import file_type, read_bounded
from tipstaff_rollout.model import ArtefactError, File

LARGEST = 1 << 28
"""Bytes of one file; the largest artefacts are packages of a few megabytes."""
SIGNATURE = ".sig"
EXECUTABLE = 0o100


def read_artefact(path: Path) -> tuple[File, ...]:
    """Return the files of an artefact; beside a single one also its signature, if there is one.

    Raises:
        ArtefactError: It is or holds something else than files and folders.
        AccessDeniedError: Something cannot be read.
    """
    try:
        if path.is_dir():
            return tuple(_read(path / each, each) for each in sorted(_names(path, "")))
        beside = path.with_name(path.name + SIGNATURE)
        places = [path, beside] if os.path.lexists(beside) else [path]
        return tuple(_read(each, each.name) for each in places)
    except OSError as error:
        where = str(error.filename or path)
        raise AccessDeniedError(f"cannot be read: {error.strerror}", where=where) from error


def _names(folder: Path, base: str) -> Iterator[str]:
    """Yield the paths of all files in a folder, relative to the artefact."""
    for entry in folder.iterdir():
        name = f"{base}{entry.name}"
        if entry.is_dir() and not entry.is_symlink():
            yield from _names(entry, f"{name}/")
        else:
            yield name


def _read(path: Path, name: str) -> File:
    mode = path.lstat().st_mode
    if not stat.S_ISREG(mode):
        raise ArtefactError(
            f"is a {file_type(mode)}", where=str(path), expected="files and folders, nothing else"
        )
    return File(name, read_bounded(str(path), LARGEST), executable=bool(mode & EXECUTABLE))
